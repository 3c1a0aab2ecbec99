"""Connections to the database beside those that requests borrow from the pool."""

from __future__ import annotations

from django.db import connection, connections
from django.db.backends.base.base import BaseDatabaseWrapper


def unpooled() -> BaseDatabaseWrapper:
    """A connection of its own to the shop's database, not open yet; close it.

    It fails with the server's own words, and what belongs to a session of the server
    stays with it.
    """
    own = connection.copy()
    own.settings_dict["OPTIONS"].pop("pool", None)
    return own


def close_all() -> None:
    """Close every connection of this thread, and the pools they came from."""
    for each in connections.all(initialized_only=True):
        each.close()
        if getattr(each, "pool", None):
            each.close_pool()
