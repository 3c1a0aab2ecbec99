"""The floors themselves, each beside the bare WSGI page: what Django's steps cost."""

from __future__ import annotations

from contextlib import ExitStack

from tests.bench.browser import Browser
from tests.bench.load import Load
from tests.bench.row import Row
from tests.bench.served import Served
from tests.bench.stage import Stage
from tests.bench.turns import by_turns, cpu_row

REQUESTS = 4_000
STEPS = {"a bare Django view": "none", "Django with default middleware": "default"}


def measure(stage: Stage) -> list[Row]:
    """All of them answer with the bytes of the shop's home page."""
    with ExitStack() as stack:
        bare = stage.floor("bare_wsgi", stage.home, stack=stack)
        return [
            _measure(
                stage, step, stage.floor("bare_django", stage.home, named, stack), bare
            )
            for step, named in STEPS.items()
        ]


def _measure(stage: Stage, step: str, django: Served, bare: Served) -> Row:
    def ask(server: Served) -> Load:
        return server.load(
            "tests.bench.visits:asked",
            requests=[Browser(server.port, dict(stage.shopper)).get("/").decode()],
            count=stage.count(REQUESTS),
            expect={200},
        )

    pairs = by_turns(stage.rounds, lambda: ask(django), lambda: ask(bare))
    return cpu_row(step, pairs, note="floor: bare WSGI")
