"""A measurement that sets Django up for itself: in a fresh process."""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from typing import Any

from tests.bench.row import Row


def apart(measured: Callable[..., list[Row]], *arguments: Any) -> list[Row]:
    """What the function of a module gives there; its errors are raised here."""
    fresh = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(max_workers=1, mp_context=fresh) as process:
        return process.submit(measured, *arguments).result()
