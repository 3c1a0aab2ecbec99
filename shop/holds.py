"""Holds: pieces and a place kept for whoever is in checkout, for a stated time.

A hold is taken when somebody enters checkout, not when something is put into a basket:
baskets that lie about must not empty the shelf.
"""

from __future__ import annotations

import datetime
import json
from collections.abc import Callable, Collection
from typing import Any, TypeVar

from django.db import IntegrityError, connection, transaction
from django.db.models import F, Q, QuerySet
from django.db.models.expressions import CombinedExpression
from django.db.models.functions import Now
from django.utils import timezone

from shop import limits
from shop.availability import DayAnswer, Reason, Wish, day_for
from shop.calendar import today
from shop.compiled import Compiled, Given
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
from shop.first_hold import keep_first
from shop.hours import load_hours
from shop.inserting import insert
from shop.judging import judge
from shop.models import BakeDay, Capacity, Hold, Slot
from shop.shopping import PricedBasket, wishes
from shop.supply import FAR_AWAY_DAYS, Supply

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

_KEPT = Compiled(
    lambda: Hold.objects.annotate(is_live=_IS_LIVE).filter(basket_token=Given("token"))
)
_LOCKED = Compiled(
    lambda: (
        Hold.objects.select_for_update(of=("self",))
        .annotate(
            is_live=_IS_LIVE,
            before_cut_off=Q(slot__bake_day__cut_off__gt=Now()),
            bake_day_id=F("slot__bake_day"),
        )
        .filter(basket_token=Given("token"))
    )
)
_OTHERS = Compiled(
    lambda: (
        Hold.objects.only("pk")
        .filter(network=Given("network"), expires_at__gt=Now())
        .exclude(basket_token=Given("token"))[:MAX_HOLDS_PER_NETWORK]
    )
)

# "prepared" as in shop/compiled.py; the clock is the database's, as Django's Now() is.
_REMEMBER = {
    vendor: f"/* prepared */ UPDATE shop_hold SET contact = %s"
    f" WHERE basket_token = %s AND expires_at > {now}"  # nosec B608 - our own words
    for vendor, now in {
        "postgresql": "statement_timestamp()",
        "sqlite": "strftime('%%Y-%%m-%%d %%H:%%M:%%f', 'now')",
    }.items()
}
_REMEMBER_FITTING = {
    "postgresql": """/* prepared */ UPDATE shop_hold SET contact = %s
        WHERE basket_token = %s AND basket_version = %s AND slot_id = %s
          AND expires_at > statement_timestamp() + make_interval(mins => %s)""",
    "sqlite": """/* prepared */ UPDATE shop_hold SET contact = %s
        WHERE basket_token = %s AND basket_version = %s AND slot_id = %s
          AND expires_at > strftime(
              '%%Y-%%m-%%d %%H:%%M:%%f', 'now', '+' || %s || ' minutes')""",
}

_Answer = TypeVar("_Answer")


def take_hold(
    basket: PricedBasket, *, network: str, now: datetime.datetime | None = None
) -> None:
    """Keep the basket's pieces and its slot's place for HOLD_MINUTES.

    All or nothing, in a transaction of its own. A basket has one hold: entering again
    gives the old units back and takes the new ones in the same moment, so nobody is
    blocked by a hold of their own, and counts as an extension while the old one lives.
    Whoever had a live hold before the cut-off may enter again until that one expires.
    Raises BasketIsEmpty, ChooseASlot, NotAvailable, PastCutOff, LimitReached and
    TooManyHolds; nothing is changed then. A first hold takes two statements on
    PostgreSQL.
    """
    demand_orderable(basket)
    sweeping_once(lambda: _enter(basket, network, now))


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
    """The basket's hold while it lives. One query."""
    hold = kept_hold(token)
    return hold if hold and hold.is_live else None


def kept_hold(token: str) -> Hold | None:
    """The same, dead or alive; is_live by the database's clock. One query."""
    return _KEPT.first(token=token)


def remember_contact(token: str, contact: Contact) -> bool:
    """Note on the live hold what the first checkout screen was told. Repeatable.

    False if the hold has expired.
    """
    with connection.cursor() as cursor:
        told = json.dumps(contact.as_facts())
        cursor.execute(_REMEMBER[connection.vendor], [told, token])
        return cursor.rowcount == 1


