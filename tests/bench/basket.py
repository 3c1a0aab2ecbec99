"""Changes of a basket and its page, beside a page of Django's default middleware."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.bench.browser import Browser
from tests.bench.load import Load
from tests.bench.row import Row, Target
from tests.bench.stage import Stage
from tests.bench.turns import by_turns, cpu_row, rate_row

BASKETS = 40
LINES = 10
REQUESTS = 1_000
ADD_CPU = Target("ours", most=2.5)
ADD_RATIO = Target("ratio", most=4)


def measure(stage: Stage) -> list[Row]:
    """Adds, changes, and the page with ten lines."""
    skus = [sku for sku, _ in stage.plain][:LINES]
    few = stage.baskets(BASKETS, skus[:3])
    full = stage.baskets(BASKETS, skus)
    add = _turns(stage, "adds", 303, baskets=few, skus=skus[:3])
    change = _turns(stage, "changes", 303, baskets=few)
    view = _turns(stage, "asked", 200, requests=_views(stage, full))
    return [
        cpu_row("add, 3 lines: CPU", add, ADD_CPU, backend(add)),
        cpu_row("add, 3 lines: CPU to Django's page", add, ADD_RATIO),
        rate_row("add, 3 lines: rate", add),
        cpu_row("change, 3 lines: CPU", change, note=backend(change)),
        rate_row("change, 3 lines: rate", change),
        cpu_row(f"view, {LINES} lines: CPU", view, note=backend(view)),
        rate_row(f"view, {LINES} lines: rate", view),
    ]


def _turns(
    stage: Stage, visits: str, status: int, **arguments: Any
) -> list[tuple[Load, Load]]:
    """The shop asked so, and stock Django for its one page."""
    count = stage.count(REQUESTS)

    def ours() -> Load:
        return stage.shop.load(
            f"tests.bench.visits:{visits}",
            expect={status},
            backend=stage.postgres.program.process.pid,
            count=count,
            **_with_port(visits, stage.shop.port, arguments),
        )

    return by_turns(stage.rounds, ours, stock_page(stage, count))


def _with_port(visits: str, port: int, arguments: dict[str, Any]) -> dict[str, Any]:
    return arguments if visits == "asked" else arguments | {"site": port}


def stock_page(stage: Stage, count: int) -> Callable[[], Load]:
    """Asks stock Django so many times."""
    stock = stage.stock_django
    request = Browser(stock.port, dict(stage.shopper)).get("/").decode()

    def ask() -> Load:
        visits = "tests.bench.visits:asked"
        return stock.load(visits, requests=[request], count=count, expect={200})

    return ask


def _views(stage: Stage, baskets: list[dict[str, Any]]) -> list[str]:
    browsers = [Browser(stage.shop.port, each["cookies"]) for each in baskets]
    return [browser.get("/basket/").decode() for browser in browsers]


def backend(pairs: list[tuple[Load, Load]]) -> str:
    """What PostgreSQL did for it."""
    taken = sorted(ours.backend_cpu * 1000 / ours.requests for ours, _ in pairs)
    return f"PostgreSQL {taken[len(taken) // 2]:.2f} CPU ms"
