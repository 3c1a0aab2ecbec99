"""The autoscaler of the examples: what it decides, and what it would type."""

from __future__ import annotations

import http.server
import importlib.util
import subprocess
import sys
import threading
from collections.abc import Iterator

import pytest

from bakery.servers.ports import free_port
from tests.processes import ROOT

PROGRAM = ROOT / "examples/autoscale.py"
LEAST, MOST = 2, 8

_described = importlib.util.spec_from_file_location("autoscale", PROGRAM)
autoscale = importlib.util.module_from_spec(_described)
_described.loader.exec_module(autoscale)


def seen(*shares: float, silent: int = 0) -> list:
    return [autoscale.Look(share, silent) for share in shares]


@pytest.mark.parametrize(
    ("clones", "shares", "number"),
    [
        (3, [], 3),
        (3, [0.9, 0.9], 3),  # not yet sure
        (3, [0.9, 0.6, 0.9], 3),
        (3, [0.7, 0.7, 0.7], 3),
        (3, [0.1, 0.8, 0.75, 0.9], 5),  # 3 x 0.75 / 0.5
        (3, [1.0, 1.0, 1.0], 6),  # at most twice as many
        (6, [1.0, 1.0, 1.0], MOST),
        (MOST, [1.0, 1.0, 1.0], MOST),
        (3, [0.1] * 19, 3),
        (3, [0.1] * 20, 2),  # one at a time
        (3, [0.1] * 10 + [0.4] + [0.1] * 9, 3),
        (3, [0.33] * 20, 2),  # the others would be at 0.495
        (3, [0.34] * 20, 3),
        (LEAST, [0.0] * 20, LEAST),
        (1, [0.0], LEAST),
        (9, [1.0], MOST),
    ],
)
def test_so_many_clones_are_wanted(clones, shares, number):
    assert autoscale.wanted(clones, seen(*shares), LEAST, MOST) == number


def test_nobody_leaves_while_a_clone_is_silent():
    looks = seen(*[0.1] * 20)
    looks[10] = autoscale.Look(0.1, 1)
    assert autoscale.wanted(4, looks, LEAST, MOST) == 4


@pytest.mark.parametrize("load", [x / 10 for x in range(1, 80)])
@pytest.mark.parametrize("begin", [LEAST, 5, MOST])
def test_under_a_load_that_stays_it_comes_to_rest(begin, load):
    """So many clones' worth of work: it never goes up and down in turn."""
    clones, looks, changes = begin, [], []
    for _ in range(400):
        looks = [*looks[-20:], *seen(min(load / clones, 1.0))]
        number = autoscale.wanted(clones, looks, LEAST, MOST)
        if number != clones:
            changes.append(number > clones)
            clones, looks = number, []
    assert len(set(changes)) <= 1
    assert load / clones <= autoscale.BUSY or clones == MOST


class Busy(http.server.BaseHTTPRequestHandler):
    """A clone that works on eleven requests."""

    def do_GET(self) -> None:
        named = (self.path, self.headers["Host"]) == ("/metrics", "shop.example")
        self.send_response(200 if named else 404)
        self.end_headers()
        self.wfile.write(b"bakery_draining 0\nbakery_requests_in_flight 11\n")

    def log_message(self, *words: object) -> None:
        pass


@pytest.fixture
def port() -> Iterator[int]:
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Busy) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server.server_port
        server.shutdown()


def test_it_asks_the_clones_and_a_dry_run_only_tells_what_it_would_do(port, tmp_path):
    file = tmp_path / "fleet.toml"
    file.write_text(f"""
name = "try"
site_url = "https://shop.example"
[hosts.app1]
address = "127.0.0.1"
roles = ["web"]
port = {port}
[hosts.app2]
address = "127.0.0.1"
roles = ["web", "work"]
port = {free_port()}
[hosts.front]
address = "127.0.0.1"
roles = ["balancer"]
""")
    words = [sys.executable, PROGRAM, file, "--dry-run", "--looks", "3"]
    said = subprocess.check_output([*words, "--every", "0"], text=True).splitlines()
    assert [line[9:] for line in said[:3]] == ["2 clones, busy 0.96, silent 1"] * 3
    assert said[3].endswith(f"manage.py fleet scale 4 --file {file}")
    assert len(said) == 4


def test_it_reads_addresses_of_both_kinds(tmp_path):
    file = tmp_path / "fleet.toml"
    file.write_text("""
site_url = "https://shop.example"
hosts.a = {address = "10.0.0.1", roles = ["web"], workers = 2, threads = 2}
hosts.b = {address = "fd00::1", roles = ["web"], port = 8001}
hosts.c = {address = "10.0.0.3", roles = ["work"]}
""")
    site, clones = autoscale.clones_in(file)
    assert site == "shop.example"
    assert clones == [("10.0.0.1:8000", 4), ("[fd00::1]:8001", 12)]
