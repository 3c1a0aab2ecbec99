"""Last clicks, beside pgbench with statements of the same shape, in one PostgreSQL."""

from __future__ import annotations

from tests.bench.load import Load, LoadFailed
from tests.bench.pgbench import orders_per_second
from tests.bench.row import Row, Target, alone, beside
from tests.bench.stage import Stage
from tests.bench.turns import by_turns

AT_A_TIME = 8
ORDERS = 320  # a round
LINES = 3
RATE = Target("ratio", least=0.1)


def measure(stage: Stage) -> list[Row]:
    """Two rows each: many products, and the same three in every order."""
    skus = [sku for sku, _ in stage.plain]
    return [
        *_measure(stage, "uniform", skus),
        *_measure(stage, "hot product", skus[:LINES]),
    ]


def _measure(stage: Stage, kind: str, skus: list[str]) -> list[Row]:
    count = stage.count(ORDERS)
    hot = kind != "uniform"
    pairs = by_turns(
        stage.rounds,
        lambda: last_clicks(stage, skus, LINES, count, AT_A_TIME),
        lambda: orders_per_second(stage, count * 4, AT_A_TIME, hot=hot),
    )
    clicks = [ours for ours, _ in pairs]
    rates = [load.per_second for load in clicks]
    work = f"last click, {LINES} lines, {kind}"
    taken = sorted(load.backend_cpu * 1000 / load.requests for load in clicks)
    return [
        beside(f"{work}: rate", rates, [f for _, f in pairs], "orders/s", RATE,
               f"{AT_A_TIME} at a time; floor: pgbench"),
        alone(f"{work}: CPU", [load.cpu_ms for load in clicks], "CPU ms",
              note=f"PostgreSQL {taken[len(taken) // 2]:.2f} CPU ms"),
    ]  # fmt: skip


def last_clicks(
    stage: Stage, skus: list[str], lines: int, count: int, at_a_time: int
) -> Load:
    """Bring shoppers up to their last click, then account for the clicks alone.

    Raises LoadFailed when one of them did not become an order.
    """
    visits = "tests.bench.visits:"
    ready = stage.shop.load(
        f"{visits}ready_to_order",
        connections=4,
        site=stage.shop.port,
        skus=skus,
        lines=lines,
        count=count,
    )
    clicks = stage.shop.load(
        f"{visits}last_clicks",
        connections=at_a_time,
        requests=ready.results,
        backend=stage.postgres.program.process.pid,
    )
    refused = [where for where in clicks.results if not where.startswith("/order/")]
    if refused:
        raise LoadFailed(f"{len(refused)} of {count} were refused: {refused[:3]}")
    return clicks
