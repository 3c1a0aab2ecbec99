"""What Django keeps for each thread, kept by Python's own means.

Django asks a dozen times a page which connection, language and list of pages is this
thread's, through an object that also works among coroutines and takes four times as
long. Here a request is one thread from beginning to end.
"""

from __future__ import annotations

import threading

from django.core.cache import caches
from django.db import connections
from django.urls import base as urls
from django.utils import timezone
from django.utils.translation import trans_real

# Where Django keeps it, and under which name. It has no setting for it.
KEEPERS = (
    (connections, "_connections"),
    (caches, "_connections"),
    (urls, "_prefixes"),
    (urls, "_urlconfs"),
    (timezone, "_active"),
    (trans_real, "_active"),
)


def keep_by_thread() -> None:
    """In this process from now on. Before anything is kept: what is, is forgotten."""
    for keeper, name in KEEPERS:
        getattr(keeper, name)  # a Django that keeps it elsewhere must not go unnoticed
        setattr(keeper, name, threading.local())
