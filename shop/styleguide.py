"""Samples of the storefront's components in each of their states."""

from __future__ import annotations

import datetime as dt
from typing import Any

from shop.forms import ContactForm
from shop.models import Product

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
        "rows": _rows(slug),
        "slots": _slots(),
        "basket": {"version": 1},
        "date": TUESDAY,
    }


def _product(name: str, slug: str) -> dict[str, Any]:
    facts = {"name": name, "slug": slug, "summary": "One line that makes you hungry."}
    return facts | {"get_absolute_url": "/"}


def _card(name: str, slug: str = "", **state: Any) -> dict[str, Any]:
    product = _product(name, slug)
    card = {"product": product, "href": product["get_absolute_url"], "can": True}
    card |= {"picture": None}
    card |= {"lowest_cents": 480, "weight_words": "800 g · €6.00/kg"}
    return card | {"variant": {"sku": "sample"}} | state


def _cards(slug: str) -> list[dict[str, Any]]:
    gone = {"can": False, "tag": "Sold out for Tue 24 Nov", "tag_kind": "gone"}
    few = {"tag": "Few left", "tag_kind": "warn", "is_vegan": True}
    return [
        _card("Plenty of it", slug),
        _card("Few left, vegan", slug, **few),
        _card(
            "Several to choose from", slug, must_choose=True, has_several_prices=True
        ),
        _card("Sold out", slug, **gone, next_date=WEDNESDAY, next_href="/"),
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


def _row(number: int, slug: str = "", **state: Any) -> dict[str, Any]:
    product = _product("Milk bread", slug)
    line = {"item": f"sample-{number}", "name": "Milk bread", "quantity": 2}
    line |= {"unit_cents": 480, "total_cents": 960, "product": product}
    line |= {"picture": None}
    row = {"id": f"row-{number}", "shown": "2", "less": 1, "more": 3, "was_cents": None}
    return row | {"line": line | state.pop("line", {})} | state


def _rows(slug: str) -> list[dict[str, Any]]:
    reasons = ["Milk bread is sold out for Tue 24 Nov."]
    wrong = {"sentence": "Write the quantity as a number, such as 2."}
    return [
        _row(1, slug, line={"options_words": ["Slicing: Sliced, 10 mm"]}),
        _row(2, slug, line={"rose": True}, was_cents=450),
        _row(3, slug, shown="two", wrong=wrong),
        _row(4, slug, reasons=reasons, move_to=WEDNESDAY),
        _row(5, line={"gone": True, "name": "Something we no longer sell"}),
    ]


def _slots() -> list[dict[str, Any]]:
    return [
        {"words": "7:30–8:00", "sentence": "free", "chosen": True},
        {"words": "8:00–8:30", "sentence": "2 places left"},
        {"words": "8:30–9:00", "sentence": "full", "closed": True},
    ]
