"""The changes on SQLite: each is one transaction.

SQLite has no changes inside WITH. Its transactions take the write lock as their first
act (transaction_mode IMMEDIATE), so what one of them reads nobody else alters.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.db import transaction

from basket.backends.base import Change
from basket.exceptions import BasketIsClosed, LineTooLarge, TooManyLines
from basket.models import MAX_LINES, MAX_PER_LINE, Basket, BasketLine


def add(
    using: str,
    token: str,
    item: str,
    quantity: int,
    operation: str,
    details: dict[str, Any] | None,
    facts: dict[str, Any] | None = None,
    unless: str = "",
) -> Change:
    def more(basket: Basket) -> int:
        if facts and basket.details.get(unless) is None:
            _note(basket, facts)
        line = _line(basket, item)
        return _keep(line, line.quantity + quantity, details)

    return _change(using, token, operation, more)


def put(
    using: str,
    token: str,
    item: str,
    quantity: int,
    operation: str,
    details: dict[str, Any] | None,
) -> Change:
    def exactly(basket: Basket) -> int:
        return _keep(_line(basket, item), quantity, details)

    return _change(using, token, operation, exactly)


def take_out(using: str, token: str, item: str, operation: str) -> Change:
    def nothing(basket: Basket) -> int:
        basket.lines.filter(item=item).delete()
        return 0

    return _change(using, token, operation, nothing)


def remember(using: str, token: str, operation: str, facts: dict[str, Any]) -> Change:
    def noted(basket: Basket) -> int:
        _note(basket, facts)
        return 0

    return _change(using, token, operation, noted)


def _change(
    using: str, token: str, operation: str, alter: Callable[[Basket], int]
) -> Change:
    with transaction.atomic(using=using):
        baskets = Basket.objects.using(using)
        basket = baskets.filter(token=token).first()
        if basket is None:
            basket = baskets.create(token=token)
        else:
            first = basket.operations.filter(operation=operation).first()
            if first:
                return Change(first.version, first.quantity, repeated=True)
            if basket.state != Basket.State.OPEN:
                raise BasketIsClosed(basket.next_token)
            basket.version += 1
            basket.save(using=using, update_fields=["version", "changed_at"])
        quantity = alter(basket)
        basket.operations.create(
            operation=operation, version=basket.version, quantity=quantity
        )
        return Change(basket.version, quantity, repeated=False)


def _note(basket: Basket, facts: dict[str, Any]) -> None:
    basket.details |= facts
    basket.save(using=basket._state.db, update_fields=["details"])


def _line(basket: Basket, item: str) -> BasketLine:
    line = basket.lines.filter(item=item).first()
    if line is None and basket.lines.count() >= MAX_LINES:
        raise TooManyLines(MAX_LINES)
    return line or BasketLine(basket=basket, item=item, quantity=0)


def _keep(line: BasketLine, quantity: int, details: dict[str, Any] | None) -> int:
    if quantity > MAX_PER_LINE:
        raise LineTooLarge(line.item, MAX_PER_LINE)
    line.quantity = quantity
    if details is not None:
        line.details = details
    line.save(using=line.basket._state.db)
    return quantity
