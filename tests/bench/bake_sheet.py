"""How long the bake sheet of a busy day takes.

A thousand orders of three lines each over the demo bakery's products, on a PostgreSQL
of its own. Beside the sheet stands its floor, taken in the same run: the one statement
that adds up the pieces of the same orders.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable

import django

from tests.bench.apart import apart
from tests.bench.row import Row, beside
from tests.bench.stage import Stage
from tests.bench.turns import by_turns

ORDERS = 1_000
LINES = 3
ROUNDS = 9


def measure(stage: Stage) -> list[Row]:
    """The sheet, and the page that shows it."""
    return apart(measured, stage.rounds if stage.quick else ROUNDS)


def measured(rounds: int) -> list[Row]:
    """In a process that has no Django yet, on a database that nobody else has."""
    os.environ.pop("DATABASE_URL", None)
    os.environ["TEST_ENGINE"] = "postgresql"
    import tests.engine  # noqa: F401 - starts the database and names it

    os.environ["DJANGO_SETTINGS_MODULE"] = "settings.test"
    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    call_command("demo", "--no-pictures", stdout=sys.stderr, stderr=sys.stderr)
    return rows(fill(), rounds)


def fill():
    """Write the orders, and give the day they are for."""
    from shop.models import BakeDay, Order, OrderLine, Variant

    day = BakeDay.objects.order_by("date")[3]
    slots = list(day.slots.all())
    variants = list(Variant.objects.filter(recipe__isnull=False).order_by("pk"))
    orders = Order.objects.bulk_create(
        Order(
            code=f"{number:06d}",
            secret=f"bench-{number}",
            basket_token=f"bench-{number}",
            name="Mrs Ssoni",
            email="ssoni@example.com",
            bake_day=day,
            slot=slots[number % len(slots)],
            currency="EUR",
            total_cents=0,
            tax_cents=0,
        )
        for number in range(ORDERS)
    )
    OrderLine.objects.bulk_create(
        OrderLine(
            order=order,
            variant=variants[(number * LINES + line) % len(variants)],
            name="bench",
            quantity=1 + line,
            unit_price_cents=0,
            total_cents=0,
            tax_permille=0,
            tax_cents=0,
        )
        for number, order in enumerate(orders)
        for line in range(LINES)
    )
    return day.date


def rows(date, rounds: int) -> list[Row]:
    from django.db.models import Sum
    from django.test import Client
    from django.urls import reverse

    from shop.bakesheet import bake_sheet
    from shop.models import OrderLine, User

    baker = Client()
    baker.force_login(User.objects.get(email="owner@demo.bakery"))
    page = reverse("staff:bake_sheet", args=[date])

    def floor() -> None:
        lines = OrderLine.objects.filter(order__bake_day__date=date)
        list(lines.values("variant").annotate(Sum("quantity")))

    return [
        _row(work, rounds, does, floor)
        for work, does in (
            ("bake_sheet()", lambda: bake_sheet(date)),
            ("the bake sheet's page", lambda: baker.get(page)),
        )
    ]


def _row(work: str, rounds: int, ours: Callable, floor: Callable) -> Row:
    pairs = by_turns(rounds, lambda: _ms(ours), lambda: _ms(floor))
    mine, other = map(list, zip(*pairs, strict=True))
    note = f"{ORDERS} orders of {LINES} lines; floor: one statement"
    return beside(work, mine, other, "ms", note=note)


def _ms(work: Callable[[], object]) -> float:
    """Milliseconds."""
    began = time.perf_counter()
    work()
    return (time.perf_counter() - began) * 1000
