"""Catalogue pages of the shop itself, beside bare WSGI pages of the same bytes."""

from __future__ import annotations

from contextlib import ExitStack

from tests.bench.browser import Browser
from tests.bench.log_in_cookie import logged_in
from tests.bench.row import Row, Target
from tests.bench.stage import Stage
from tests.bench.turns import by_turns, cpu_row, rate_row

PAGES = {
    "home": "/",
    "category": "/category/breads/",
    "product": "/product/milk-bread/",
    "search": "/search/?q=bread",
}
REQUESTS = 4_000
RATE = Target("ratio", least=0.7)
CPU = Target("ratio", most=1 / 0.7)


def measure(stage: Stage) -> list[Row]:
    """Two rows for each page and kind of visitor."""
    visitors = {
        "basket cookie": stage.shopper,
        "first visit": {},
        "logged in": logged_in(stage),
    }
    return [
        row
        for page, path in PAGES.items()
        for visitor, cookies in visitors.items()
        if page == "home" or visitor == "basket cookie"
        for row in _measure(stage, f"{page}, {visitor}", path, cookies)
    ]


def _measure(stage: Stage, work: str, path: str, cookies: dict[str, str]) -> list[Row]:
    page = stage.page(path)
    with ExitStack() as stack:
        floor = stage.floor("bare_wsgi", page, stack=stack)
        count = stage.count(REQUESTS)

        def ask(server):
            request = Browser(server.port, dict(cookies)).get(path).decode()
            visits = "tests.bench.visits:asked"
            return server.load(visits, requests=[request], count=count, expect={200})

        pairs = by_turns(stage.rounds, lambda: ask(stage.shop), lambda: ask(floor))
    note = f"{len(page.body)} bytes"
    return [
        rate_row(f"{work}: rate", pairs, RATE, note),
        cpu_row(f"{work}: CPU", pairs, CPU, note),
    ]
