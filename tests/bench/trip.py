"""Whole trips: three adds and checkout, every page loaded on the way."""

from __future__ import annotations

from tests.bench.basket import stock_page
from tests.bench.row import Row, Target, alone, beside
from tests.bench.stage import Stage
from tests.bench.turns import by_turns

AT_A_TIME = 8
TRIPS = 60  # a round
CPU = Target("ours", most=22)


def measure(stage: Stage) -> list[Row]:
    """The floor is as many pages of stock Django."""
    skus, slugs = map(list, zip(*stage.plain, strict=True))
    count = stage.count(TRIPS)

    def ours():
        return stage.shop.load(
            "tests.bench.visits:trips",
            connections=AT_A_TIME,
            backend=stage.postgres.program.process.pid,
            site=stage.shop.port,
            skus=skus,
            slugs=slugs,
            count=count,
        )

    stage.stock_django, ours()
    each = ours().requests // count
    pairs = by_turns(stage.rounds, ours, stock_page(stage, each * count))
    cpu = [load.cpu * 1000 / count for load, _ in pairs]
    floor = [load.cpu * 1000 / count for _, load in pairs]
    rate = [count / load.seconds for load, _ in pairs]
    note = f"{each} requests; floor: as many of stock Django"
    return [
        beside("trip: CPU for an order", cpu, floor, "CPU ms", CPU, note),
        alone("trip: rate", rate, "orders/s", note=f"{AT_A_TIME} at a time"),
    ]
