"""One line of the table: a work, what it took here, and its floor in the same run."""

from __future__ import annotations

import statistics
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True)
class Figure:
    """The middle of several measurements, and how far they were apart."""

    median: float
    least: float
    most: float

    @classmethod
    def of(cls, values: Iterable[float]) -> Figure:
        values = list(values)
        return cls(statistics.median(values), min(values), max(values))

    def __str__(self) -> str:
        middle, *ends = map(short, (self.median, self.least, self.most))
        return f"{middle} ({'-'.join(ends)})"


@dataclass(frozen=True)
class Target:
    """What must be reached: of the ratio, or of our own figure in its unit."""

    of: str  # "ratio" or "ours"
    least: float | None = None
    most: float | None = None

    def is_met(self, ratio: float | None, ours: Figure) -> bool:
        value = ratio if self.of == "ratio" else ours.median
        if value is None:
            return False
        return (self.least is None or value >= self.least) and (
            self.most is None or value <= self.most
        )

    def __str__(self) -> str:
        ends = (("at least", self.least), ("at most", self.most))
        words = [f"{word} {short(end)}" for word, end in ends if end is not None]
        return f"{self.of} {' and '.join(words)}"


@dataclass(frozen=True)
class Row:
    """ratio is ours through floor, the middle of what each round gave by itself."""

    work: str
    ours: Figure
    floor: Figure | None
    unit: str
    ratio: float | None
    target: Target | None = None
    note: str = ""

    @property
    def verdict(self) -> str:
        if self.target is None:
            return ""
        return "met" if self.target.is_met(self.ratio, self.ours) else "missed"

    def as_json(self) -> dict[str, Any]:
        target = str(self.target) if self.target else ""
        return asdict(self) | {"target": target, "verdict": self.verdict}


def alone(
    work: str, ours: Sequence[float], unit: str, target: Target | None = None, note=""
) -> Row:
    """A row of what has no floor."""
    return Row(work, Figure.of(ours), None, unit, None, target, note)


def beside(
    work: str,
    ours: Sequence[float],
    floor: Sequence[float],
    unit: str,
    target: Target | None = None,
    note: str = "",
) -> Row:
    """A row of rounds that were taken in turns, one of ours beside one of the floor."""
    ratio = statistics.median(
        mine / other if other else 0.0 for mine, other in zip(ours, floor, strict=True)
    )
    return Row(work, Figure.of(ours), Figure.of(floor), unit, ratio, target, note)


def short(number: float) -> str:
    """Three digits that count."""
    if abs(number) >= 100:
        return f"{number:.0f}"
    return f"{number:.3g}"
