"""The first boot takes only what is whole; else the release of the image serves."""

from __future__ import annotations

import http.server
import importlib.util
import json
import ssl
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from types import ModuleType
from typing import ClassVar

import pytest
import trustme

from bakery.release.publishing import note_of, publish
from bakery.release.shelf import FolderShelf, digest_on
from bakery.servers.ports import free_port
from tests.bakery.release.test_publishing import LOCK, release
from tests.processes import ROOT

PROGRAM = ROOT / "bakery/image/tree/usr/lib/bakery/join.py"
OWN, NEW = "0" * 16, "a" * 16


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *words: object) -> None:
        pass


@pytest.fixture
def join(tmp_path: Path) -> ModuleType:
    """The program, on a host that has the release of its image."""
    described = importlib.util.spec_from_file_location("join", PROGRAM)
    module = importlib.util.module_from_spec(described)
    described.loader.exec_module(module)
    module.BASE = tmp_path / "base"
    module.JOINED = module.BASE / "shared/joined"
    module.JOINING = module.BASE / "var/joining"
    for folder in ("incoming", "shared", "environments", "var", f"releases/{OWN}"):
        (module.BASE / folder).mkdir(parents=True)
    return module


@pytest.fixture
def shelf(tmp_path: Path) -> FolderShelf:
    made = tmp_path / "made"
    made.mkdir()
    ours = release(made, "a")
    shelf = FolderShelf(tmp_path / "shelf")
    publish(shelf, note_of(ours), made, signed=False)
    return shelf


@pytest.fixture
def pinned(shelf: FolderShelf) -> tuple[str, str]:
    """What the clone was given with its secrets."""
    return NEW, digest_on(shelf, f"{NEW}.tar.gz")


@pytest.fixture
def address(shelf: FolderShelf) -> Iterator[str]:
    handler = partial(Quiet, directory=str(shelf.folder))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def incoming(join: ModuleType) -> list[str]:
    return sorted(path.name for path in (join.BASE / "incoming").iterdir())


@pytest.fixture
def secure(tmp_path, monkeypatch) -> Iterator[Callable[..., str]]:
    """Serves by https, as somebody whom the clone trusts."""
    authority = trustme.CA()
    authority.cert_pem.write_to_path(tmp_path / "authority.pem")
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "authority.pem"))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    with ExitStack() as stack:

        def serve(handler: Callable[..., Quiet]) -> str:
            server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
            stack.enter_context(server)
            server.socket = context.wrap_socket(server.socket, server_side=True)
            threading.Thread(target=server.serve_forever, daemon=True).start()
            stack.callback(server.shutdown)
            return f"https://127.0.0.1:{server.server_port}"

        yield serve


def test_the_newest_release_is_fetched_by_https(join, secure, shelf):
    address = secure(partial(Quiet, directory=str(shelf.folder)))
    assert join.from_address(address) == NEW
    assert incoming(join) == [f"{NEW}.tar.gz", f"{LOCK}.tar"]


def test_from_where_anybody_could_answer_nothing_is_taken(join, address, capsys):
    assert join.from_address(address) == ""
    assert incoming(join) == []
    assert "anybody on the way could answer for it" in capsys.readouterr().out


def test_by_https_it_is_not_led_to_where_anybody_could_answer(
    join, secure, address, capsys
):
    class Leading(Quiet):
        def do_GET(self) -> None:
            self.send_response(302)
            self.send_header("Location", f"{address}{self.path}")
            self.end_headers()

    assert join.from_address(secure(Leading)) == ""
    assert incoming(join) == []
    assert "which is no https" in capsys.readouterr().out


@pytest.mark.parametrize("what", ["id", "digest"])
def test_another_release_than_the_pinned_one_is_not_taken(
    join, address, shelf, pinned, what
):
    other = (OWN, pinned[1]) if what == "id" else (NEW, "0" * 64)
    shelf.put(f"{OWN}.json", shelf.read(f"{NEW}.json"))
    assert join.from_address(address, *other) == ""
    assert incoming(join) == []


def test_the_pinned_release_is_fetched_from_any_address(join, address, pinned):
    assert join.from_address(address, *pinned) == NEW
    assert incoming(join) == [f"{NEW}.tar.gz", f"{LOCK}.tar"]


@pytest.mark.parametrize("which", [f"{NEW}.tar.gz", f"{LOCK}.tar"])
def test_a_damaged_archive_leaves_the_release_of_the_image(
    join, address, shelf, pinned, which
):
    shelf.put(which, shelf.read(which)[:-1] + b"x")
    assert join.from_address(address, *pinned) == ""
    assert which not in incoming(join)
    assert not [name for name in incoming(join) if name.endswith(".part")]


