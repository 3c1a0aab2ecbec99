"""What leaves the shop as a table for the owner's spreadsheet."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from itertools import islice
from typing import Any

from django.db.models import QuerySet
from import_export.fields import Field
from import_export.resources import ModelResource
from import_export.widgets import CharWidget

from shop.models import Order
from shop.templatetags.money import amount

# A spreadsheet takes a cell that begins so for a formula, and runs it.
FORMULA_SIGNS = ("=", "+", "-", "@", "\t", "\r")
# So many orders are in memory at once.
PIECE = 500


class PlainText(CharWidget):
    """Words that strangers typed, kept from being taken for a formula."""

    def render(self, value: Any, obj: Any = None, **kwargs: Any) -> str:
        words = "" if value is None else str(value)
        return f"'{words}" if words.startswith(FORMULA_SIGNS) else words


def _text(attribute: str) -> Field:
    return Field(attribute=attribute, column_name=attribute, widget=PlainText())


class OrderResource(ModelResource):
    """One row an order. Money is written as 4.50, days as 2026-11-24."""

    name = _text("name")
    email = _text("email")
    phone = _text("phone")
    note = _text("note")
    bake_day = Field(attribute="bake_day__date", column_name="bake_day")
    slot = Field(column_name="slot")
    place = Field(attribute="slot__place__name", column_name="place")
    total = Field(column_name="total")
    tax = Field(column_name="tax")
    paid = Field(column_name="paid")

    class Meta:
        model = Order
        fields = (
            "code",
            "state",
            "bake_day",
            "slot",
            "place",
            "name",
            "email",
            "phone",
            "note",
            "currency",
            "total",
            "tax",
            "paid",
            "placed_at",
        )
        export_order = fields

    def dehydrate_slot(self, order: Order) -> str:
        return str(order.slot)

    def dehydrate_total(self, order: Order) -> str:
        return amount(order.total_cents, order.currency)

    def dehydrate_tax(self, order: Order) -> str:
        return amount(order.tax_cents, order.currency)

    def dehydrate_paid(self, order: Order) -> str:
        return "no" if order.is_due else "yes"


def csv_in_pieces(orders: QuerySet[Order]) -> Iterator[str]:
    """The table's text, a few hundred orders at a time; the head comes first.

    One query; the orders in their own order.
    """
    resource = OrderResource()
    yield _lines([resource.get_export_headers()])
    rows = orders.iterator(chunk_size=PIECE)
    while piece := list(islice(rows, PIECE)):
        yield _lines([resource.export_resource(order) for order in piece])


def _lines(rows: list[list[str]]) -> str:
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    return text.getvalue()
