"""All topics, by the name under which one asks for them."""

from __future__ import annotations

from collections.abc import Callable

from tests.bench import (
    bake_sheet,
    balancer,
    basket,
    catalogue,
    checkout,
    contention,
    ladder,
    log_in,
    memory,
    start,
    trip,
)
from tests.bench.row import Row
from tests.bench.stage import Stage

TOPICS: dict[str, Callable[[Stage], list[Row]]] = {
    "floors": ladder.measure,
    "catalogue": catalogue.measure,
    "balancer": balancer.measure,
    "basket": basket.measure,
    "checkout": checkout.measure,
    "trip": trip.measure,
    "contention": contention.measure,
    "memory": memory.measure,
    "start": start.measure,
    "bake_sheet": bake_sheet.measure,
    "log_in": log_in.measure,
}
