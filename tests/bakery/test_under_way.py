"""What a server works on, for who waits until it may be stopped."""

from __future__ import annotations

import subprocess
import sys
import time

import pytest
from django.http import HttpResponse
from django.test import RequestFactory, override_settings

from bakery import draining, measures
from bakery.identity import IdentityMiddleware


@pytest.fixture(autouse=True)
def own_folder(tmp_path):
    with override_settings(VAR_DIR=tmp_path, CLONE_ID="clone-5", RELEASE="7"):
        yield tmp_path


def seen_inside(path: str) -> int:
    """How many are under way while a request for the path is answered."""
    seen = []

    def answer(request):
        seen.append(measures.under_way())
        return HttpResponse()

    IdentityMiddleware(answer)(RequestFactory().get(path))
    return seen[0]


def test_a_request_counts_as_long_as_it_is_worked_on():
    assert measures.under_way() == 0
    assert seen_inside("/products/") == 1
    assert measures.under_way() == 0
    assert measures.requests().by_class["2xx"] == 1


@pytest.mark.parametrize("path", ["/up", "/ready", "/metrics"])
def test_who_asks_after_health_is_not_waited_for(path):
    assert seen_inside(path) == 0


def test_a_request_that_fails_is_over_too():
    def fail(request):
        raise SystemExit

    with pytest.raises(SystemExit):
        IdentityMiddleware(fail)(RequestFactory().get("/"))
    assert measures.under_way() == 0


def test_what_a_dead_process_was_working_on_is_not_waited_for(own_folder):
    code = (
        "import os; from pathlib import Path; from django.conf import settings;"
        f"settings.configure(VAR_DIR=Path({str(own_folder)!r}), CLONE_ID='clone-5');"
        "from bakery import measures; measures.request_begun();"
        "print(measures.under_way(), flush=True); os._exit(1)"
    )
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert said.stdout == "1\n"
    assert len(list(own_folder.glob("measures.clone-5.*"))) == 1
    assert measures.under_way() == 0


def test_a_child_counts_in_a_file_of_its_own_whoever_was_counting(own_folder):
    code = (
        "import os; from pathlib import Path; from django.conf import settings;"
        f"settings.configure(VAR_DIR=Path({str(own_folder)!r}), CLONE_ID='clone-5');"
        "from bakery import measures; measures.request_answered(200, 1);"
        "measures._own.lock.acquire(); child = os.fork();"
        "child or measures.request_answered(404, 1); child or os._exit(0);"
        "os.waitpid(child, 0); print(measures.requests().by_class)"
    )
    said = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=True,
        timeout=30,
    )
    assert "'2xx': 1" in said.stdout
    assert "'4xx': 1" in said.stdout
    assert len(list(own_folder.glob("measures.clone-5.*"))) == 2


def test_the_file_of_a_process_has_its_room_before_anything_is_counted(own_folder):
    """A mapped file without: on a full disk the first number kills the process."""
    measures._Own()._open()
    [path] = own_folder.glob("measures.clone-5.*")
    assert path.stat().st_blocks * 512 >= measures.SIZE


def test_who_has_no_room_to_count_goes_on(own_folder):
    with override_settings(VAR_DIR=own_folder / "missing"):
        for _ in range(2):
            assert seen_inside("/products/") == 0


@pytest.mark.django_db
def test_metrics_tell_it(client):
    assert "bakery_requests_in_flight 0.0\n" in client.get("/metrics").content.decode()


@pytest.mark.parametrize(
    ("text", "stays"), [("", False), ("past", False), ("future", True), ("?", False)]
)
def test_a_start_ends_the_drain_unless_it_is_meant_for_it(text, stays):
    seconds = {"past": time.time() - 1, "future": time.time() + 60}
    draining.flag().write_text(str(seconds.get(text, text)))
    draining.begin_a_start()
    assert draining.is_draining() is stays


def test_a_start_without_a_drain_is_none():
    draining.begin_a_start()
    assert not draining.is_draining()
