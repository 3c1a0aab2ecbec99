"""Tells a fresh page from an old one: the sum of all visible changes there have been.

The database adds to it in the transaction that makes the change (triggers.py). So no
server can show the change before the stamp says so, or keep an old page for long after.
"""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from django.conf import settings
from django.core.signals import setting_changed
from django.db import DatabaseError, InterfaceError, connection, transaction
from django.db.models import Q, Sum
from django.db.models.functions import Coalesce

from bakery.models import PageChange
from shop.calendar import today

# Asked with every press: putting it together anew would take longer than the answer.
CATALOGUE_VERSION = (
    "/* prepared */ "
    "SELECT COALESCE(SUM(amount), 0) FROM bakery_pagechange WHERE day IS NULL"
)


@dataclass(frozen=True)
class Stamp:
    """What this process knows of the catalogue's state.

    `since` is when it first saw this value, by its own clock. Not sure: the database
    did not answer, and there may have been changes.
    """

    value: int | None = None
    is_sure: bool = False
    since: float = 0.0


class Watch:
    """Looks at the stamp at most once in PAGE_LOOK_SECONDS, one thread at a time.

    Changes of days that have gone are no longer seen on any page and do not count.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._stamp = Stamp()
        self._looked_at = float("-inf")

    def known(self) -> Stamp | None:
        """The stamp, at most that old; None when it is time to look. No query."""
        is_new = self._clock() - self._looked_at < _look_seconds()
        return self._stamp if is_new else None

    def now(self) -> Stamp:
        """The stamp, at most that old. At most one query; never an error."""
        known = self.known()
        if known:
            return known
        if not self._lock.acquire(blocking=self._stamp.value is None):
            return self._stamp  # somebody is looking
        try:
            self._stamp = self._look()
        finally:
            self._looked_at = self._clock()
            self._lock.release()
        return self._stamp

    def _look(self) -> Stamp:
        began, before = self._clock(), self._stamp
        try:
            value = sum_of_changes()
        except (DatabaseError, InterfaceError):
            return Stamp(before.value, False, before.since)
        since = before.since if value == before.value else began
        return Stamp(value, True, since)


def sum_of_changes() -> int:
    """The stamp as the database has it. One query."""
    changes = PageChange.objects.filter(_seen())
    return int(changes.aggregate(sum=Coalesce(Sum("amount"), 0))["sum"])


def catalogue_version() -> int:
    """Changes whenever anything in the catalogue does, limits apart. One query."""
    with connection.cursor() as cursor:
        cursor.execute(CATALOGUE_VERSION)
        return int(cursor.fetchone()[0])


def fold_changes() -> int:
    """Put the changes of a day into one row, forget past days. How many rows it saved.

    The stamp stays the same. Atomic, repeatable, safe on several servers at once: a
    row is folded by whoever locks it, and new ones are not waited for.
    """
    with transaction.atomic():
        before = list(PageChange.objects.select_for_update())
        PageChange.objects.filter(pk__in=[each.pk for each in before]).delete()
        sums = Counter()
        for each in before:
            sums[each.day] += each.amount
        after = [
            PageChange(day=day, amount=amount)
            for day, amount in sums.items()
            if day is None or day >= today()
        ]
        PageChange.objects.bulk_create(after)
    return len(before) - len(after)


@lru_cache(maxsize=1)
def _look_seconds() -> float:
    """Read once: each page asks for it."""
    return settings.PAGE_LOOK_SECONDS


def _read_anew(**_: Any) -> None:
    _look_seconds.cache_clear()


setting_changed.connect(_read_anew, dispatch_uid="read the seconds between looks")


def _seen() -> Q:
    return Q(day=None) | Q(day__gte=today())
