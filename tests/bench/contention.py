"""Many at the same thing: adds to one basket, last clicks on one product."""

from __future__ import annotations

from tests.bench.checkout import last_clicks
from tests.bench.load import Load
from tests.bench.row import Row, Target, beside
from tests.bench.stage import Stage

AT_A_TIME = 16
ADDS = 400  # a round: no line of the basket may grow beyond what one may hold (99)
CLICKS = 320
TAIL = Target("ratio", most=10)


def measure(stage: Stage) -> list[Row]:
    """How long the slowest hundredth takes; the floor is what the middle takes."""
    one = [stage.plain[0][0]]
    adds = [_adds(stage) for _ in range(stage.rounds)]
    clicks = [
        last_clicks(stage, one, 1, stage.count(CLICKS), AT_A_TIME)
        for _ in range(stage.rounds)
    ]
    return [
        _row(f"{AT_A_TIME} at a time add to one basket", adds),
        _row(f"{AT_A_TIME} last clicks at a time, one product", clicks),
    ]


def _adds(stage: Stage) -> Load:
    skus = [sku for sku, _ in stage.plain]
    return stage.shop.load(
        "tests.bench.visits:adds",
        connections=AT_A_TIME,
        site=stage.shop.port,
        baskets=stage.baskets(1, skus[:1]),
        skus=skus,
        count=stage.count(ADDS),
    )


def _row(work: str, loads: list[Load]) -> Row:
    failed = sum(load.requests - load.statuses[303] for load in loads)
    asked = sum(load.requests for load in loads)
    return beside(
        f"{work}: p99 to p50",
        [load.percentile(99) for load in loads],
        [load.percentile(50) for load in loads],
        "ms",
        TAIL,
        f"{failed} of {asked} failed",
    )
