"""Baskets as rows of the shop's database: as durable as its orders."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from types import ModuleType
from typing import Any

from django.db import (
    DEFAULT_DB_ALIAS,
    InterfaceError,
    OperationalError,
    connections,
    transaction,
)
from django.db.models import Q, QuerySet
from django.utils import timezone

from basket.backends import (
    database_closing,
    database_merge,
    database_reading,
    database_rows,
    database_statements,
)
from basket.backends.base import BasketStore, Change, Contents, Line
from basket.exceptions import BasketUnavailable
from basket.given import check_change, check_operation, kept_details
from basket.models import Basket, BasketOperation

SWEPT_AT_ONCE = 500


class DatabaseBasketStore(BasketStore):
    """One statement per change on PostgreSQL, one short transaction on SQLite."""

    durable = True

    def __init__(self, *, using: str = DEFAULT_DB_ALIAS) -> None:
        self.using = using

    def read(self, token: str) -> Contents:
        """One query."""
        with _answering():
            return database_reading.read(self.using, token)

    def add(
        self,
        token: str,
        item: str,
        quantity: int,
        *,
        operation: str,
        details: Mapping[str, Any] | None = None,
        facts: Mapping[str, Any] | None = None,
        unless: str = "",
    ) -> Change:
        """One statement on PostgreSQL; more only for a repeat or a refusal."""
        check_change(operation, item, quantity, least=1)
        noted = kept_details(details), kept_details(facts), unless
        with _answering():
            return self._changes.add(
                self.using, token, item, quantity, operation, *noted
            )

    def put(
        self,
        token: str,
        item: str,
        quantity: int,
        *,
        operation: str,
        details: Mapping[str, Any] | None = None,
    ) -> Change:
        """One statement on PostgreSQL; taking a line out while others change the
        basket can take three."""
        check_change(operation, item, quantity, least=0)
        with _answering():
            if quantity == 0:
                return self._changes.take_out(self.using, token, item, operation)
            return self._changes.put(
                self.using, token, item, quantity, operation, kept_details(details)
            )

    def remember(
        self, token: str, facts: Mapping[str, Any], *, operation: str
    ) -> Change:
        """One statement on PostgreSQL."""
        check_operation(operation)
        with _answering():
            return self._changes.remember(
                self.using, token, operation, kept_details(facts)
            )

    def merge(self, token: str, into: str, *, owner: str = "") -> list[Line]:
        """One transaction that locks both baskets, in the order of their tokens."""
        with _answering():
            return database_merge.merge(self.using, token, into, owner)

    def close(self, token: str, *, version: int, next_token: str) -> bool:
        """One statement."""
        with _answering():
            return database_closing.close(self.using, token, version, next_token)

    def token_of(self, owner: str) -> str | None:
        """One query."""
        with _answering():
            return (
                Basket.objects.using(self.using)
                .filter(owner=owner, state=Basket.State.OPEN)
                .exclude(owner="")
                .values_list("token", flat=True)
                .first()
            )

    def owner_of(self, token: str) -> str:
        """One query."""
        with _answering():
            found = Basket.objects.using(self.using).filter(token=token)
            return found.values_list("owner", flat=True).first() or ""

    def forget(self, *, untouched_for: timedelta, dry_run: bool = False) -> int:
        """A transaction for every 500 baskets; passes over those in use just now."""
        before = timezone.now() - untouched_for
        old = Basket.objects.using(self.using).filter(changed_at__lt=before)
        with _answering():
            if dry_run:
                return old.count()
            forgotten = 0
            while swept := self._sweep(old):
                forgotten += swept
            BasketOperation.objects.using(self.using).filter(
                made_at__lt=before
            ).delete()
        return forgotten

    def forget_item(self, item: str) -> None:
        with _answering():
            Basket.objects.using(self.using).filter(lines__item=item).delete()

    def trail(
        self, tokens: Iterable[str] = (), *, owners: Iterable[str] = ()
    ) -> list[str]:
        """A query for each step between the baskets that lie furthest apart."""
        named = set(owners) - {""}
        baskets = Basket.objects.using(self.using).filter(owner__in={"", *named})
        wanted = Q(token__in=set(tokens)) | Q(owner__in=named)
        found: dict[str, str] = {}
        with _answering():
            while True:
                rows = dict(baskets.filter(wanted).values_list("token", "next_token"))
                new = rows.keys() - found.keys()
                found |= rows
                if not new:
                    return sorted(found)
                ahead = {rows[token] for token in new} - {""}
                wanted = Q(token__in=ahead) | Q(next_token__in=new)

    def remove(self, tokens: Iterable[str]) -> int:
        """Needs no transaction; basket rows first, as every change does, and in the
        order of their tokens, as a merge does."""
        named = Basket.objects.using(self.using).filter(token__in=set(tokens))
        with _answering(), transaction.atomic(using=self.using):
            locked = named.select_for_update().order_by("token")
            keys = list(locked.values_list("pk", flat=True))
            Basket.objects.using(self.using).filter(pk__in=keys).delete()
        return len(keys)

    def _sweep(self, old: QuerySet[Basket]) -> int:
        # Basket rows first, as every change does, so no two of them deadlock.
        with transaction.atomic(using=self.using):
            keys = list(
                old.select_for_update(skip_locked=True)
                .order_by("pk")
                .values_list("pk", flat=True)[:SWEPT_AT_ONCE]
            )
            Basket.objects.using(self.using).filter(pk__in=keys).delete()
        return len(keys)

    @property
    def _changes(self) -> ModuleType:
        if connections[self.using].vendor == "postgresql":
            return database_statements
        return database_rows


@contextmanager
def _answering() -> Iterator[None]:
    try:
        yield
    except (InterfaceError, OperationalError) as error:
        raise BasketUnavailable() from error