def remember_on_fitting(
    basket: PricedBasket, contact: Contact, *, minutes: int
) -> bool:
    """The same on a hold of just that basket that lives for so many minutes yet.

    False changes nothing: there is no such hold. One statement.
    """
    told = json.dumps(contact.as_facts())
    which = [basket.token, basket.version, basket.slot.pk, minutes]
    with connection.cursor() as cursor:
        cursor.execute(_REMEMBER_FITTING[connection.vendor], [told, *which])
        return cursor.rowcount == 1


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
    wanted = wishes(basket)
    if _reasons(_without_limits(wanted, bake_day, now)):
        # Asked once more, to tell with the reasons what could be had instead.
        _raise_reasons(day_for(wanted, bake_day.date, now=now, hold=hold))


def locked_hold(token: str) -> Hold | None:
    """The basket's hold, dead or alive, locked; is_live by the database's clock.

    Needs an open transaction.
    """
    return _LOCKED.first(token=token)


def lock_for_exchange(hold: Hold, units: Collection[int]) -> None:
    """Lock what the hold has drawn and what is to be taken, all in id order.

    Giving back and then taking in two statements could otherwise meet another server
    that does the same with the same limits the other way round.
    """
    mine = Q(pk__in=units) | Q(pk__in=hold.draws.values("capacity"))
    rows = Capacity.objects.filter(mine).order_by("pk").select_for_update(no_key=True)
    list(rows.values_list("pk"))


def units_of(basket: PricedBasket, *, turn: str = "") -> dict[int, int]:
    """What the basket draws: capacity id -> units. For a turn see draws_for()."""
    pieces = [(wish.variant, wish.quantity) for wish in wishes(basket)]
    return draws_for(pieces, basket.slot.bake_day, basket.slot, turn=turn)


def drop_row(hold: Hold) -> None:
    """Delete a hold whose draws are gone."""
    hold.delete()


# --- entering ----------------------------------------------------------------------


def _enter(basket: PricedBasket, network: str, now: datetime.datetime | None) -> None:
    for _ in range(_TRIES):
        try:
            with transaction.atomic(durable=True):
                _replace(basket, network, now)
        except IntegrityError:  # a second tab made the basket's hold just now
            continue
        return
    raise LimitReached("Too many tabs are in checkout at once. Please try again.")


def _replace(basket: PricedBasket, network: str, now: datetime.datetime | None) -> None:
    # One network enters once at a time until commit, so that its cap is exact.
    units = units_of(basket, turn=f"hold:{network}")
    if _is_available(basket, now) and keep_first(
        basket, network, units, minutes=HOLD_MINUTES, most=MAX_HOLDS_PER_NETWORK
    ):
        return
    old = locked_hold(basket.token)
    _demand_fair(network, basket.token)
    demand_available(basket, hold=old, now=now)
    if old is None:
        hold = _new(basket, network)
    else:
        lock_for_exchange(old, units)
        limits.give_back(hold=old)
        hold = _renew(old, basket, network)
    limits.take(units, hold=hold)


def _demand_fair(network: str, token: str) -> None:
    if len(_OTHERS.all(network=network, token=token)) >= MAX_HOLDS_PER_NETWORK:
        raise TooManyHolds(
            "Several people are in checkout from your network right now. "
            f"Please try again in {HOLD_MINUTES} minutes."
        )


def _new(basket: PricedBasket, network: str) -> Hold:
    hold = Hold(
        basket_token=basket.token,
        basket_version=basket.version,
        slot=basket.slot,
        network=network,
        expires_at=_from_now(),
    )
    insert([hold])
    return hold


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


def _without_limits(
    wanted: list[Wish], bake_day: BakeDay, now: datetime.datetime | None
) -> DayAnswer:
    """What hours, cut-offs and seasons say; no limit is read, for taking decides that.

    No query where the catalogue is remembered (shop/remembered.py).
    """
    now, date = now or timezone.now(), bake_day.date
    if abs((date - today(now)).days) > FAR_AWAY_DAYS:
        return day_for(wanted, date, now=now)
    supply = Supply(
        first=date,
        last=date,
        now=now,
        hold=None,
        hours=load_hours(date, date),
        bake_days={date: bake_day},
        uses={},
    )
    return judge(supply, wanted, date)


def _is_available(basket: PricedBasket, now: datetime.datetime | None) -> bool:
    """To somebody who holds nothing yet; what is left of the limits is not asked."""
    answer = _without_limits(wishes(basket), basket.slot.bake_day, now)
    return not _reasons(answer)


def _reasons(answer: DayAnswer) -> tuple[Reason, ...]:
    return tuple(r for r in answer.reasons if r.code not in _ABOUT_LIMITS)


def _raise_reasons(answer: DayAnswer) -> None:
    reasons = _reasons(answer)
    late = next((r for r in reasons if r.code == "past_cut_off"), None)
    if late:
        raise PastCutOff(late.sentence)
    if reasons:
        raise NotAvailable(" ".join(r.sentence for r in reasons), reasons=reasons)
