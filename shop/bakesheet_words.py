"""The bake sheet for terminals and for programs."""

from __future__ import annotations

from typing import Any

from rich.console import Group
from rich.table import Table
from rich.text import Text

from shop.bakesheet import BakeSheet, SheetLine
from shop.recipes import DoughCard
from shop.templatetags.days import clock, day_long
from shop.templatetags.weights import weight


def as_facts(sheet: BakeSheet) -> dict[str, Any]:
    """The sheet as one JSON document. Weights are whole grams."""
    return {
        "date": sheet.date.isoformat(),
        "made_at": sheet.made_at.isoformat(),
        "state": sheet.bake_day.state if sheet.bake_day else None,
        "orders": sheet.orders,
        "pieces": sheet.pieces,
        "trays": sheet.trays,
        "lines": [_line_facts(line) for line in sheet.lines],
        "made_before": [_dough_facts(card) for card in sheet.made_before],
        "doughs": [_dough_facts(card) for card in sheet.doughs],
        "ahead": [
            {
                "for": ahead.date.isoformat(),
                "doughs": [_dough_facts(card) for card in ahead.cards],
            }
            for ahead in sheet.ahead
        ],
        "ingredients": [
            {"name": str(ingredient), "grams": grams}
            for ingredient, grams in sheet.ingredients
        ],
    }


def _line_facts(line: SheetLine) -> dict[str, Any]:
    return {
        "sku": line.variant.sku,
        "name": str(line.variant),
        "pieces": line.pieces,
        "trays": line.trays,
        "pieces_per_tray": line.variant.pieces_per_tray,
        "dough_grams": line.dough_g,
        "ready_by": f"{line.ready_by:%H:%M}",
        "choices": [{"words": words, "pieces": n} for words, n in line.choices],
        "requests": [
            {"order": r.code, "pieces": r.pieces, "words": list(r.words)}
            for r in line.requests
        ],
    }


def _dough_facts(card: DoughCard) -> dict[str, Any]:
    return {
        "name": str(card.recipe),
        "days_before": card.days_before,
        "grams": card.grams,
        "batches": card.batches,
        "lines": [{"name": line.name, "grams": line.grams} for line in card.lines],
    }


def as_tables(sheet: BakeSheet) -> Group:
    """The sheet as tables for rich."""
    parts: list[Any] = [_heading(sheet)]
    if sheet.lines:
        parts += [_pieces(sheet), *_doughs("Doughs and fillings", sheet.doughs)]
    for ahead in sheet.ahead:
        title = f"To do today for {day_long(ahead.date)}"
        parts += _doughs(title, ahead.cards)
    if sheet.lines:
        parts.append(_ingredients(sheet))
    return Group(*parts)


def _heading(sheet: BakeSheet) -> Text:
    if sheet.bake_day is None:
        sums = "the oven is off"
    else:
        sums = f"{sheet.pieces} pieces, {sheet.trays} trays, {sheet.orders} orders"
    return Text(f"Bake sheet {day_long(sheet.date)} {sheet.date.year}: {sums}")


def _pieces(sheet: BakeSheet) -> Table:
    table = Table("", "product", "", "", title_justify="left")
    table.columns[0].header, table.columns[0].justify = "pieces", "right"
    table.columns[2].header, table.columns[2].justify = "trays", "right"
    table.columns[3].header = "ready by"
    for line in sheet.lines:
        words = [str(line.variant)]
        words += [f"  {n} {choice}" for choice, n in line.choices]
        words += [f"  {r.code}: {' / '.join(r.words)}" for r in line.requests]
        table.add_row(
            str(line.pieces),
            Text("\n".join(words)),
            str(line.trays),
            clock(line.ready_by),
        )
    return table


def _doughs(title: str, cards: Any) -> list[Table]:
    table = Table("weight", "dough", "batches", "of", title=title, title_justify="left")
    table.columns[0].justify = "right"
    for card in cards:
        lines = (f"{weight(line.grams)} {line.name}" for line in card.lines)
        table.add_row(
            weight(card.grams),
            Text(str(card.recipe)),
            str(card.batches),
            Text("\n".join(lines)),
        )
    return [table] if cards else []


def _ingredients(sheet: BakeSheet) -> Table:
    table = Table("weight", "ingredient", title="Ingredients", title_justify="left")
    table.columns[0].justify = "right"
    for ingredient, grams in sheet.ingredients:
        table.add_row(weight(grams), Text(str(ingredient)))
    return table
