"""Holds: pieces and a place kept for whoever is in checkout, for a stated time.

A hold is taken when somebody enters checkout, not when something is put into a basket:
baskets that lie about must not empty the shelf.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Collection
from typing import Any, TypeVar

from django.db import IntegrityError, connection, transaction
from django.db.models import F, Q, QuerySet
from django.db.models.expressions import CombinedExpression
from django.db.models.functions import Now

from basket.backends.base import Contents
from shop import limits
from shop.availability import DayAnswer, day_for
from shop.contact import Contact
from shop.draws import draws_for
from shop.exceptions import (
    BasketIsEmpty,
    ChooseASlot,
    LimitReached,
    NotAvailable,
    PastCutOff,
    TooManyHolds,
)
from shop.models import Capacity, Hold, Slot
from shop.shopping import PricedBasket, priced, wishes

# How long a hold lasts, and how much each extension gives.
HOLD_MINUTES = 10
# With these a shopper has 40 minutes at most; the database refuses a fourth as well.
MAX_EXTENSIONS = 3
# Live holds of one network (a household, an office) at a time. More would let somebody
# empty the shop by entering checkout again and again without ever ordering.
MAX_HOLDS_PER_NETWORK = 5

_TRIES = 3
_SWEEP_AT_ONCE = 200
_IS_LIVE = Q(expires_at__gt=Now())
# Reasons that are about what is left: the limits themselves decide those.
_ABOUT_LIMITS = {"sold_out", "not_enough", "no_slot"}

_Answer = TypeVar("_Answer")


def enter_checkout(
    contents: Contents, *, network: str, now: datetime.datetime | None = None
) -> Hold:
    """Keep the basket's pieces and its slot's place for HOLD_MINUTES.

    All or nothing, in a transaction of its own. A basket has one hold: entering again
    gives the old units back and takes the new ones in the same moment, so nobody is
    blocked by a hold of their own, and counts as an extension while the old one lives.
    Whoever had a live hold before the cut-off may enter again until that one expires.
    Raises BasketIsEmpty, ChooseASlot, NotAvailable, PastCutOff, LimitReached and
    TooManyHolds; nothing is changed then.
    """
    basket = priced(contents, pictures=False)
    demand_orderable(basket)
    return sweeping_once(lambda: _enter(basket, network, now))


def extend_hold(token: str) -> Hold | None:
    """Give a live hold HOLD_MINUTES from now, at most MAX_EXTENSIONS times.

    One conditional update; two at once count twice, never a fourth time. After the
    cut-off a hold lives on but is extended no more. Returns the live hold as it now
    is, None if there is none.
    """
    # The slots as a subquery, not a join: PostgreSQL asks again whether the conditions
    # of the row itself hold when it had to wait for it, but not those of a join.
    in_time = Slot.objects.filter(bake_day__cut_off__gt=Now())
    Hold.objects.filter(
        basket_token=token,
        expires_at__gt=Now(),
        extensions__lt=MAX_EXTENSIONS,
        slot__in=in_time,
    ).update(expires_at=_from_now(), extensions=F("extensions") + 1)
    return live_hold(token)


def live_hold(token: str) -> Hold | None:
    """The basket's hold, with slot, place and bake day, while it lives. One query."""
    hold = kept_hold(token)
    return hold if hold and hold.is_live else None


def kept_hold(token: str) -> Hold | None:
    """The same, dead or alive; is_live by the database's clock. One query."""
    holds = Hold.objects.select_related("slot__bake_day", "slot__place")
    return holds.annotate(is_live=_IS_LIVE).filter(basket_token=token).first()


def remember_contact(token: str, contact: Contact) -> bool:
    """Note on the live hold what the first checkout screen was told. Repeatable.

    False if the hold has expired.
    """
    holds = Hold.objects.filter(basket_token=token, expires_at__gt=Now())
    return bool(holds.update(contact=contact.as_facts()))


def release_hold(token: str) -> bool:
    """Give everything back at once, such as on leaving checkout. Atomic, repeatable."""
    return _drop(Hold.objects.filter(basket_token=token))


def sweep_holds(capacities: Collection[int] | None = None) -> int:
    """Give back what expired holds had kept; how many there were.

    Only those that draw from the capacities, if any are named. Each hold goes in a
    transaction of its own; one that another server is sweeping or ordering from is
    left to it. At most 200 at a time.
    """
    expired = Hold.objects.filter(expires_at__lte=Now())
    if capacities is not None:
        expired = expired.filter(draws__capacity__in=capacities).distinct()
    ids = list(expired.values_list("pk", flat=True)[:_SWEEP_AT_ONCE])
    return sum(
        _drop(Hold.objects.filter(pk=pk, expires_at__lte=Now()), skip_locked=True)
        for pk in ids
    )


# --- parts that placing an order shares --------------------------------------------


def sweeping_once(attempt: Callable[[], _Answer]) -> _Answer:
    """Do it; if a limit is short, sweep the expired holds of it and try once more."""
    try:
        return attempt()
    except LimitReached as refusal:
        if not sweep_holds([shortage.capacity_id for shortage in refusal.short]):
            raise
    return attempt()


def demand_orderable(basket: PricedBasket) -> None:
    """Raise what stands in the way before any question of day and limits."""
    if not basket.lines:
        raise BasketIsEmpty("There is nothing in your basket yet.")
    if basket.gone:
        names = ", ".join(line.name for line in basket.gone)
        raise NotAvailable(
            f"This cannot be had any more: {names}. Please take it out of the basket."
        )
    if basket.slot is None:
        raise ChooseASlot("Please choose a pick-up time.")


