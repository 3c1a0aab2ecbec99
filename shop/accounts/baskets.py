"""The basket and the account: what comes in at log-in, what stays behind at log-out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from basket.backends.base import Contents, Line
from basket.basket import ShopperBasket
from basket.exceptions import BasketIsClosed, BasketUnavailable, OwnerHasBasket
from basket.tokens import new_token
from shop.models import User

Result = TypeVar("Result")

# Two devices of one account may log in at the same moment; each further try needs
# another basket that was merged or ordered meanwhile.
TRIES = 20


@dataclass(frozen=True)
class Joined:
    """What log-in did to the basket: what was there before, and what did not fit."""

    from_before: Contents | None = None
    put_aside: Contents | None = None
    poured: tuple[Line, ...] = ()

    @property
    def left_out(self) -> int:
        """Pieces that did not fit: 99 of one thing, 100 things."""
        return sum(line.left_out for line in self.poured)


def owner_name(user: User) -> str:
    return f"user:{user.pk}"


def aside_name(user: User) -> str:
    """The owner of what waits until the order at hand is made."""
    return f"aside:{user.pk}"


def bring_basket(basket: ShopperBasket, user: User) -> Joined:
    """Pour this browser's basket into the account's, and go on with that one.

    Repeatable, and safe when many log in at once: each line comes in once. What had
    been put aside comes in too. A basket of another account, left in this browser,
    stays with its owner.
    """
    joined = _retrying(basket, lambda: _pour(basket, user))
    bring_back(basket, user)
    return joined


def keep_basket(basket: ShopperBasket, user: User) -> Joined:
    """Log-in in the middle of checkout: exactly what is being ordered stays.

    The account's earlier lines wait aside; bring_back() brings them after the order.
    """

    def keep() -> Joined:
        _leave_if_foreign(basket, user)
        old = _put_aside(basket, user)
        basket.store.merge(basket.token, basket.token, owner=owner_name(user))
        return Joined(put_aside=old)

    return _retrying(basket, keep)


def bring_back(basket: ShopperBasket, user: User) -> None:
    """The basket is the account's, with what was put aside. Repeatable."""

    def bring() -> None:
        _pour(basket, user)
        aside = basket.store.token_of(aside_name(user))
        if aside:
            basket.store.merge(aside, basket.token, owner=owner_name(user))
            basket.go_on_with(basket.token)

    _retrying(basket, bring)


def leave_basket(basket: ShopperBasket) -> None:
    """Log-out: the account keeps its basket, and the browser begins an empty one."""
    basket.go_on_with(new_token())


def leave_owned_basket(basket: ShopperBasket) -> bool:
    """Leave it if it is an account's; was it? For a log-out that comes again.

    The first one has ended the session, and nobody knows any more whose it was.
    """
    basket.contents()  # follows where the cookie leads
    owned = basket.store.owner_of(basket.token) != ""
    if owned:
        leave_basket(basket)
    return owned


# --- steps -------------------------------------------------------------------------


def _pour(basket: ShopperBasket, user: User) -> Joined:
    owner, store = owner_name(user), basket.store
    _leave_if_foreign(basket, user)
    into = store.token_of(owner) or basket.token
    before = store.read(into) if into != basket.token else None
    poured = store.merge(basket.token, into, owner=owner)
    basket.go_on_with(into)
    return Joined(from_before=before, poured=tuple(poured))


def _put_aside(basket: ShopperBasket, user: User) -> Contents | None:
    store = basket.store
    old = store.token_of(owner_name(user))
    if old is None or old == basket.token:
        return None
    contents = store.read(old)
    aside = store.token_of(aside_name(user)) or new_token()
    store.merge(old, aside, owner=aside_name(user))
    return contents


def _leave_if_foreign(basket: ShopperBasket, user: User) -> None:
    """Reads where the cookie leads; an account's lines never go to another's."""
    basket.contents()
    owner = basket.store.owner_of(basket.token)
    if owner not in {"", owner_name(user), aside_name(user)}:
        leave_basket(basket)


def _retrying(basket: ShopperBasket, step: Callable[[], Result]) -> Result:
    """The step again, with everything read anew, while rivals move the baskets."""
    for _ in range(TRIES):
        try:
            return step()
        except (BasketIsClosed, OwnerHasBasket):
            basket.go_on_with(basket.token)
    raise BasketUnavailable()
