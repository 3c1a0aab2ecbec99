"""What the style sheet promises: contrast, one place for colours, few bytes."""

from __future__ import annotations

import gzip
import re
from itertools import product
from pathlib import Path

import pytest
from django.conf import settings

SHOP = settings.BASE_DIR / "shop"
STATIC = SHOP / "static" / "shop"
CSS = re.sub(r"/\*.*?\*/", "", (STATIC / "storefront.css").read_text(), flags=re.S)

BACKGROUNDS = ["page", "surface", "sunken"]
# Text needs 4.5, large signs and borders of inputs 3 (WCAG 2.2, 1.4.3 and 1.4.11).
PAIRS = [
    *((text, back, 7.0) for text, back in product(["ink", "ink-2"], BACKGROUNDS)),
    *((text, back, 4.5) for text, back in product(["brand", "err"], BACKGROUNDS)),
    *((text, back, 4.5) for text, back in product(["ok", "warn"], BACKGROUNDS)),
    *((kind, f"{kind}-bg", 4.5) for kind in ("ok", "warn", "err")),
    *(("ink", f"{kind}-bg", 7.0) for kind in ("ok", "warn", "err")),
    *(("on-brand", back, 4.5) for back in ("brand", "brand-hover")),
    *((sign, back, 3.0) for sign, back in product(["line-strong"], BACKGROUNDS)),
    *((sign, back, 3.0) for sign, back in product(["focus"], BACKGROUNDS)),
    ("accent", "page", 3.0),
    ("brand-hover", "page", 4.5),
    ("page", "ok", 4.5),
]
COLOUR = re.compile(
    r"#[0-9a-f]{3,8}\b|\b(?:rgba?|hsla?|hwb|lab|lch|oklab|oklch|color)\(|"
    r":\s*(?:white|black|red|brown|gray|grey|beige|orange|green|blue)\b",
    re.I,
)
# Put together in Python, so no template names them in full.
BUILT = {
    *("tag--warn", "tag--gone", "tint-sand", "tint-sage", "tint-blush", "tint-oat"),
    *("person--small", "person--middle", "person--large"),
}


def layer(name: str) -> str:
    """What stands in the layers of that name, by counting braces."""
    found = ""
    for start in re.finditer(rf"@layer {name} {{", CSS):
        depth, at = 1, start.end()
        while depth:
            depth += {"{": 1, "}": -1}.get(CSS[at], 0)
            at += 1
        found += CSS[start.end() : at - 1]
    return found


def tokens(scheme: str) -> dict[str, str]:
    """The colours of one scheme, by name."""
    both = re.findall(r"--([\w-]+): light-dark\((#\w{6}), (#\w{6})\)", layer("tokens"))
    return {name: light if scheme == "light" else dark for name, light, dark in both}


def luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [
        c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts
    ]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def test_contrast_is_computed_as_the_guidelines_do():
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.005)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(("text", "back", "least"), PAIRS)
def test_every_pair_can_be_read(scheme, text, back, least):
    colours = tokens(scheme)
    assert contrast(colours[text], colours[back]) >= least


def test_colours_stand_in_the_tokens_layer_only():
    assert COLOUR.findall(CSS.replace(layer("tokens"), "")) == []
    assert len(COLOUR.findall(layer("tokens"))) >= 40


def test_every_variable_that_is_used_exists():
    used = set(re.findall(r"var\(--([\w-]+)", CSS))
    assert used <= set(re.findall(r"--([\w-]+):", CSS))


def test_every_class_is_used_somewhere():
    plain = re.sub(r'url\([^)]*\)|"[^"]*"', "", CSS)
    defined = set(re.findall(r"\.(-?[a-zA-Z][\w-]*)", plain))
    places = [
        *SHOP.rglob("*.html"),
        *(settings.BASE_DIR / "bakery" / "templates").rglob("*.html"),
        *SHOP.rglob("*.py"),
        STATIC / "enhance.js",
    ]
    words = {
        word for path in places for word in re.findall(r"[\w-]+", path.read_text())
    }
    assert defined - words - BUILT == set()


def test_every_icon_that_is_asked_for_is_in_the_sprite():
    there = set(
        re.findall(r'<symbol id="([\w-]+)"', sprite := read("icons/sprite.svg"))
    )
    asked = {
        name
        for path in SHOP.rglob("*.html")
        for name in re.findall(r'{% icon "([\w-]+)"', path.read_text())
    }
    assert asked <= there
    assert len(there) <= 30
    assert "stroke-width" in sprite


def read(name: str) -> str:
    return (STATIC / name).read_text()


@pytest.mark.parametrize(
    ("names", "most_kb"),
    [
        (["storefront.css"], 10),
        (["enhance.js"], 6),
        (["icons/sprite.svg"], 3),
    ],
)
def test_what_a_page_needs_is_small_when_packed(names, most_kb):
    packed = sum(len(gzip.compress((STATIC / name).read_bytes())) for name in names)
    assert packed <= most_kb * 1024


def test_fonts_are_two_files_with_their_licences():
    fonts = STATIC / "fonts"
    files = sorted(path.name for path in fonts.iterdir())
    assert files == [
        "figtree-OFL.txt",
        "figtree.woff2",
        "fraunces-OFL.txt",
        "fraunces.woff2",
    ]
    assert sum(path.stat().st_size for path in fonts.glob("*.woff2")) <= 60 * 1024
    assert CSS.count("font-display: optional") == 2


def test_every_font_of_the_style_sheet_is_loaded_ahead():
    base = Path(settings.BASE_DIR / "bakery/templates/base.html").read_text()
    for name in re.findall(r'url\("(fonts/[\w.]+)"\)', CSS):
        assert f'<link rel="preload" href="{{% static "shop/{name}" %}}"' in base
