"""Facts of the catalogue that a process keeps for as long as the catalogue is the same.

Whatever shoppers do asks again and again for the same prices, options and opening
hours. Inside `remembering()` they are asked for once, and kept under the version of
the catalogue that settings.CATALOGUE_VERSION tells. The version is always asked before
the facts, so they are never older than it says; with the next version all are dropped.

Kept rows are shared by all threads, so nobody may change them. What is left of a
limit, holds, baskets and orders are never kept.
"""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from threading import Lock
from typing import Any, NamedTuple, TypeVar

from django.conf import settings
from django.utils.module_loading import import_string

from shop.reserved import are_seen

# Facts of each kind; those that nobody asked for longest make room.
MOST = 500

_NOTHING = object()

Key = TypeVar("Key", bound=Hashable)
Fact = TypeVar("Fact")
Load = Callable[[list[Key]], dict[Key, Fact]]


class Catalogue:
    """What has been read of the catalogue at one version. For many threads."""

    def __init__(self, version: int, most: int = MOST) -> None:
        self.version = version
        self._most = most
        self._kinds: dict[str, OrderedDict[Any, Any]] = {}
        self._lock = Lock()

    def find(self, kind: str, keys: list[Key], load: Load[Key, Fact]) -> dict:
        """As the function find(). Two threads may load the same at once: no harm."""
        found = self._kept(kind, keys)
        if len(found) < len(keys):
            loaded = load([key for key in keys if key not in found])
            self._keep(kind, loaded)
            found |= loaded
        return found

    def _kept(self, kind: str, keys: list[Key]) -> dict:
        """Without a lock as long as there is room: nothing is taken away, and so it
        does not matter which of them was asked for last."""
        kept = self._kinds.get(kind)
        if kept is None:
            return {}
        if len(kept) < self._most:
            # Another thread may fill it up meanwhile, and then take some away.
            asked = ((key, kept.get(key, _NOTHING)) for key in keys)
            return {key: fact for key, fact in asked if fact is not _NOTHING}
        with self._lock:
            found = {key: kept[key] for key in keys if key in kept}
            for key in found:
                kept.move_to_end(key)
        return found

    def _keep(self, kind: str, loaded: dict) -> None:
        with self._lock:
            kept = self._kinds.setdefault(kind, OrderedDict())
            kept.update(loaded)
            while len(kept) > self._most:
                kept.popitem(last=False)


class _Scope:
    """One request: the version is asked with its first question, once."""

    __slots__ = ("catalogue", "may_be_old")

    def __init__(self, may_be_old: bool) -> None:
        self.may_be_old = may_be_old
        self.catalogue: Catalogue | None = None


class _Newest(NamedTuple):
    """The last version that was asked for, and before what moment it was so."""

    catalogue: Catalogue
    at: float


_scope: ContextVar[_Scope | None] = ContextVar("remembering", default=None)
_newest: _Newest | None = None
_changing = Lock()


@contextmanager
def remembering(*, may_be_old: bool = False) -> Iterator[None]:
    """Keep and use facts while the block lasts. Decorates views as well.

    The catalogue is the one of the first question in the block, at every question. The
    version costs one query; with may_be_old one that is not older than
    PAGE_LOOK_SECONDS is good enough, and costs none. Nothing is kept without a
    setting CATALOGUE_VERSION, nor where reserved goods are seen.
    """
    before = _scope.set(_Scope(may_be_old))
    try:
        yield
    finally:
        _scope.reset(before)


def find(kind: str, keys: Iterable[Key], load: Load[Key, Fact]) -> dict[Key, Fact]:
    """The facts of these keys, kept or loaded; what load() does not give is not there.

    `load` gets the keys nobody has kept and gives a dictionary. What is not there is
    not kept, and asked for again. Outside of remembering() all are loaded.
    """
    wanted = list(dict.fromkeys(keys))
    if not wanted:
        return {}
    catalogue = _at_hand()
    return catalogue.find(kind, wanted, load) if catalogue else load(wanted)


def begin() -> None:
    """Ask for the version now: before anything is read that is remembered afterwards,
    or it could be older than the version that it is remembered under.

    Costs what the first find() of the block would, and that one no more. No query where
    nothing is remembered.
    """
    _at_hand()


def _at_hand() -> Catalogue | None:
    """The one of this block; None where nothing may be remembered."""
    scope = _scope.get()
    if scope is None or are_seen():
        return None
    if scope.catalogue is None and getattr(settings, "CATALOGUE_VERSION", ""):
        scope.catalogue = _catalogue(scope.may_be_old)
    return scope.catalogue


def forget() -> None:
    """Keep nothing that was kept so far."""
    global _newest
    with _changing:
        _newest = None


def _catalogue(may_be_old: bool) -> Catalogue:
    global _newest
    now, newest = time.monotonic(), _newest
    if may_be_old and newest and now - newest.at < settings.PAGE_LOOK_SECONDS:
        return newest.catalogue
    version = import_string(settings.CATALOGUE_VERSION)()
    with _changing:
        newest = _newest
        if newest is None or newest.catalogue.version != version:
            _newest = _Newest(Catalogue(version), now)
        elif newest.at < now:
            _newest = _Newest(newest.catalogue, now)
        return _newest.catalogue
