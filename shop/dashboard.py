"""Today and tomorrow at a glance, for everybody who works here."""

from __future__ import annotations

import datetime
from collections import defaultdict
from dataclasses import dataclass, field

from django.db.models import BigIntegerField, Count, Exists, F, OuterRef, Q, Sum
from django.db.models.functions import Cast
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from shop.models import Capacity, Order, OrderLine, Payment
from shop.piececount import BAKED

PAST_DAYS = 13
# From this share of a limit on, it is shown as running low, as at a full counter.
LOW_PERCENT = 85
WAITING = (Order.State.CONFIRMED, Order.State.IN_PRODUCTION, Order.State.READY)


@dataclass(frozen=True)
class Fill:
    """How much of a limit is taken."""

    what: str
    taken: int
    limit: int
    unit: str

    @property
    def left(self) -> int:
        return max(0, self.limit - self.taken)

    @property
    def percent(self) -> int:
        return min(100, 100 * self.taken // self.limit) if self.limit else 100

    @property
    def level(self) -> str:
        """ "full", "low" or "fine"."""
        if not self.left:
            return "full"
        return "low" if self.percent >= LOW_PERCENT else "fine"

    @property
    def words(self) -> str:
        return f"{self.left} {self.unit} left" if self.left else "full"


@dataclass
class Day:
    """One day's orders, money in cents; `late` ones are past their slot."""

    date: datetime.date
    orders: int = 0
    pieces: int = 0
    cents: int = 0
    unpaid: int = 0
    late: int = 0
    ready: int = 0
    handed_over: int = 0
    slots: list[Fill] = field(default_factory=list)
    low: list[Fill] = field(default_factory=list)


@dataclass(frozen=True)
class Dashboard:
    """`past` ends with today. `failed_tasks` are jobs that gave up, such as mails."""

    today: Day
    tomorrow: Day
    past: list[Day]
    failed_tasks: int
    made_at: datetime.datetime


def dashboard(now: datetime.datetime | None = None) -> Dashboard:
    """Four queries, for any number of orders."""
    now = timezone.localtime(now)
    days = _orders_by_day(now)
    today = now.date()
    shown = [today, today + datetime.timedelta(days=1)]
    _add_pieces(days, shown)
    _add_limits(days, shown)
    return Dashboard(
        today=days[shown[0]],
        tomorrow=days[shown[1]],
        past=[
            days[today - datetime.timedelta(days=n)] for n in range(PAST_DAYS, -1, -1)
        ],
        failed_tasks=DBTaskResult.objects.failed().count(),
        made_at=now,
    )


def _orders_by_day(now: datetime.datetime) -> dict[datetime.date, Day]:
    today = now.date()
    first = today - datetime.timedelta(days=PAST_DAYS)
    last = today + datetime.timedelta(days=1)
    due = Payment.objects.filter(order=OuterRef("pk"), state=Payment.State.DUE)
    slot_is_over = Q(slot__bake_day__date__lt=today) | Q(
        slot__bake_day__date=today, slot__ends__lt=now.time()
    )
    rows = (
        Order.objects.filter(bake_day__date__range=(first, last), state__in=BAKED)
        .annotate(is_due=Exists(due))
        .values("bake_day__date")
        .annotate(
            orders=Count("pk"),
            cents=Sum("total_cents"),
            unpaid=Count("pk", filter=Q(is_due=True)),
            late=Count("pk", filter=Q(state__in=WAITING) & slot_is_over),
            ready=Count("pk", filter=Q(state=Order.State.READY)),
            handed_over=Count("pk", filter=Q(state=Order.State.HANDED_OVER)),
        )
        .order_by()
    )
    dates = (first + datetime.timedelta(days=n) for n in range(PAST_DAYS + 2))
    days = {date: Day(date) for date in dates}
    for row in rows:
        date = row.pop("bake_day__date")
        days[date] = Day(date, **row)
    return days


def _add_pieces(days: dict[datetime.date, Day], shown: list[datetime.date]) -> None:
    rows = (
        OrderLine.objects.filter(
            order__bake_day__date__in=shown, order__state__in=BAKED
        )
        .values_list("order__bake_day__date")
        .annotate(Sum("quantity"))
        .order_by()
    )
    for date, pieces in rows:
        days[date].pieces = pieces


def _add_limits(days: dict[datetime.date, Day], shown: list[datetime.date]) -> None:
    """The slots with their places, and every other limit that runs low."""
    taken, limit = (Cast(name, BigIntegerField()) for name in ("taken", "limit"))
    rows = (
        Capacity.objects.filter(bake_day__date__in=shown)
        # A large shop has hundreds that are fine: they need not leave the database.
        .alias(share=taken * 100, low=limit * LOW_PERCENT)
        .filter(Q(slot__isnull=False) | Q(share__gte=F("low")))
        .select_related("bake_day", "product", "resource", "slot__place")
        .order_by("slot__starts", "pk")
    )
    found: dict[datetime.date, list[Capacity]] = defaultdict(list)
    for row in rows:
        found[row.bake_day.date].append(row)
    for date, capacities in found.items():
        places = {c.slot.place_id for c in capacities if c.slot}
        fills = [(c, _fill(c, several_places=len(places) > 1)) for c in capacities]
        days[date].slots = [fill for c, fill in fills if c.slot]
        days[date].low = [f for c, f in fills if not c.slot and f.level != "fine"]


def _fill(capacity: Capacity, *, several_places: bool) -> Fill:
    if capacity.slot:
        where = f", {capacity.slot.place}" if several_places else ""
        what, unit = f"{capacity.slot}{where}", "places"
    elif capacity.resource:
        what, unit = str(capacity.resource), capacity.resource.unit
    else:
        what, unit = str(capacity.product), "pieces"
    return Fill(what, capacity.taken, capacity.limit, unit)


@dataclass(frozen=True)
class Bar:
    """One day of the drawing: where its bar stands, in the drawing's own units."""

    day: Day
    x: int
    y: int
    height: int


BAR_STEP, BAR_HEIGHT = 24, 80


def bars(days: list[Day]) -> list[Bar]:
    """The days' orders as bars, the highest day as high as the drawing."""
    most = max((day.orders for day in days), default=0) or 1
    heights = [round(BAR_HEIGHT * day.orders / most) for day in days]
    return [
        Bar(day, x=BAR_STEP * n, y=BAR_HEIGHT - height, height=height)
        for n, (day, height) in enumerate(zip(days, heights, strict=True))
    ]
