"""What a worker keeps in memory after some load, beside a worker of stock Django."""

from __future__ import annotations

from contextlib import ExitStack

from tests.bench.basket import stock_page
from tests.bench.row import Figure, Row, Target
from tests.bench.served import SHOP, gunicorn
from tests.bench.stage import Stage
from tests.bench.used import worker_megabytes

TRIPS = 200
PAGES = 4_000
PSS = Target("ours", most=60)


def measure(stage: Stage) -> list[Row]:
    """One row; middle, least and most are of the workers of one server."""
    skus, slugs = map(list, zip(*stage.plain, strict=True))
    with ExitStack() as stack:
        shop = gunicorn(
            stack, "memory", "bakery.wsgi", SHOP, stage.folder, stage.prepared
        )
        visits = {"site": shop.port, "skus": skus, "slugs": slugs}
        shop.load("tests.bench.visits:trips", count=stage.count(TRIPS), **visits)
        ours = Figure.of(worker_megabytes(shop.pid))
    stock_page(stage, stage.count(PAGES))()
    floor = Figure.of(worker_megabytes(stage.stock_django.pid))
    ratio = ours.median / floor.median
    note = "PSS, 2 workers; floor: stock Django"
    return [Row("memory of a worker", ours, floor, "MB", ratio, PSS, note)]
