"""What the drawn breads are made of: crusts, glows, lines, seeds, as SVG text."""

from __future__ import annotations

import random
from math import cos, pi, sin
from typing import NamedTuple


class Crust(NamedTuple):
    light: str
    middle: str
    dark: str


GOLDEN = Crust("#f4cf8a", "#d9943f", "#9a5517")
WHEATEN = Crust("#ecbd77", "#c27c30", "#7d4213")
DARK = Crust("#c18a57", "#84502a", "#452310")
PALE = Crust("#fbe8bd", "#eec27c", "#c48a3f")
CHOCOLATE = Crust("#8a5a3c", "#5b3420", "#2f170c")
FLOUR, CREAM, SEED = "#fff9ec", "#fdf3df", "#f6e3b4"
SEAM = "#5d2f0d"


def glow(name: str, x: str, y: str, r: str, *stops: str) -> str:
    colours = "".join(
        f'<stop offset="{at / (len(stops) - 1):g}" stop-color="{colour}"/>'
        for at, colour in enumerate(stops)
    )
    place = f'cx="{x}" cy="{y}" r="{r}"'
    return f'<radialGradient id="{name}" {place}>{colours}</radialGradient>'


def shadow(x: float, y: float, rx: float, ry: float) -> str:
    return (
        f'<ellipse cx="{x:.0f}" cy="{y:.0f}" rx="{rx:.0f}" ry="{ry:.0f}" '
        'fill="#4a2a10" opacity=".36" filter="url(#soft)"/>'
    )


def shine(x: float, y: float, rx: float, ry: float, strength: float = 0.4) -> str:
    return (
        f'<ellipse cx="{x:.0f}" cy="{y:.0f}" rx="{rx:.0f}" ry="{ry:.0f}" fill="#fff" '
        f'opacity="{strength:g}" filter="url(#soft)"/>'
    )


def body(path: str, fill: str = "url(#crust)", grain: bool = True) -> str:
    rough = ' filter="url(#grain)"' if grain else ""
    return f'<path d="{path}" fill="{fill}"{rough}/>'


def line(path: str, colour: str, width: float, strength: float = 1) -> str:
    return (
        f'<path d="{path}" fill="none" stroke="{colour}" stroke-width="{width:g}" '
        f'stroke-linecap="round" opacity="{strength:g}"/>'
    )


def scattered(
    chance: random.Random, count: int, x: float, y: float, rx: float, ry: float
) -> list[tuple[float, float]]:
    points = []
    for _ in range(count):
        turn, far = chance.random() * 2 * pi, chance.random() ** 0.5
        points.append((x + rx * far * cos(turn), y + ry * far * sin(turn)))
    return points


def dots(points: list[tuple[float, float]], size: float, colour: str) -> str:
    """All dots as one path of round-capped lines without length: short to write."""
    path = "".join(f"M{x:.0f} {y:.0f}h0" for x, y in points)
    return line(path, colour, size, 0.9)


def seeds(chance: random.Random, points: list[tuple[float, float]]) -> str:
    path = "".join(
        f"M{x:.0f} {y:.0f}l{chance.randint(-5, 5)} {chance.randint(-3, 3)}"
        for x, y in points
    )
    return line(path, "#a8793a", 5.4) + line(path, SEED, 4)
