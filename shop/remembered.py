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
from dataclasses import dataclass
from threading import Lock
from typing import Any, TypeVar

from django.conf import settings
from django.utils.module_loading import import_string

from shop.reserved import are_seen

# Facts of each kind; those that nobody asked for longest make room.
MOST = 500

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
        missing = [key for key in keys if key not in found]
        if missing:
            loaded = load(missing)
            self._keep(kind, loaded)
            found |= loaded
        return found

    def _kept(self, kind: str, keys: list[Key]) -> dict:
        with self._lock:
            kept = self._kinds.setdefault(kind, OrderedDict())
            found = {key: kept[key] for key in keys if key in kept}
            for key in found:
                kept.move_to_end(key)
        return found

    def _keep(self, kind: str, loaded: dict) -> None:
        with self._lock:
            kept = self._kinds[kind]
            kept.update(loaded)
            while len(kept) > self._most:
                kept.popitem(last=False)


@dataclass
class _Scope:
    """One request: the version is asked with its first question, once."""

    may_be_old: bool
    catalogue: Catalogue | None = None


@dataclass(frozen=True)
class _Newest:
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
    scope = _scope.get()
    if scope is None or are_seen() or not getattr(settings, "CATALOGUE_VERSION", ""):
        return load(wanted)
    if scope.catalogue is None:
        scope.catalogue = _catalogue(scope.may_be_old)
    return scope.catalogue.find(kind, wanted, load)


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
        if _newest is None or _newest.catalogue.version != version:
            _newest = _Newest(Catalogue(version), now)
        elif _newest.at < now:
            _newest = _Newest(_newest.catalogue, now)
        return _newest.catalogue
