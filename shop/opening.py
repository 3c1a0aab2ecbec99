"""Opens bake days for orders: the day, its slots and its limits."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from django.db import transaction
from django.db.models import Count, Model, Q, QuerySet

from shop.calendar import day_words, moment_words, today
from shop.drawn import GONE
from shop.hours import OpeningHours, load_hours
from shop.models import BakeDay, Capacity, Place, Product, Resource, Slot
from shop.reconcile import count_orders

DAYS = 14


@dataclass(frozen=True)
class OpenedDays:
    """How many rows were missing and have been made, and what staff should look at."""

    bake_days: int
    slots: int
    limits: int
    notes: tuple[str, ...] = ()


def open_days(
    first: dt.date | None = None, days: int = DAYS, *, dry_run: bool = False
) -> OpenedDays:
    """Open so many dates from the first one (today if none) for orders.

    Makes what is missing: a bake day for each date a place is open, slots in its
    opening hours, limits for products that have one, for resources and for slots.
    Nothing that exists is changed or deleted, so what staff have set stays; a slot that
    should go is set to no places. A limit that is new on a day with orders counts them
    at once. The notes name what needs a person, such as orders that a later exception
    has left without opening hours. Repeatable, also on many servers at once. One
    transaction and a constant number of queries, apart from orders to be counted.
    """
    first = first or today()
    last = first + dt.timedelta(days=days - 1)
    with transaction.atomic():
        opened, new_limits = _open(first, last)
        if dry_run:
            transaction.set_rollback(True)
            return opened
    raised = tuple(map(_raised, count_orders(new_limits)))
    return replace(opened, notes=opened.notes + raised)


def _open(first: dt.date, last: dt.date) -> tuple[OpenedDays, list[Capacity]]:
    hours = load_hours(first, last)
    made_days = _make_bake_days(hours, first, last)
    bake_days = list(BakeDay.objects.filter(date__range=(first, last)).order_by("date"))
    made_slots = _make_slots(hours, bake_days)
    limits = _make_limits(bake_days)
    notes = tuple(_notes(hours, bake_days))
    return OpenedDays(made_days, made_slots, len(limits), notes), limits


def _make_bake_days(hours: OpeningHours, first: dt.date, last: dt.date) -> int:
    dates = [first + dt.timedelta(days=n) for n in range((last - first).days + 1)]
    known = set(BakeDay.objects.filter(date__in=dates).values_list("date", flat=True))
    missing = [
        BakeDay(date=date, cut_off=hours.cut_off(date, 1))
        for date in dates
        if date not in known and hours.is_working(date)
    ]
    return _make(BakeDay, missing)


def _make_slots(hours: OpeningHours, bake_days: Iterable[BakeDay]) -> int:
    known: dict[tuple[int, int], list[Slot]] = {}
    for slot in Slot.objects.filter(bake_day__in=bake_days):
        known.setdefault((slot.bake_day_id, slot.place_id), []).append(slot)
    missing = [
        Slot(bake_day=bake_day, place=place, starts=starts, ends=ends)
        for bake_day in bake_days
        for place in hours.places
        for starts, ends in _times(hours, place, bake_day.date)
        if not any(
            slot.starts < ends and starts < slot.ends
            for slot in known.get((bake_day.pk, place.pk), [])
        )
    ]
    return _make(Slot, missing)


def _times(
    hours: OpeningHours, place: Place, date: dt.date
) -> Iterator[tuple[dt.time, dt.time]]:
    """Start and end of each slot that lies wholly in the opening hours."""
    length = dt.timedelta(minutes=place.slot_minutes)
    for opens, closes in hours.hours(place, date):
        starts = dt.datetime.combine(date, opens)
        while starts + length <= dt.datetime.combine(date, closes):
            yield starts.time(), (starts + length).time()
            starts += length


def _make_limits(bake_days: list[BakeDay]) -> list[Capacity]:
    known = {
        (limit.bake_day_id, limit.product_id, limit.resource_id, limit.slot_id)
        for limit in Capacity.objects.filter(bake_day__in=bake_days)
    }
    missing = [
        limit
        for limit in _limits(bake_days)
        if (limit.bake_day_id, limit.product_id, limit.resource_id, limit.slot_id)
        not in known
    ]
    _make(Capacity, missing)
    return missing


def _limits(bake_days: list[BakeDay]) -> Iterator[Capacity]:
    products = list(Product.objects.filter(is_listed=True, daily_limit__isnull=False))
    resources = list(Resource.objects.all())
    for bake_day in bake_days:
        date = bake_day.date
        for product in products:
            if product.is_baked_on(date.weekday()) and product.is_in_season(
                f"{date:%m-%d}"
            ):
                yield Capacity(
                    bake_day=bake_day, product=product, limit=product.daily_limit
                )
        for resource in resources:
            yield Capacity(
                bake_day=bake_day, resource=resource, limit=resource.daily_limit
            )
    slots = Slot.objects.filter(bake_day__in=bake_days).select_related("place")
    for slot in slots:
        yield Capacity(
            bake_day_id=slot.bake_day_id, slot=slot, limit=slot.place.places_per_slot
        )


def _make(model: type[Model], rows: list[Model]) -> int:
    # Another server may make the same rows at this moment; they are the same then.
    model.objects.bulk_create(rows, ignore_conflicts=True, batch_size=500)
    return len(rows)


def _notes(hours: OpeningHours, bake_days: list[BakeDay]) -> Iterator[str]:
    """What no machine may decide, since days are never changed once they are open."""
    yield from _stranded_orders(hours, bake_days)
    for bake_day in bake_days:
        closes_on = today(bake_day.cut_off)
        if closes_on != bake_day.date and not hours.is_working(closes_on):
            yield (
                f"{day_words(bake_day.date)}: orders close on "
                f"{moment_words(bake_day.cut_off)}, when no place is open."
            )


def _raised(limit: Capacity) -> str:
    return f"{limit}: more is ordered than the limit you set, so it was raised to that."


def _stranded_orders(hours: OpeningHours, bake_days: list[BakeDay]) -> Iterator[str]:
    """Orders for times at which nobody is at the counter."""
    stranded: Counter[tuple[dt.date, Place]] = Counter()
    for slot in _with_orders(bake_days):
        date = slot.bake_day.date
        if not any(
            opens <= slot.starts and slot.ends <= closes
            for opens, closes in hours.hours(slot.place, date)
        ):
            stranded[date, slot.place] += slot.live_orders
    for (date, place), orders in stranded.items():
        noun = "order lies" if orders == 1 else "orders lie"
        yield (
            f"{day_words(date)}: {orders} {noun} outside the opening hours of {place}."
        )


def _with_orders(bake_days: list[BakeDay]) -> QuerySet[Slot]:
    live = Count("orders", filter=~Q(orders__state__in=GONE))
    return (
        Slot.objects.filter(bake_day__in=bake_days)
        .annotate(live_orders=live)
        .filter(live_orders__gt=0)
        .select_related("place", "bake_day")
        .order_by("bake_day__date", "place__position", "starts")
    )
