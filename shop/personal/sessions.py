"""The sessions of one person, found by what is in them."""

from __future__ import annotations

import json
from collections.abc import Collection
from importlib import import_module

from django.conf import settings
from django.contrib.auth import SESSION_KEY as LOGGED_IN
from django.contrib.sessions.backends.db import SessionStore

from shop.models import User

READ_AT_ONCE = 2000


def sessions_of(user: User | None, emails: Collection[str]) -> list[str]:
    """Keys of the sessions that are logged in as the user or tell of an address.

    A session says only inside whose it is: every row is read, which takes about a
    second for 30,000 of them. For erasures, not for pages.
    """
    store = _store()
    rows = store.get_model_class().objects.values_list("session_key", "session_data")
    return [
        key
        for key, data in rows.iterator(chunk_size=READ_AT_ONCE)
        if _is_of(store.decode(data), user, emails)
    ]


def end_sessions(keys: Collection[str]) -> None:
    """Remove rows and copies: whoever comes with one of these is logged out."""
    for key in keys:
        _store().delete(key)


def _is_of(data: dict, user: User | None, emails: Collection[str]) -> bool:
    if user and data.get(LOGGED_IN) == str(user.pk):
        return True
    written = json.dumps(data, ensure_ascii=False, default=str).lower()
    return any(email in written for email in emails)


def _store() -> SessionStore:
    return import_module(settings.SESSION_ENGINE).SessionStore()
