"""The lines of the basket as their template shows them: {% for line in page|lines %}.

What a line says several times is escaped once, and every figure is in words already.
A dictionary, since that is what a template reads fastest.
"""

from __future__ import annotations

from typing import Any

from django import template

from shop.escaping import escaped
from shop.models import Product
from shop.shopping import PricedLine
from shop.templatetags.addresses import product_address
from shop.templatetags.money import money
from shop.templatetags.pictures import picture, tint
from shop.views.basket_page import BasketPage, Row

register = template.Library()


@register.filter
def lines(page: BasketPage) -> list[dict[str, Any]]:
    """In the order of the page, each with its row for what is rarely said."""
    version = str(page.basket.version)
    return [_line(row, version) for row in page.rows]


def _line(row: Row, version: str) -> dict[str, Any]:
    line, product = row.line, row.line.product
    return _prices(row) | {
        "row": row,
        "version": version,
        "item": line.item,
        "id": row.id,
        "name": escaped(line.name),
        "href": "" if line.gone else _href(product),
        "tint": tint(line.picture),
        "picture": _picture(line, product),
        "options": line.options_words,
        "quantity": str(line.quantity),
        "less": str(row.less),
        "more": str(row.more),
        "is_bad": bool(row.reasons or line.gone),
    }


def _prices(row: Row) -> dict[str, Any]:
    """None of what we no longer sell."""
    if row.line.gone:
        return {}
    was = row.was_cents
    return {
        "each": money(row.line.unit_cents),
        "total": money(row.line.total_cents),
        "was": "" if was is None else money(was),
        "was_kind": "warn" if row.line.rose else "ok",
    }


def _href(product: Product | None) -> str:
    return product_address(product.slug) if product else ""


def _picture(line: PricedLine, product: Product | None) -> str:
    return picture(
        line.picture,
        drawn=product.slug if product else "",
        alt="",
        sizes="6rem",
        width=400,
        eager=True,
    )