def demand_available(
    basket: PricedBasket, *, hold: Hold | None, now: datetime.datetime | None
) -> None:
    """Raise PastCutOff or NotAvailable unless the day can have all of it.

    `hold` is the basket's locked one: while it lives, its own day is judged as it was
    when the hold was taken. What is left of each limit is not asked here: taking it
    decides that.
    """
    bake_day = basket.slot.bake_day
    if hold is not None and hold.is_live and hold.bake_day_id == bake_day.pk:
        now = hold.created_at
    _raise_reasons(day_for(wishes(basket), bake_day.date, now=now, hold=hold))


def locked_hold(token: str) -> Hold | None:
    """The basket's hold, dead or alive, locked; is_live by the database's clock.

    Needs an open transaction.
    """
    return (
        Hold.objects.select_for_update(of=("self",))
        .annotate(
            is_live=_IS_LIVE,
            before_cut_off=Q(slot__bake_day__cut_off__gt=Now()),
            bake_day_id=F("slot__bake_day"),
        )
        .filter(basket_token=token)
        .first()
    )


def lock_for_exchange(hold: Hold, units: Collection[int]) -> None:
    """Lock what the hold has drawn and what is to be taken, all in id order.

    Giving back and then taking in two statements could otherwise meet another server
    that does the same with the same limits the other way round.
    """
    mine = Q(pk__in=units) | Q(pk__in=hold.draws.values("capacity"))
    rows = Capacity.objects.filter(mine).order_by("pk").select_for_update(no_key=True)
    list(rows.values_list("pk"))


def units_of(basket: PricedBasket) -> dict[int, int]:
    """What the basket draws: capacity id -> units."""
    pieces = [(wish.variant, wish.quantity) for wish in wishes(basket)]
    return draws_for(pieces, basket.slot.bake_day, basket.slot)


def drop_row(hold: Hold) -> None:
    """Delete a hold whose draws are gone."""
    hold.delete()


# --- entering ----------------------------------------------------------------------


def _enter(basket: PricedBasket, network: str, now: datetime.datetime | None) -> Hold:
    for _ in range(_TRIES):
        try:
            with transaction.atomic(durable=True):
                hold = _replace(basket, network, now)
        except IntegrityError:  # a second tab made the basket's hold just now
            continue
        return live_hold(basket.token) or hold
    raise LimitReached("Too many tabs are in checkout at once. Please try again.")


def _replace(basket: PricedBasket, network: str, now: datetime.datetime | None) -> Hold:
    _one_at_a_time(network)
    old = locked_hold(basket.token)
    _demand_fair(network, basket.token)
    demand_available(basket, hold=old, now=now)
    units = units_of(basket)
    if old is None:
        hold = _new(basket, network)
    else:
        lock_for_exchange(old, units)
        limits.give_back(hold=old)
        hold = _renew(old, basket, network)
    limits.take(units, hold=hold)
    return hold


def _one_at_a_time(network: str) -> None:
    """Let one network enter once at a time until commit, so that the cap is exact.

    SQLite's transactions take turns anyway.
    """
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))",
                [f"hold:{network}"],
            )


def _demand_fair(network: str, token: str) -> None:
    others = Hold.objects.filter(network=network, expires_at__gt=Now())
    if others.exclude(basket_token=token).count() >= MAX_HOLDS_PER_NETWORK:
        raise TooManyHolds(
            "Several people are in checkout from your network right now. "
            f"Please try again in {HOLD_MINUTES} minutes."
        )


def _new(basket: PricedBasket, network: str) -> Hold:
    return Hold.objects.create(
        basket_token=basket.token,
        basket_version=basket.version,
        slot=basket.slot,
        network=network,
        expires_at=_from_now(),
    )


def _renew(old: Hold, basket: PricedBasket, network: str) -> Hold:
    """The same row for the basket as it is now; a dead hold starts anew."""
    Hold.objects.filter(pk=old.pk).update(
        basket_version=basket.version,
        slot=basket.slot,
        network=network,
        **_time_left(old),
    )
    return old


def _time_left(old: Hold) -> dict[str, Any]:
    if not old.is_live:
        return {"expires_at": _from_now(), "created_at": Now(), "extensions": 0}
    if old.extensions < MAX_EXTENSIONS and old.before_cut_off:
        return {"expires_at": _from_now(), "extensions": old.extensions + 1}
    return {}


def _from_now() -> CombinedExpression:
    return Now() + datetime.timedelta(minutes=HOLD_MINUTES)


def _drop(holds: QuerySet[Hold], *, skip_locked: bool = False) -> bool:
    with transaction.atomic():
        hold = holds.select_for_update(skip_locked=skip_locked).first()
        if hold is None:
            return False
        limits.give_back(hold=hold)
        drop_row(hold)
        return True


def _raise_reasons(answer: DayAnswer) -> None:
    reasons = tuple(r for r in answer.reasons if r.code not in _ABOUT_LIMITS)
    late = next((r for r in reasons if r.code == "past_cut_off"), None)
    if late:
        raise PastCutOff(late.sentence)
    if reasons:
        raise NotAvailable(" ".join(r.sentence for r in reasons), reasons=reasons)
