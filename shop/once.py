"""What a function without side effects gives is worked out once by each process.

For what depends on nothing but its arguments and the release: addresses, and small
parts of pages. Never for anything of a shopper, and never for a fact of the database.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from functools import lru_cache, wraps
from typing import TypeVar

from django.conf import settings

# Answers of each function; those that nobody asked for longest make room.
MOST = 2000

Answer = TypeVar("Answer")


def once(function: Callable[..., Answer]) -> Callable[..., Answer]:
    """Remember its answers. With DEBUG nothing is: files may have changed meanwhile.

    Two threads may work out the same at once: no harm. An exception is not remembered.
    """
    kept = lru_cache(maxsize=MOST)(function)

    @wraps(function)
    def answer(*args: Hashable) -> Answer:
        return function(*args) if settings.DEBUG else kept(*args)

    return answer
