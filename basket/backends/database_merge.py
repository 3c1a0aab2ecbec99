"""Pours one basket into another, on any database."""

from __future__ import annotations

from django.db import IntegrityError, transaction
from django.utils import timezone

from basket.backends.base import Line
from basket.exceptions import BasketIsClosed, BasketUnavailable, OwnerHasBasket
from basket.models import MAX_LINES, MAX_PER_LINE, Basket, BasketLine

# In the details of a line that stayed behind: how many of its pieces did not fit.
LEFT_OUT = "left_out"
_TRIES = 3


def merge(using: str, token: str, into: str, owner: str) -> list[Line]:
    """As BasketStore.merge(). The lines of the old basket stay where they are: they
    are the record from which a repeat answers."""
    try:
        with transaction.atomic(using=using):
            return _merge(using, token, into, owner)
    except IntegrityError as error:
        rival = Basket.objects.using(using).filter(owner=owner, state="open").first()
        if not owner or rival is None:
            raise
        raise OwnerHasBasket(rival.token) from error


def _merge(using: str, token: str, into: str, owner: str) -> list[Line]:
    old, target = _locked(using, token, into)
    if old.state == Basket.State.MERGED and old.next_token == into:
        return _came_in(old)
    for basket in (target, old):
        if basket.state != Basket.State.OPEN:
            raise BasketIsClosed(basket.next_token)
    target.owner = owner or target.owner
    if old.pk == target.pk:
        target.save(using=using)
        return []
    poured = _pour(using, old, target)
    target.version += max(1, poured)
    target.details = old.details or target.details
    target.save(using=using)
    Basket.objects.using(using).filter(pk=old.pk).update(
        state=Basket.State.MERGED,
        next_token=into,
        version=old.version + 1,
        changed_at=timezone.now(),
    )
    return _came_in(old)


def _locked(using: str, token: str, into: str) -> list[Basket]:
    """Both rows, made if need be, so that a change on its way finds where it leads.

    Made and locked in the order of their tokens, so that no two merges deadlock. One
    that is removed in this very moment, by a sweep or an erasure, is made anew.
    """
    names = sorted({token, into})
    baskets = Basket.objects.using(using)
    for _ in range(_TRIES):
        new = [Basket(token=name) for name in names]
        baskets.bulk_create(new, ignore_conflicts=True)
        rows = baskets.filter(token__in=names).order_by("token").select_for_update()
        found = {basket.token: basket for basket in rows}
        if len(found) == len(names):
            return [found[token], found[into]]
    raise BasketUnavailable()


def _pour(using: str, old: Basket, target: Basket) -> int:
    """Move what fits, note what does not; how many lines were changed."""
    held = {line.item: line for line in target.lines.all()}
    poured = 0
    for line in old.lines.all():
        there = held.get(line.item)
        room = MAX_PER_LINE - (there.quantity if there else 0)
        if there is None and len(held) >= MAX_LINES:
            room = 0
        fits = min(room, line.quantity)
        if fits < line.quantity:
            details = line.details | {LEFT_OUT: line.quantity - fits}
            old.lines.filter(pk=line.pk).update(details=details)
        if fits == 0:
            continue
        there = there or BasketLine(basket=target, item=line.item, quantity=0)
        there.quantity += fits
        there.details = line.details
        there.save(using=using)
        held[line.item] = there
        poured += 1
    return poured


def _came_in(old: Basket) -> list[Line]:
    lines = []
    for line in old.lines.all():
        details = dict(line.details)
        left_out = details.pop(LEFT_OUT, 0)
        lines.append(Line(line.item, line.quantity, details, left_out))
    return lines
