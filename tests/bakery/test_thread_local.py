"""What belongs to a thread is that thread's alone, as with Django's own keeping."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.core.cache import caches
from django.db import connections
from django.urls import get_script_prefix, get_urlconf, set_script_prefix, set_urlconf
from django.utils import timezone, translation

from bakery.thread_local import KEEPERS


def in_another_thread(ask: Callable[[], Any]) -> Any:
    with ThreadPoolExecutor(max_workers=1) as other:
        return other.submit(ask).result()


# In a new process: in this one, tests that change the settings have Django begin anew.
LOOK = """
import django, threading
django.setup()
from bakery.thread_local import KEEPERS
from django.db import connections
print([type(getattr(*each)) is threading.local for each in KEEPERS])
print(connections.all(initialized_only=True))
"""


def test_from_the_start_each_is_kept_by_thread():
    ask = [sys.executable, "-W", "error", "-c", LOOK]
    said = subprocess.run(ask, capture_output=True, text=True, check=True).stdout
    assert said.splitlines() == [str([True] * len(KEEPERS)), "[]"]


@pytest.mark.parametrize("of", [connections, caches])
def test_each_thread_has_connections_of_its_own(of):
    assert of["default"] is of["default"]
    assert in_another_thread(lambda: of["default"]) is not of["default"]


def test_one_threads_language_and_time_zone_are_not_anothers():
    with translation.override("de"), timezone.override("Asia/Tokyo"):
        assert translation.get_language() == "de"
        assert timezone.get_current_timezone_name() == "Asia/Tokyo"
        assert in_another_thread(translation.get_language) == "en-gb"
        theirs = in_another_thread(timezone.get_current_timezone_name)
    assert theirs == timezone.get_default_timezone_name()
    assert translation.get_language() == "en-gb"


def test_one_threads_addresses_are_not_anothers():
    before = get_script_prefix()
    try:
        set_script_prefix("/shop/")
        set_urlconf("shop.urls")
        assert (get_script_prefix(), get_urlconf()) == ("/shop/", "shop.urls")
        assert in_another_thread(get_script_prefix) == "/"
        assert in_another_thread(get_urlconf) is None
    finally:
        set_script_prefix(before)
        set_urlconf(None)
