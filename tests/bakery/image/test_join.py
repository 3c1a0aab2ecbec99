"""The first boot takes only what is whole; else the release of the image serves."""

from __future__ import annotations

import http.server
import importlib.util
import json
import threading
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from types import ModuleType

import pytest

from bakery.release.publishing import note_of, publish
from bakery.release.shelf import FolderShelf
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
    for folder in ("incoming", "shared", "environments", f"releases/{OWN}"):
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
def address(shelf: FolderShelf) -> Iterator[str]:
    handler = partial(Quiet, directory=str(shelf.folder))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def incoming(join: ModuleType) -> list[str]:
    return sorted(path.name for path in (join.BASE / "incoming").iterdir())


def test_the_newest_release_is_fetched_from_an_address(join, address):
    assert join.from_address(address) == NEW
    assert incoming(join) == [f"{NEW}.tar.gz", f"{LOCK}.tar"]


@pytest.mark.parametrize("which", [f"{NEW}.tar.gz", f"{LOCK}.tar"])
def test_a_damaged_archive_leaves_the_release_of_the_image(join, address, shelf, which):
    shelf.put(which, shelf.read(which)[:-1] + b"x")
    assert join.from_address(address) == ""
    assert which not in incoming(join)
    assert not [name for name in incoming(join) if name.endswith(".part")]


@pytest.mark.parametrize(
    "note",
    [b"", b'{"id": "' + NEW.encode(), b"[]", b'{"id": "../x", "lock": "y"}'],
    ids=["empty", "half", "none", "outside"],
)
def test_a_note_that_is_none_leaves_the_release_of_the_image(
    join, address, shelf, note
):
    shelf.put("latest.json", note)
    assert join.from_address(address) == ""
    assert incoming(join) == []


def test_a_note_without_digests_leaves_the_release_of_the_image(join, address, shelf):
    facts = json.loads(shelf.read("latest.json"))
    facts.pop("files")
    shelf.put("latest.json", json.dumps(facts).encode())
    assert join.from_address(address) == ""
    assert incoming(join) == []


def test_where_nobody_answers_the_release_of_the_image_serves(join):
    assert join.from_address(f"http://127.0.0.1:{free_port()}") == ""
    assert join.from_storage(OWN) == ""  # whose program is not there
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


def test_the_fetched_one_serves_and_the_balancer_is_told(join, address):
    program(join)
    join.JOINED.write_text(
        f'#!/bin/sh\necho "$BAKERY_HOST $BAKERY_RELEASE" >{join.BASE}/joined\n'
    )
    join.JOINED.chmod(0o700)
    assert join.main("app9", address) == 0
    assert told(join) == [f"install {NEW}", f"switch {NEW}"]
    assert (join.BASE / "joined").read_text() == f"app9 {NEW}\n"


@pytest.mark.parametrize("step", ["install", "switch"])
def test_one_that_does_not_become_ready_leaves_the_place_to_that_of_the_image(
    join, address, step
):
    program(join, f"{step} {NEW}")
    assert join.main("app9", address) == 0
    assert told(join)[-2:] == [f"install {OWN}", f"switch {OWN}"]


def test_nobody_sends_shoppers_to_a_clone_that_is_not_ready(join, address):
    program(join, f"install {NEW}", f"switch {OWN}")
    join.JOINED.write_text(f"#!/bin/sh\ntouch {join.BASE}/joined\n")
    join.JOINED.chmod(0o700)
    assert join.main("app9", address) == 1
    assert not (join.BASE / "joined").exists()
