"""Warming a clone up and timing two of them: with real servers of the shop's kind."""

from __future__ import annotations

import ast
import inspect
import json
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from statistics import median

import pytest

from bakery.deploy import pages

HOME = (
    '<a href="/product/rye/">Rye</a> <a href="/basket/">Basket</a> <a href="/staff/">'
)


class Shop(BaseHTTPRequestHandler):
    """Home page, one product, a search, and a basket for who has its cookie."""

    def do_GET(self) -> None:
        self.server.asked.append((self.path, self.headers["Host"]))
        if self.path in self.server.slow:
            time.sleep(0.3)
        known = ["/", "/product/rye/", "/basket/", *self.server.new]
        found = self.path in known or self.path.startswith("/search/?q=")
        if self.path == "/basket/" and "basket=x" not in self.headers["Cookie"]:
            found = False
        self.send_response(200 if found else 404)
        self.send_header("Set-Cookie", "basket=x; Path=/")
        self.end_headers()
        self.wfile.write(HOME.encode() + b"".join(self.server.new.values()))

    def log_message(self, *words: object) -> None:
        """Nobody reads it."""


def make_shop(slow: tuple[str, ...] = (), new: dict | None = None):
    shop = ThreadingHTTPServer(("127.0.0.1", 0), Shop)
    shop.slow, shop.new, shop.asked = slow, new or {}, []
    threading.Thread(target=shop.serve_forever, daemon=True).start()
    return shop


@pytest.fixture
def shops() -> Iterator[list]:
    """Two of the same; tests change one of them."""
    made = [make_shop(), make_shop()]
    yield made
    for shop in made:
        shop.shutdown()
        shop.server_close()


def look(capsys, *shops, rounds: int = 3) -> dict:
    words = ["--site", "https://shop.example", "--rounds", str(rounds), "--warm", "2"]
    names = [f"app{n}=http://127.0.0.1:{s.server_port}" for n, s in enumerate(shops, 1)]
    assert pages.main([*words, *names]) == 0
    return json.loads(capsys.readouterr().out)


def test_it_looks_at_what_the_home_page_leads_to_and_at_the_basket(shops, capsys):
    found = look(capsys, *shops)
    assert found["pages"] == ["/", "/product/rye/", "/search/?q=", "/basket/"]
    assert {host for _, host in shops[0].asked} == {"shop.example"}
    assert {len(each) for each in found["seconds"]["app1"].values()} == {3}
    assert found["seconds"].keys() == {"app1", "app2"}


def test_no_search_is_made_twice(shops, capsys):
    look(capsys, *shops)
    asked = Counter(path for shop in shops for path, _ in shop.asked)
    assert {n for path, n in asked.items() if path.startswith("/search/")} == {1}


def test_a_slow_page_takes_longer(shops, capsys):
    shops[0].slow = ("/basket/",)
    seconds = look(capsys, *shops)["seconds"]
    assert min(seconds["app1"]["/basket/"]) >= 0.3
    assert median(seconds["app1"]["/basket/"]) > median(seconds["app2"]["/basket/"])


def test_a_page_that_only_the_new_release_has_is_not_compared(shops, capsys):
    shops[0].new = {"/new/": b'<a href="/new/">'}
    found = look(capsys, *shops)
    assert "/new/" in found["pages"]
    assert "/new/" not in found["seconds"]["app1"]


def test_one_alone_is_only_warmed_up(shops, capsys):
    assert look(capsys, shops[0])["seconds"] == {}


def test_a_page_that_fails_is_told(shops, capsys):
    shops[0].shutdown()
    shops[0].server_close()
    url = f"app1=http://127.0.0.1:{shops[0].server_port}"
    assert pages.main(["--site", "http://shop.example", url]) == 1
    assert "app1 does not answer /" in capsys.readouterr().err


def imported(source: str) -> set[str]:
    """The names of all modules that it imports, wherever it does."""
    found = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            found.add(node.module)
    return found


def test_it_needs_nothing_but_the_standard_library():
    """It runs before the release is known to be good: no setting of it is read."""
    names = imported(inspect.getsource(pages))
    assert {name.partition(".")[0] for name in names} <= sys.stdlib_module_names


def test_control_names_out_of_a_package_are_seen():
    source = "def late():\n    from django.http import HttpResponse\n"
    assert imported(source) == {"django.http"}
