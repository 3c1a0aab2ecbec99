"""What clones and balancers have counted, and what happened between two looks. Pure."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import pairwise

SAMPLE = re.compile(r"^bakery_(\w+?)(?:{([^}]*)})? (\S+)$", re.MULTILINE)
FRONT = "FRONTEND"  # what HAProxy calls its own row
LABEL = re.compile(r'(\w+)="((?:[^"\\]|\\.)*)"')


@dataclass(frozen=True)
class Figures:
    """Requests answered, those answered 5xx, and how many took at most so long."""

    requests: int = 0
    errors: int = 0
    by_bound: dict[float, int] = field(default_factory=dict)

    def since(self, before: Figures) -> Figures:
        """What came since. After a restart, with counters from nought: all of it."""
        if self.requests < before.requests:
            return self
        return Figures(
            self.requests - before.requests,
            self.errors - before.errors,
            {b: n - before.by_bound.get(b, 0) for b, n in self.by_bound.items()},
        )

    @property
    def share_of_errors(self) -> float:
        return self.errors / self.requests if self.requests else 0.0

    def quantile(self, part: float) -> float:
        """Seconds within which that part of the requests was answered, about.

        Between two bounds as if they came evenly; beyond the last, the last.
        """
        bounds = sorted(self.by_bound)
        if not bounds or not self.by_bound[bounds[-1]]:
            return 0.0
        wanted = part * self.by_bound[bounds[-1]]
        steps = [(0.0, 0), *((bound, self.by_bound[bound]) for bound in bounds)]
        for (low, fewer), (high, more) in pairwise(steps):
            if more >= wanted and more > fewer:
                if high == float("inf"):
                    return low
                return low + (high - low) * (wanted - fewer) / (more - fewer)
        return bounds[-1]


def together(all_of: Iterable[Figures]) -> Figures:
    """The sum."""
    sums = Figures()
    for each in all_of:
        bounds = {*sums.by_bound, *each.by_bound}
        sums = Figures(
            sums.requests + each.requests,
            sums.errors + each.errors,
            {b: sums.by_bound.get(b, 0) + each.by_bound.get(b, 0) for b in bounds},
        )
    return sums


def of_metrics(text: str) -> Figures:
    """Out of a clone's /metrics."""
    by_class: dict[str, int] = {}
    by_bound: dict[float, int] = {}
    for name, labels, value in SAMPLE.findall(text):
        named = dict(LABEL.findall(labels))
        if name == "requests_total":
            by_class[named["status"]] = int(float(value))
        elif name == "request_seconds_bucket":
            by_bound[float(named["le"])] = int(float(value))
    return Figures(sum(by_class.values()), by_class.get("5xx", 0), by_bound)


@dataclass(frozen=True)
class AtBalancer:
    """A clone as a balancer sees it, or the balancer's own front (name FRONT)."""

    state: str  # UP, DOWN, MAINT, DRAIN, NOLB ...; OPEN for the front
    weight: int
    now: int  # requests at this moment
    waiting: int
    requests: int
    errors: int  # 5xx, or no answer at all

    @property
    def is_up(self) -> bool:
        return self.state.startswith("UP")

    @property
    def figures(self) -> Figures:
        """What it has counted, to be compared like a clone's own."""
        return Figures(self.requests, self.errors)


def of_statistics(text: str) -> dict[str, AtBalancer]:
    """Out of HAProxy's `show stat`: the shop's front and its clones, by name."""
    rows = csv.DictReader(text.lstrip("# ").splitlines())
    return {
        row["svname"]: _row(row)
        for row in rows
        if (row["pxname"], row["svname"]) == ("shop", FRONT)
        or (row["pxname"] == "clones" and row["svname"] != "BACKEND")
        if not row["svname"].endswith("-unchecked")
    }


def _row(row: dict[str, str]) -> AtBalancer:
    def number(name: str) -> int:
        return int(row.get(name) or 0)

    is_front = row["svname"] == FRONT
    return AtBalancer(
        state=row["status"],
        weight=number("weight"),
        now=number("scur"),
        waiting=number("qcur"),
        requests=number("req_tot") if is_front else number("stot"),
        errors=number("hrsp_5xx")
        + (0 if is_front else number("econ") + number("eresp")),
    )
