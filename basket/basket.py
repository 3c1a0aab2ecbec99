"""The basket of whoever sent this request."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from basket import tokens
from basket.backends.base import BasketStore, Change, Contents, stores
from basket.exceptions import BasketIsClosed, BasketUnavailable

# A shopper is led on by one basket per order; who comes with an older cookie than
# this gets no further.
MAX_STEPS = 50


class ShopperBasket:
    """What request.basket is: the token of the cookie, and a store.

    Lazy: no query before contents() or a change. A basket that was ordered or merged
    leads on to the next one by itself. Not shared between requests.
    """

    def __init__(self, cookie_value: str | None) -> None:
        self._cookie_token = tokens.read(cookie_value)
        self._token = self._cookie_token
        self._contents: Contents | None = None
        self._changed = False

    @property
    def store(self) -> BasketStore:
        return stores["default"]

    @property
    def token(self) -> str:
        """Always a good one: a shopper who has none is given one at this moment."""
        if self._token is None:
            self._token = tokens.new_token()
        return self._token

    @property
    def has_cookie(self) -> bool:
        """Whether the request came with a cookie that we issued."""
        return self._cookie_token is not None

    @property
    def cookie_is_due(self) -> bool:
        """Whether the response must carry the cookie: it is new, or newly needed.

        A change renews it, so that it lives as long after the last change as the
        basket itself.
        """
        return self._changed or self._token != self._cookie_token

    def contents(self) -> Contents:
        """What it holds; one query, the first time, and none after that, or after a
        change that told it."""
        if self._contents is None:
            self._contents = self._read()
        return self._contents

    def go_on_with(self, token: str) -> None:
        """Be the basket of this token from now on, and read it anew."""
        self._token = token
        self._contents = None

    def _read(self) -> Contents:
        for _ in range(MAX_STEPS):
            contents = self.store.read(self.token)
            if contents.state == "open":
                return contents
            self._token = contents.next_token
        raise BasketUnavailable()

    def add(
        self,
        item: str,
        quantity: int,
        *,
        operation: str,
        details: Mapping[str, Any] | None = None,
        facts: Mapping[str, Any] | None = None,
        unless: str = "",
    ) -> Change:
        """As BasketStore.add()."""
        noted = {"details": details, "facts": facts, "unless": unless}
        return self._change("add", item, quantity, operation=operation, **noted)

    def put(
        self,
        item: str,
        quantity: int,
        *,
        operation: str,
        details: Mapping[str, Any] | None = None,
    ) -> Change:
        """As BasketStore.put()."""
        return self._change("put", item, quantity, operation=operation, details=details)

    def remember(self, facts: Mapping[str, Any], *, operation: str) -> Change:
        """As BasketStore.remember()."""
        return self._change("remember", facts, operation=operation)

    def _change(self, verb: str, *args: Any, **named: Any) -> Change:
        self._contents = None
        for _ in range(MAX_STEPS):
            try:
                change = getattr(self.store, verb)(self.token, *args, **named)
            except BasketIsClosed as closed:
                self._token = closed.next_token
            else:
                self._changed = True
                self._contents = change.contents
                return change
        raise BasketUnavailable()
