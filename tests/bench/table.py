"""The rows for people: a table as in BENCHMARKS.md, and a plot of the ratios."""

from __future__ import annotations

from collections.abc import Iterable

from tests.bench.row import Row, short

WIDTH = 40  # characters, of a bar as long as its target


def table(name: str, rows: Iterable[Row]) -> str:
    """Markdown."""
    lines = [
        f"| {name} | ours | floor | unit | ours / floor | target | | note |",
        "| --- | --- | --- | --- | ---: | --- | --- | --- |",
    ]
    for row in rows:
        ratio = "" if row.ratio is None else short(row.ratio)
        cells = [row.work, row.ours, row.floor or "", row.unit, ratio]
        cells += [row.target or "", row.verdict, row.note]
        lines.append(f"| {' | '.join(map(str, cells))} |")
    return "\n".join(lines)


def plot(rows: Iterable[Row]) -> str:
    """How much of each target's room is used: | is the target, a bar must end before.

    Of what must be at least so much, the bar is the target through the figure.
    """
    lines = []
    for row in rows:
        share = used(row)
        if share is None:
            continue
        bar = "#" * min(2 * WIDTH, round(WIDTH * share))
        bar = bar[:WIDTH].ljust(WIDTH) + "|" + bar[WIDTH:]
        lines.append(f"{row.work[:40]:<40} {bar} {share:.0%}")
    return "\n".join(lines)


def used(row: Row) -> float | None:
    """The part of the target's room that is used; below 1 it is met."""
    if row.target is None:
        return None
    value = row.ratio if row.target.of == "ratio" else row.ours.median
    if not value:
        return None
    least, most = row.target.least, row.target.most
    return max(value / most if most else 0, least / value if least else 0)
