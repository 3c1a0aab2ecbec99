"""Samples of the storefront's components in each of their states."""

from __future__ import annotations

import datetime as dt
from typing import Any

from shop.forms import ContactForm
from shop.models import Product
from shop.templatetags.pictures import picture, tint

TUESDAY = dt.date(2026, 11, 24)
WEDNESDAY = TUESDAY + dt.timedelta(days=1)
TOKENS = (
    *("page", "surface", "sunken", "ink", "ink-2", "brand", "brand-hover", "accent"),
    *(
        "line",
        "line-strong",
        "ok",
        "ok-bg",
        "warn",
        "warn-bg",
        "err",
        "err-bg",
        "focus",
    ),
)


def samples() -> dict[str, Any]:
    """What the styleguide's template shows, in the shape the components expect.

    One query: a drawing needs the slug of a product that exists.
    """
    slug = Product.objects.values_list("slug", flat=True).first() or ""
    wrong = ContactForm({"name": "Mrs Ssoni", "email": "ssoni@", "phone": "call me"})
    return {
        "tokens": TOKENS,
        "empty_form": ContactForm(prefix="empty"),
        "wrong_form": wrong,
        "cards": _cards(slug),
        "strip": _strip(),
        "groups": _groups(),
        "lines": _lines(slug),
        "slots": _slots(),
        "basket": {"version": 1},
        "date": TUESDAY,
    }


def _card(name: str, slug: str = "", **state: Any) -> dict[str, Any]:
    card = {"name": name, "slug": slug, "href": "/", "can": True, "picture": None}
    card |= {"summary": "One line that makes you hungry.", "tint": tint(None)}
    card |= {"price": "€4.80", "weight": "800 g · €6.00/kg"}
    return card | {"sku": "sample"} | state


def _cards(slug: str) -> list[dict[str, Any]]:
    gone = {"can": False, "tag": "Sold out for Tue 24 Nov", "tag_kind": "gone"}
    few = {"tag": "Few left", "tag_kind": "warn", "is_vegan": True}
    return [
        _card("Plenty of it", slug),
        _card("Few left, vegan", slug, **few),
        _card("Several to choose from", slug, must_choose=True, is_lowest=True),
        _card("Sold out", slug, **gone, next_day="Wed 25 Nov", next_href="/"),
        _card("No picture, and a name that takes more than one line", **gone),
    ]


def _strip() -> dict[str, Any]:
    words = ["from 7:30", "few left", "closed"]
    days = [
        {"date": TUESDAY + dt.timedelta(days=n), "href": "/", "can": word != "closed"}
        | {"words": word}
        for n, word in enumerate(words)
    ]
    return {"chosen": days[0], "days": days}


def _groups() -> list[dict[str, Any]]:
    options = [
        {"name": "Whole", "slug": "whole", "price_cents": 0},
        {"name": "Sliced, 10 mm", "slug": "sliced", "price_cents": 20},
    ]
    choice = {"kind": "choice", "min_choices": 1, "max_choices": 1}
    text = {"kind": "text", "min_choices": 0, "max_length": 40}
    return [
        {"slug": "slicing", "name": "Slicing", "options": {"all": options}} | choice,
        {"slug": "message", "name": "Message", "help": "Up to 40 letters."} | text,
    ]


def _line(number: int, slug: str = "", **state: Any) -> dict[str, Any]:
    line = {"item": f"sample-{number}", "id": f"row-{number}", "version": "1"}
    line |= {"name": "Milk bread", "href": "/", "tint": tint(None), "row": {}}
    line |= {"picture": picture(None, drawn=slug, eager=True)}
    line |= {"each": "€4.80", "total": "€9.60"}
    return line | {"quantity": "2", "less": "1", "more": "3"} | state


def _lines(slug: str) -> list[dict[str, Any]]:
    reasons = ["Milk bread is sold out for Tue 24 Nov."]
    wrong = {"sentence": "Write the quantity as a number, such as 2."}
    lacking = {"reasons": reasons, "move_to": WEDNESDAY}
    lacking |= {"line": {"item": "sample-4", "name": "Milk bread"}}
    gone = {"name": "Something we no longer sell", "href": "", "is_bad": True}
    gone |= {"each": "", "total": "", "row": {"line": {"gone": True}}}
    return [
        _line(1, slug, options=["Slicing: Sliced, 10 mm"]),
        _line(2, slug, was="€4.50", was_kind="warn"),
        _line(3, slug, row={"wrong": wrong, "shown": "two"}),
        _line(4, slug, is_bad=True, row=lacking),
        _line(5, **gone),
    ]


def _slots() -> list[dict[str, Any]]:
    return [
        {"words": "7:30–8:00", "sentence": "free", "chosen": True},
        {"words": "8:00–8:30", "sentence": "2 places left"},
        {"words": "8:30–9:00", "sentence": "full", "closed": True},
    ]
