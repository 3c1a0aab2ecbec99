"""What gunicorn's first process has done when it forks, seen from outside."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from tests.processes import ROOT, Machine, copy_database

pytestmark = pytest.mark.slow

# As gunicorn does it, and then what a child does with its first requests.
FIRST_PROCESS = """
import gc, io, json, sys, threading
import psutil
gc.disable()
from bakery.wsgi import application
from bakery.starting import before_first_fork
before_first_fork()
told = {
    "threads": threading.active_count(),
    "files": [file.path for file in psutil.Process().open_files()],
    "sockets": len(psutil.Process().net_connections()),
    "frozen": gc.get_freeze_count(),
    "young": sum(gc.get_count()),
    "collects": gc.isenabled(),
    "threshold": gc.get_threshold(),
    "loaded": sorted(sys.modules),
}
def ask(path):
    environ = {
        "REQUEST_METHOD": "GET", "PATH_INFO": path, "QUERY_STRING": "",
        "SERVER_NAME": "127.0.0.1", "SERVER_PORT": "8000", "SERVER_PROTOCOL":
        "HTTP/1.1", "wsgi.url_scheme": "http", "wsgi.input": io.BytesIO(),
        "HTTP_HOST": "127.0.0.1:8000", "REMOTE_ADDR": "127.0.0.1",
        "HTTP_ACCEPT_ENCODING": "gzip", "SCRIPT_NAME": "",
    }
    said = []
    answer = application(environ, lambda status, headers, *_: said.append(status))
    b"".join(answer)
    answer.close() if hasattr(answer, "close") else None
    return said[0]
paths = ["/", "/basket/", "/basket/pick-up/", "/checkout/", "/no-such-page", "/ready"]
told["answers"] = {path: ask(path) for path in paths}
told["later"] = sorted(set(sys.modules) - set(told["loaded"]))
print(json.dumps(told))
"""
# Of commands, tests and other processes of ours; large, and of no use to a request.
STRANGERS = {
    "bakery.backups", "bakery.deploy", "bakery.doctor", "bakery.fleet", "bakery.host",
    "bakery.image", "bakery.instances", "bakery.prove", "bakery.release",
    "bakery.servers", "shop.demo", "tests", "pytest", "django.test",
    "django.core.management.commands", "IPython", "numpy", "openpyxl", "unittest",
}  # fmt: skip


@pytest.fixture(scope="module")
def first_process(tmp_path_factory, migrated):
    """Its cache is named and away: it need not answer for what is loaded."""
    machine = Machine(tmp_path_factory.mktemp("preloading"))
    machine.environment["CACHE_URL"] = "redis://127.0.0.1:1/0"
    copy_database(migrated, machine.folder)
    machine.manage("collectstatic", "--no-input", "--verbosity=0")
    answer = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", FIRST_PROCESS],
        cwd=ROOT,
        env=machine.environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    assert answer.returncode == 0, answer.stderr
    return json.loads(answer.stdout.splitlines()[-1])


def test_the_first_process_is_ready_to_fork(first_process):
    """Neither a connection nor a thread goes over, and the collector leaves alone
    what the children share."""
    told = first_process
    assert told["threads"] == 1
    assert told["sockets"] == 0
    assert not [file for file in told["files"] if "sqlite" in file]
    assert told["frozen"] > 100_000
    assert told["young"] < 2_000
    assert told["collects"]
    assert told["threshold"] == [700, 10, 10]


def test_a_request_loads_nothing_more_of_the_shop(first_process):
    assert first_process["answers"]["/"] == "200 OK"
    assert first_process["answers"]["/basket/"] == "200 OK"
    ours = ("bakery", "basket", "shop", "allauth", "django.", "django_redis")
    later = first_process["later"]
    assert [name for name in later if name.startswith(ours)] == []


def test_a_web_process_knows_nothing_of_commands_and_tests(first_process):
    loaded = {*first_process["loaded"], *first_process["later"]}
    assert {name for name in loaded if _belongs(name)} == set()


def _belongs(name: str) -> bool:
    return any(name == each or name.startswith(f"{each}.") for each in STRANGERS)
