"""How long the bake sheet of a busy day takes: `make bench`.

A thousand orders of three lines each over the demo bakery's products, on a PostgreSQL
of its own. Beside the sheet stands its floor, taken in the same run: the one statement
that adds up the pieces of the same orders.
"""

from __future__ import annotations

import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable

import django

import tests.engine  # noqa: F401 - starts the database and names it

ORDERS = 1_000
LINES = 3
ROUNDS = 9


def main() -> None:
    os.environ["VAR_DIR"] = tempfile.mkdtemp(prefix="bakery-bench-")
    os.environ["DJANGO_SETTINGS_MODULE"] = "settings.test"
    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    call_command("demo", "--no-pictures", stdout=sys.stderr, stderr=sys.stderr)
    date = fill()
    report(date)


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


def report(date) -> None:
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

    floor_ms = median_ms(floor)
    print(f"{ORDERS} orders of {LINES} lines, median of {ROUNDS}")  # noqa: T201
    for name, work in (
        ("one statement (floor)", floor),
        ("bake_sheet()", lambda: bake_sheet(date)),
        ("the page", lambda: baker.get(page)),
    ):
        taken = median_ms(work)
        print(f"  {name:<24} {taken:8.1f} ms   {taken / floor_ms:6.1f} x")  # noqa: T201


def median_ms(work: Callable[[], object]) -> float:
    """Milliseconds, the middle of ROUNDS runs after one to warm up."""
    work()
    times = []
    for _ in range(ROUNDS):
        began = time.perf_counter()
        work()
        times.append((time.perf_counter() - began) * 1000)
    return statistics.median(times)


if __name__ == "__main__":
    main()
