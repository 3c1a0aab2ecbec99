"""What every basket store offers, and `stores`, the ones that settings name."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from django.utils.connection import BaseConnectionHandler
from django.utils.module_loading import import_string

from basket.exceptions import InvalidBasketStore


@dataclass(frozen=True)
class Line:
    """Some pieces of one item, with what the shop noted about them.

    left_out is 0 except in the answer of merge(): so many of the pieces did not fit.
    """

    item: str
    quantity: int
    details: dict[str, Any] = field(default_factory=dict)
    left_out: int = 0


@dataclass(frozen=True)
class Contents:
    """What a basket holds at one moment; version 0 is a basket nobody has changed."""

    token: str
    version: int = 0
    state: str = "open"
    next_token: str = ""
    details: dict[str, Any] = field(default_factory=dict)
    lines: tuple[Line, ...] = ()

    @property
    def pieces(self) -> int:
        return sum(line.quantity for line in self.lines)

    def line(self, item: str) -> Line | None:
        return next((line for line in self.lines if line.item == item), None)


@dataclass(frozen=True)
class Change:
    """The basket's version and the line's pieces right after a change.

    repeated: the operation had been done before; this is what it answered then.
    contents: the basket right after the change, where the store knows it without
    another question.
    """

    version: int
    quantity: int
    repeated: bool
    contents: Contents | None = field(default=None, compare=False)


class BasketStore:
    """Base class of basket stores: lines under a token that a cookie carries.

    Several servers change one basket at the same moment, so a store offers changes
    ("two more", "make it three") that happen as a whole or not at all, never a value
    to read, alter and write back.

    Every change carries an operation id of the caller's choice, 1 to 64 characters,
    which counts within its basket only. The same operation again changes nothing and
    gives the first answer, so whoever got no answer may simply send it again.

    Each change raises BasketIsClosed for a basket that was ordered or merged (but a
    repeat is still answered), BasketUnavailable when the store does not answer, and
    changes nothing when it raises anything else of BasketError. Every method may be
    called inside the caller's own transaction.

    A new store is done when it passes tests/basket/store_contract.py.
    """

    # Does an acknowledged change survive the death of any one server?
    durable = False

    def read(self, token: str) -> Contents:
        """What the basket holds, at one moment, lines in the order they came.

        An unknown token is an empty basket of version 0; reading never makes a row.
        """
        raise NotImplementedError("subclasses of BasketStore must provide read()")

    def add(
        self,
        token: str,
        item: str,
        quantity: int,
        *,
        operation: str,
        details: Mapping[str, Any] | None = None,
        facts: Mapping[str, Any] | None = None,
        unless: str = "",
    ) -> Change:
        """Put quantity (1 to 99) more pieces of the item in; makes basket and line.

        details replace those of the line; None leaves them. facts are remembered of
        the basket in the same change, as by remember(), but not if it knows something
        other than None under the key `unless`. Raises LineTooLarge when
        the line would pass 99 pieces, TooManyLines when the basket would pass 100
        lines, NotAQuantity for anything but a positive whole number, NotAnItem for
        an item that is empty, over 120 characters or not proper text, DetailsRefused
        for over 8,000 characters of JSON or what is not proper text.
        """
        raise NotImplementedError("subclasses of BasketStore must provide add()")

    def put(
        self,
        token: str,
        item: str,
        quantity: int,
        *,
        operation: str,
        details: Mapping[str, Any] | None = None,
    ) -> Change:
        """Make the line hold exactly quantity (0 to 99) pieces; 0 takes it out.

        An item the basket does not hold comes in. Details and errors as in add().
        """
        raise NotImplementedError("subclasses of BasketStore must provide put()")

    def remember(
        self, token: str, facts: Mapping[str, Any], *, operation: str
    ) -> Change:
        """Set these keys of the basket's details, keep the others. quantity is 0."""
        raise NotImplementedError("subclasses of BasketStore must provide remember()")

    def merge(self, token: str, into: str, *, owner: str = "") -> list[Line]:
        """Pour one basket into another for good, all or nothing; give what came in.

        Pieces of the same item are summed. What does not fit (99 pieces a line, 100
        lines) stays behind and is told by left_out of the returned line, whose
        quantity is what the old basket held: nothing gets lost unsaid. Details of a
        line come from the basket that is poured, being the newer; the basket's own
        details come from it too, as a whole, if it has any. The old basket is closed
        and leads to `into`, so changes that were on their way follow. owner, if
        given, becomes the owner of `into`.

        Repeatable: again, it gives the same list. Raises BasketIsClosed when `into`
        is closed or `token` already went elsewhere, and OwnerHasBasket; nothing is
        changed then.
        """
        raise NotImplementedError("subclasses of BasketStore must provide merge()")

    def close(self, token: str, *, version: int, next_token: str) -> bool:
        """Mark the basket ordered if it is open and still has exactly that version.

        One conditional change; inside the caller's transaction it counts only when
        that commits. False when it was not so, whatever the reason.
        """
        raise NotImplementedError("subclasses of BasketStore must provide close()")

    def token_of(self, owner: str) -> str | None:
        """The token of the owner's open basket, if there is one."""
        raise NotImplementedError("subclasses of BasketStore must provide token_of()")

    def owner_of(self, token: str) -> str:
        """The owner of the basket, "" without one."""
        raise NotImplementedError("subclasses of BasketStore must provide owner_of()")

    def forget(self, *, untouched_for: timedelta, dry_run: bool = False) -> int:
        """Remove the baskets nobody changed for so long; how many there were.

        Operations that old go too, of the baskets that stay as well: a repeat that
        comes later than this is no longer recognised. dry_run only counts. May be
        interrupted and run again, and run while the shop is open.
        """
        raise NotImplementedError("subclasses of BasketStore must provide forget()")

    def forget_item(self, item: str) -> None:
        """Remove every basket, whatever its state, that has the item. Repeatable."""
        raise NotImplementedError(
            "subclasses of BasketStore must provide forget_item()"
        )

    def trail(
        self, tokens: Iterable[str] = (), *, owners: Iterable[str] = ()
    ) -> list[str]:
        """All of one visitor's: the named, the owners', and what is tied to them.

        Tied are baskets that were ordered or merged and led on to one of them, and
        those they led on to, as far as nobody else owns them. Sorted tokens of baskets
        that exist, whatever their state.
        """
        raise NotImplementedError("subclasses of BasketStore must provide trail()")

    def remove(self, tokens: Iterable[str]) -> int:
        """Remove these baskets for good, whatever their state; how many there were."""
        raise NotImplementedError("subclasses of BasketStore must provide remove()")


class BasketStoreHandler(BaseConnectionHandler):
    """Stores by alias from settings.BASKET_STORES, as django.core.cache.caches."""

    settings_name = "BASKET_STORES"
    exception_class = InvalidBasketStore

    def create_connection(self, alias: str) -> BasketStore:
        """Make the store. Raises InvalidBasketStore, which names the alias."""
        params = self.settings[alias]
        try:
            store_class = import_string(params["BACKEND"])
            return store_class(**params.get("OPTIONS", {}))
        except (ImportError, KeyError, TypeError) as error:
            raise InvalidBasketStore(
                f"BASKET_STORES[{alias!r}] cannot be used: {error!r}"
            ) from error


stores = BasketStoreHandler()
