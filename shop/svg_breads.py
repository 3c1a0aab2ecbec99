"""Drawn breads for products that have no picture yet.

Which shape is drawn follows from the product's words, everything else (the backdrop,
the browning, where the seeds fall) from its slug, so a product always looks the same.
The light comes from the left and behind, as in the pictures.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from math import cos, pi, sin

from django.urls import reverse

from shop.search_words import words_of
from shop.svg_pieces import (
    CHOCOLATE,
    CREAM,
    DARK,
    FLOUR,
    GOLDEN,
    PALE,
    SEAM,
    WHEATEN,
    Crust,
    body,
    dots,
    glow,
    line,
    scattered,
    seeds,
    shadow,
    shine,
)

BACKDROPS = (
    ("#f6ecdb", "#e2cfae"),  # sand
    ("#eff0e4", "#cfd4bb"),  # sage
    ("#f8ebe0", "#e8cdb8"),  # blush
    ("#f7f0e0", "#e6d8ba"),  # oat
)


def drawn_url(slug: str) -> str:
    """Address of the drawing for a product. No query."""
    return reverse("shop:media", args=[f"drawn/{slug}.svg"])


def draw(slug: str, words: str) -> str:
    """The drawing as SVG of 2 to 4 KB. The same slug and words give the same one."""
    chance = random.Random(slug)  # noqa: S311 - a drawing, not a secret
    shape, crust = _chosen(words_of(f"{slug} {words}"))
    light, dark = chance.choice(BACKDROPS)
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 400 300">'
        f"<defs>{glow('back', '.42', '.38', '.8', light, light, dark)}"
        f"{glow('crust', '.36', '.22', '.9', *crust)}"
        '<filter id="soft" x="-30%" y="-60%" width="160%" height="220%">'
        '<feGaussianBlur stdDeviation="8"/></filter>'
        '<filter id="grain"><feTurbulence type="fractalNoise" baseFrequency=".05 .07" '
        f'numOctaves="4" seed="{chance.randrange(99)}" result="n"/>'
        '<feColorMatrix values="0 0 0 0 .3 0 0 0 0 .12 0 0 0 0 .02 1.05 0 0 0 -.5"/>'
        '<feComposite in2="SourceAlpha" operator="in" result="c"/><feMerge>'
        '<feMergeNode in="SourceGraphic"/><feMergeNode in="c"/></feMerge></filter>'
        '</defs><rect width="400" height="300" fill="url(#back)"/>'
        f"{shape(chance, crust)}</svg>"
    )


# --- shapes ------------------------------------------------------------------------


def _tin_loaf(chance: random.Random, crust: Crust) -> str:
    lobes = chance.choice((2, 3, 3))
    wide = 250 / lobes
    art = shadow(222, 244, 150, 15)
    art += body("M76 138h248l-8 92q-2 12-14 12H98q-12 0-14-12Z", "#f1cb88", False)
    art += shine(150, 226, 60, 8, 0.3)
    for at in range(lobes):
        x = 75 + at * wide
        art += body(
            f"M{x - 3:.0f} 152C{x - 16:.0f} 72 {x + wide * 0.2:.0f} 60 "
            f"{x + wide / 2:.0f} 60S{x + wide + 16:.0f} 72 {x + wide + 3:.0f} 152"
            f"Q{x + wide / 2:.0f} 172 {x - 3:.0f} 152Z"
        )
        art += shine(x + wide * 0.4, 92, wide * 0.24, 12, 0.5)
    return art


def _round_loaf(chance: random.Random, crust: Crust) -> str:
    art = shadow(222, 234, 132, 20)
    art += body(
        "M70 182C66 106 130 72 202 72s136 36 130 110c-3 38-58 50-130 50S73 220 70 182Z"
    )
    for ring in range(4):
        y, reach = 118 + 24 * ring, 66 + 15 * ring
        path = f"M{200 - reach} {y + 22}Q200 {y - 34} {200 + reach} {y + 20}"
        art += line(path, FLOUR, 5, 0.32)
    art += (
        '<path d="M118 150Q170 92 286 104Q232 122 196 158Q156 176 118 150Z" '
        f'fill="{PALE.middle}" filter="url(#grain)"/>'
    )
    art += line("M118 150Q170 92 286 104", SEAM, 3, 0.5)
    return art + dots(scattered(chance, 90, 200, 150, 112, 62), 2, FLOUR)


def _long_loaf(chance: random.Random, crust: Crust) -> str:
    art = '<g transform="rotate(-14 200 150)">' + shadow(214, 200, 168, 13)
    art += body(
        "M22 152C30 108 100 112 200 112s170-4 178 40c-8 44-78 40-178 40S30 196 22 152Z"
    )
    for at in range(5):
        x = 74 + at * 58
        art += body(
            f"M{x} 172Q{x + 4} 132 {x + 52} 124Q{x + 40} 158 {x} 172Z", "#efc98c"
        )
        art += line(f"M{x} 172Q{x + 4} 132 {x + 52} 124", SEAM, 2.4, 0.5)
    art += shine(190, 126, 130, 6, 0.35)
    return art + dots(scattered(chance, 50, 200, 152, 158, 30), 2, FLOUR) + "</g>"


def _bun(chance: random.Random, crust: Crust) -> str:
    art = shadow(220, 228, 122, 18)
    art += body(
        "M82 184C76 108 134 78 200 78s124 30 118 106c-3 34-52 44-118 44S85 218 82 184Z"
    )
    art += body("M84 194q116 34 232 0q-8 34-116 34T84 194Z", crust.light)
    art += shine(164, 112, 54, 18, 0.5)
    return art + seeds(chance, scattered(chance, 44, 202, 124, 84, 34))


def _ring(chance: random.Random, crust: Crust) -> str:
    art = shadow(222, 234, 128, 18)
    art += (
        '<path fill-rule="evenodd" fill="url(#crust)" filter="url(#grain)" d="M200 70'
        "c78 0 126 38 126 84s-50 82-126 82-126-36-126-82 48-84 126-84Z"
        'm0 58c-28 0-44 11-44 25s16 25 44 25 44-11 44-25-16-25-44-25Z"/>'
    )
    art += line("M160 146q14-18 40-18t40 18", SEAM, 3, 0.45)
    art += shine(164, 98, 62, 11, 0.45)
    around = [
        (200 + 92 * cos(turn) * far, 148 + 56 * sin(turn) * far)
        for turn, far in (
            (chance.uniform(pi * 0.9, pi * 2.1), chance.uniform(0.8, 1.08))
            for _ in range(46)
        )
    ]
    return art + seeds(chance, around)


def _croissant(chance: random.Random, crust: Crust) -> str:
    """Segments of a rolled crescent, the tips first, so that the middle lies on top."""
    edges = [-1 + 2 * at / 9 for at in range(10)]
    art = shadow(214, 226, 154, 13)
    pairs = sorted(zip(edges, edges[1:], strict=False), key=lambda p: -abs(sum(p)))
    for first, last in pairs:
        middle = (first + last) / 2
        lean = 0.07 if middle < 0 else -0.07
        first, last = first - 0.04, last + 0.04
        art += (
            f'<path d="M{_on_crescent(first, -1)}L{_on_crescent(first + lean, 1)}'
            f"Q{_on_crescent(middle + lean, 1.3)} {_on_crescent(last + lean, 1)}"
            f"L{_on_crescent(last, -1)}Q{_on_crescent(middle, -1.2)} "
            f'{_on_crescent(first, -1)}Z" fill="url(#crust)" stroke="{SEAM}" '
            'stroke-opacity=".45" stroke-width="1.8" stroke-linejoin="round" '
            'filter="url(#grain)"/>'
        )
        streaks = "".join(
            f"M{_on_crescent(middle + shift + lean, 0.95)}"
            f"Q{_on_crescent(middle + shift * 1.5, 0.3)} "
            f"{_on_crescent(middle + shift, -0.5)}"
            for shift in (-0.05, 0.03)
        )
        art += line(streaks, PALE.light, 3, 0.5)
    return art


def _on_crescent(along: float, across: float) -> str:
    """A point: along from tip (-1) to tip (1), across from inside (-1) to outside."""
    along = max(-1.0, min(1.0, along))
    turn = pi * (0.5 - 0.53 * along)
    half = 5 + 46 * (1 - abs(along) ** 1.6)
    x = 200 + (142 + half * across * 0.35) * cos(turn)
    y = 222 - 60 * sin(turn) - half * across * (0.35 + 0.65 * sin(turn))
    return f"{x:.0f} {y:.0f}"


def _swirl(chance: random.Random, crust: Crust) -> str:
    art = shadow(222, 230, 124, 18)
    art += body("M80 160q0-70 122-70t122 70v30q-6 40-122 40T80 190Z", crust.middle)
    art += body("M80 158c0-46 54-72 122-72s122 26 122 72-54 66-122 66-122-20-122-66Z")
    turns = [(at / 4, 5.3 * at / 4) for at in range(3, 72)]
    spiral = "L".join(
        f"{202 + far * cos(turn):.0f} {154 + 0.53 * far * sin(turn):.0f}"
        for turn, far in turns
    )
    art += line(f"M{spiral}", "#6d3711", 7, 0.75)
    xs = range(112, 300, 22)
    bends = [(x, 154 + (30 if at % 2 else -34)) for at, x in enumerate(xs)]
    icing = "M104 176" + "".join(
        f"Q{x} {y} {x + 11} {154 + chance.randint(-6, 6)}" for x, y in bends
    )
    return art + line(icing, "#dfcfb2", 12) + line(icing, "#fffdf7", 9)


def _pretzel(chance: random.Random, crust: Crust) -> str:
    rope = (
        "M130 212C158 188 180 168 200 142C222 112 250 70 292 76C350 86 346 160 312 200"
        "C286 230 240 238 200 238C160 238 114 230 88 200C54 160 50 86 108 76"
        "C150 70 178 112 200 142C220 168 242 188 270 212"
    )
    under = line(rope, "#4a2a10", 34, 0.4).replace("/>", ' filter="url(#soft)"/>')
    art = f'<g transform="translate(14 16)">{under}</g>'
    art += line(rope, CHOCOLATE.dark, 37) + line(rope, "#7b3a14", 33)
    art += f'<g transform="translate(-3 -5)">{line(rope, "#b5642a", 13, 0.75)}</g>'
    art += line("M150 240q50 12 100 0", "#f0d3a0", 7, 0.9)
    salt = scattered(chance, 10, 68, 132, 6, 40) + scattered(
        chance, 10, 332, 132, 6, 40
    )
    return art + dots(salt + scattered(chance, 8, 200, 150, 26, 18), 5, "#fffdf6")


def _cake(chance: random.Random, crust: Crust) -> str:
    art = shadow(220, 246, 150, 14)
    art += '<ellipse cx="200" cy="238" rx="148" ry="20" fill="#fffdf8"/>'
    art += body("M92 126v98q20 20 108 20t108-20v-98Z")
    art += body("M92 164q108 26 216 0v18q-108 26-216 0Z", CREAM, grain=False)
    art += body("M92 182q108 26 216 0v7q-108 26-216 0Z", "#a5283a", grain=False)
    art += f'<ellipse cx="200" cy="126" rx="108" ry="32" fill="{CREAM}"/>'
    drips = (
        "M92 126q0 30 12 28t12-14q10 0 14 16t16-4 20-2q10 26 18 22t14-20 20 2 18 20 "
        "16-24 18 0q8 20 14 16t14-20 16-20Z"
    )
    art += f'<path d="{drips}" fill="{CREAM}"/>'
    berries = [
        (200 + 74 * cos(turn), 122 + 18 * sin(turn))
        for turn in (i * pi / 4 for i in range(8))
    ]
    return (
        art
        + dots(berries, 17, "#8e1f31")
        + dots([(x - 3, y - 3) for x, y in berries], 5, "#e0788a")
    )


def _muffin(chance: random.Random, crust: Crust) -> str:
    art = shadow(216, 246, 92, 13)
    art += body("M122 158h156l-22 80q-56 14-112 0Z", CREAM, grain=False)
    pleats = "".join(
        f"M{x} 162L{x + (200 - x) * 0.26:.0f} 240" for x in range(134, 278, 14)
    )
    art += line(pleats, "#cdb58c", 2, 0.8)
    art += body(
        "M108 160c-16-30 12-62 40-62 16-26 88-28 106 0 30-2 54 34 38 62q-92 26-184 0Z"
    )
    art += shine(168, 112, 44, 12, 0.4)
    berries = scattered(chance, 11, 200, 132, 74, 24)
    return (
        art
        + dots(berries, 15, "#2d3560")
        + dots([(x - 3, y - 3) for x, y in berries], 4, "#8f98c8")
    )


def _biscuits(chance: random.Random, crust: Crust) -> str:
    art = shadow(222, 230, 138, 16)
    for x, y in ((156, 196), (248, 190), (204, 138)):
        art += body(
            f"M{x - 76} {y}c0-30 34-46 76-46s76 16 76 46-32 42-76 42-76-12-76-42Z"
        )
        art += shine(x - 22, y - 22, 34, 10, 0.3)
        art += dots(scattered(chance, 9, x, y - 8, 56, 24), 10, CHOCOLATE.dark)
    return art


def _layers(chance: random.Random, crust: Crust) -> str:
    art = shadow(222, 240, 128, 14)
    for y in (196, 146, 96):
        lean = chance.randint(-14, 14)
        x = 84 + lean
        art += body(f"M{x} {y}q110-22 232 0l4 38q-122 22-238 0Z")
        for step in range(1, 5):
            path = f"M{x} {y + 8 * step}q112 {18 - chance.randint(0, 6)} 234 0"
            art += line(path, SEAM if step % 2 else PALE.light, 2, 0.5)
    return art


def _slab(chance: random.Random, crust: Crust) -> str:
    art = shadow(222, 230, 160, 13)
    art += body("M52 172h298v36q-4 16-18 16H72q-16 0-20-16Z", crust.middle)
    art += body("M52 180l54-76q8-10 20-10h170q12 0 18 10l36 76q-150 18-298 0Z")
    for x, y in scattered(chance, 16, 204, 138, 118, 32):
        art += shine(x, y, 9, 4, 0.5)
    art += dots(scattered(chance, 8, 204, 138, 108, 30), 17, "#b9341f")
    sprigs = scattered(chance, 14, 200, 140, 112, 32)
    twigs = "".join(f"M{x:.0f} {y:.0f}l14-9" for x, y in sprigs)
    return art + line(twigs, "#55662c", 4)


def _eclair(chance: random.Random, crust: Crust) -> str:
    art = '<g transform="rotate(-10 200 160)">' + shadow(214, 210, 150, 14)
    art += body("M50 176c-4-50 70-56 150-56s154 6 150 56-80 38-150 38-146 12-150-38Z")
    art += line("M64 184q136 18 272 0", CREAM, 13)
    glaze = "M58 164c6-40 76-46 142-46s136 6 142 46q-10 16-22 4t-30 6-36-4-50 4-48-4"
    art += body(f"{glaze}-44 2-54-8Z", CHOCOLATE.middle, grain=False)
    zigzag = "L".join(f"{x} {150 if x % 32 else 130}" for x in range(80, 330, 16))
    art += line(f"M{zigzag}", FLOUR, 3.5) + shine(150, 126, 70, 6, 0.35)
    return art + "</g>"


Shape = Callable[[random.Random, Crust], str]
# The first word that a product has decides.
SHAPES: tuple[tuple[set[str], Shape, Crust], ...] = (
    ({"croissant", "croissants"}, _croissant, GOLDEN),
    ({"pretzel", "pretzels", "brezel"}, _pretzel, DARK),
    ({"bagel", "bagels", "simit"}, _ring, WHEATEN),
    ({"doughnut", "doughnuts", "donut"}, _ring, PALE),
    ({"eclair", "eclairs"}, _eclair, GOLDEN),
    ({"baguette", "baguettes", "ficelle", "stick"}, _long_loaf, WHEATEN),
    ({"swirl", "cinnamon", "snail", "babka"}, _swirl, GOLDEN),
    ({"focaccia", "pizza", "flatbread", "fougasse"}, _slab, GOLDEN),
    ({"muffin", "muffins", "cupcake", "cupcakes"}, _muffin, GOLDEN),
    ({"khari", "puff", "palmier", "strudel", "layers", "pain"}, _layers, GOLDEN),
    ({"cookie", "cookies", "biscuit", "nankhatai", "shortbread"}, _biscuits, PALE),
    ({"rye", "pumpernickel", "wholemeal", "spelt"}, _round_loaf, DARK),
    ({"sourdough", "boule", "country", "miche"}, _round_loaf, WHEATEN),
    ({"bun", "buns", "roll", "rolls", "brioche", "pav", "scone"}, _bun, GOLDEN),
    ({"chocolate"}, _cake, CHOCOLATE),
    ({"loaf", "bread", "breads", "sandwich", "toast"}, _tin_loaf, GOLDEN),
    ({"cake", "cakes", "sponge", "torte", "gateau"}, _cake, GOLDEN),
    ({"pastry", "pastries"}, _croissant, GOLDEN),
    ({"biscuits", "cookies"}, _biscuits, PALE),
)


def _chosen(words: list[str]) -> tuple[Shape, Crust]:
    for known, shape, crust in SHAPES:
        if known & set(words):
            return shape, crust
    return _bun, GOLDEN