@pytest.mark.parametrize(
    "note",
    [b"", b'{"id": "' + NEW.encode(), b"[]", b'{"id": "../x", "lock": "y"}'],
    ids=["empty", "half", "none", "outside"],
)
def test_a_note_that_is_none_leaves_the_release_of_the_image(
    join, address, shelf, pinned, note
):
    shelf.put(f"{NEW}.json", note)
    assert join.from_address(address, *pinned) == ""
    assert incoming(join) == []


def test_a_note_without_digests_leaves_the_release_of_the_image(
    join, address, shelf, pinned
):
    facts = json.loads(shelf.read(f"{NEW}.json"))
    facts.pop("files")
    shelf.put(f"{NEW}.json", json.dumps(facts).encode())
    assert join.from_address(address, *pinned) == ""
    assert incoming(join) == []


def test_where_nobody_answers_the_release_of_the_image_serves(join):
    nobody = f"http://127.0.0.1:{free_port()}"
    assert join.from_address(nobody, NEW, "0" * 64) == ""
    assert join.from_storage(OWN) == ""  # whose program is not there
    assert join.baked() == OWN


def test_half_a_release_is_not_the_one_of_the_image(join):
    (join.BASE / "releases" / f".unpacking-{NEW}").mkdir()
    assert join.baked() == OWN


def program(join: ModuleType, *broken: str) -> None:
    """In place of the host's own: writes down what it is told, and fails for some."""
    log = join.BASE / "told"
    join.PROGRAM = join.BASE / "host.py"
    join.PROGRAM.write_text(
        f"import sys; open({str(log)!r}, 'a').write(' '.join(sys.argv[1:3]) + '\\n')\n"
        f"sys.exit(sys.argv[1:3] in {[each.split() for each in broken]!r})\n"
    )


def told(join: ModuleType) -> list[str]:
    return (join.BASE / "told").read_text().splitlines()[1:]


def test_the_fetched_one_serves_and_the_balancer_is_told(join, address, pinned):
    program(join)
    join.JOINED.write_text(
        f'#!/bin/sh\necho "$BAKERY_HOST $BAKERY_RELEASE" >{join.BASE}/joined\n'
    )
    join.JOINED.chmod(0o700)
    assert join.main("app9", address, *pinned) == 0
    assert told(join) == [f"install {NEW}", f"switch {NEW}", "ready --base"]
    assert (join.BASE / "joined").read_text() == f"app9 {NEW}\n"


@pytest.mark.parametrize("step", ["install", "switch"])
def test_one_that_does_not_become_ready_leaves_the_place_to_that_of_the_image(
    join, address, pinned, step
):
    program(join, f"{step} {NEW}")
    assert join.main("app9", address, *pinned) == 0
    assert told(join)[-3:] == [f"install {OWN}", f"switch {OWN}", "ready --base"]
    assert not join.JOINING.exists()


def test_nobody_sends_shoppers_to_a_clone_that_is_not_ready(join, address, pinned):
    program(join, f"install {NEW}", f"switch {OWN}")
    join.JOINED.write_text(f"#!/bin/sh\ntouch {join.BASE}/joined\n")
    join.JOINED.chmod(0o700)
    assert join.main("app9", address, *pinned) == 1
    assert not (join.BASE / "joined").exists()


class Page(Quiet):
    """A shop of two pages."""

    asked: ClassVar[list[str]] = []

    def do_GET(self) -> None:
        self.asked.append(f"{self.headers['Host']} {self.path.partition('?')[0]}")
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b'<a href="/breads/">bread</a>')


def test_its_pages_are_asked_before_shoppers_come(join, monkeypatch):
    """By the program of the release, with the Python of its environment."""
    folder = join.BASE / "releases" / OWN
    (folder / ".venv/bin").mkdir(parents=True)
    (folder / ".venv/bin/python").symlink_to(sys.executable)
    (folder / "bakery").symlink_to(ROOT / "bakery")
    steps = []
    monkeypatch.setattr(join, "do", lambda *words: steps.append(words[0]) or 0)
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Page) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        (join.BASE / "shared/host").write_text(
            f"PORT={server.server_port}\nBIND=0.0.0.0\nSITE_URL=https://shop.example\n"
        )
        monkeypatch.setattr(
            Page, "do_GET", _after(lambda: steps.append("page"), Page.do_GET)
        )
        assert join.serve("app9", OWN) == 0
        server.shutdown()
    assert [step for step in steps if step != "page"] == ["install", "switch", "ready"]
    assert steps[2:-1] == ["page"] * len(steps[2:-1])
    assert Page.asked.count("shop.example /breads/") == join.ROUNDS
    assert "shop.example /basket/" in Page.asked


def _after(first, then):
    def both(self) -> None:
        first()
        then(self)

    return both


def test_a_clone_that_does_not_get_warm_serves_all_the_same(join, monkeypatch, capsys):
    steps = []
    monkeypatch.setattr(join, "do", lambda *words: steps.append(words[0]) or 0)
    assert join.serve("app9", OWN) == 0
    assert steps == ["install", "switch", "ready"]
    assert "not warm" in capsys.readouterr().out
