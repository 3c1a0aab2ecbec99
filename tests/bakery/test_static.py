"""A page finds its files whichever release answers, on real servers."""

from __future__ import annotations

import gzip
import json
import re
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from http.client import HTTPMessage
from pathlib import Path
from typing import NamedTuple

import brotli
import pytest

from tests.processes import ROOT, Machine, copy_database, wait_until

pytestmark = pytest.mark.slow

CHANGED = "tests.bakery.changed_release"
FOR_EVER = "max-age=315360000, public, immutable"
UNKNOWN = "/static/shop/storefront.000000000000.css"


class Answer(NamedTuple):
    status: int
    headers: HTTPMessage
    body: bytes

    @property
    def plain(self) -> bytes:
        """The body as it was before it was compressed."""
        undo = {"br": brotli.decompress, "gzip": gzip.decompress}
        return undo.get(self.headers["Content-Encoding"], bytes)(self.body)


def ask(machine: Machine, path: str, method: str = "GET", **headers: str) -> Answer:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    request = urllib.request.Request(machine.url + path, method=method, headers=named)
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            return Answer(answer.status, answer.headers, answer.read())
    except urllib.error.HTTPError as answer:
        with answer:
            return Answer(answer.code, answer.headers, answer.read())


def release(folder: Path, shared: Path, name: str, css: str) -> Machine:
    """A machine with a release that has its own style sheet."""
    changed = folder / "changed" / "shop"
    changed.mkdir(parents=True)
    original = (ROOT / "shop/static/shop/storefront.css").read_text()
    (changed / "storefront.css").write_text(original + css)
    machine = Machine(folder, settings=CHANGED)
    machine.environment |= {
        "RELEASE": name,
        "STORAGE_URL": f"file:///{shared}?shared=1",  # four slashes: absolute
        "WEB_CONCURRENCY": "1",
    }
    return machine


@pytest.fixture(scope="module")
def shared(tmp_path_factory) -> Path:
    return tmp_path_factory.mktemp("mount") / "media"


@pytest.fixture(scope="module")
def both(tmp_path_factory, shared, migrated) -> Iterator[tuple[Machine, Machine]]:
    """Two servers, one with the old release and one with the new."""
    old = release(tmp_path_factory.mktemp("old"), shared, "1.0", "/* the old one */")
    new = release(tmp_path_factory.mktemp("new"), shared, "1.1", "/* the new one */")
    try:
        for machine in (old, new):
            copy_database(migrated, machine.folder)
            machine.manage("prepare")
            start(machine)
        yield old, new
    finally:
        for machine in (old, new):
            machine.clean_up()


def start(machine: Machine) -> None:
    machine.start("serve", "--web-only")
    assert wait_until(machine.answers, 40), machine.log


def stylesheet(machine: Machine) -> str:
    """The address in this server's pages."""
    page = ask(machine, "/allergens/").body.decode()
    return re.search(r'href="(/static/shop/storefront\.[0-9a-f]{12}\.css)"', page)[1]


def files_of(machine: Machine) -> list[str]:
    facts = json.loads((machine.folder / "static/staticfiles.json").read_text())
    return [f"/static/{name}" for name in facts["paths"].values()]


def test_the_two_releases_differ(both):
    old, new = both
    assert stylesheet(old) != stylesheet(new)
    assert stylesheet(old) in set(files_of(old)) - set(files_of(new))


@pytest.mark.parametrize("encoding", ["br", "gzip", "identity", "br, gzip", ""])
def test_each_release_finds_its_files_at_the_other(both, encoding):
    for owner, other in (both, both[::-1]):
        path = stylesheet(owner)
        at_home = ask(owner, path, Accept_Encoding=encoding)
        answer = ask(other, path, Accept_Encoding=encoding)
        assert (at_home.status, answer.status) == (200, 200)
        assert answer.plain == at_home.plain
        assert b"one */" in answer.plain
        for name in ("Content-Type", "Content-Encoding", "Content-Length",
                     "Cache-Control", "Vary", "X-Content-Type-Options",
                     "Cross-Origin-Resource-Policy", "Content-Security-Policy",
                     "Access-Control-Allow-Origin"):  # fmt: skip
            assert answer.headers[name] == at_home.headers[name], name
        assert answer.headers["Cache-Control"] == FOR_EVER


def test_a_control_what_is_not_in_the_vault_is_not_found(both, tmp_path):
    """A release that was never prepared: its name is as good, and nobody has it."""
    old, new = both
    stranger = stylesheet(old).replace(stylesheet(old)[-16:-4], "123456789abc")
    for machine in both:
        assert ask(machine, stranger).status == 404


def test_every_file_of_a_release_is_at_the_other(both):
    old, new = both
    paths = files_of(old)
    assert len(paths) > 100
    assert [path for path in paths if ask(new, path).status != 200] == []


def test_it_is_not_sent_to_who_has_it(both):
    old, new = both
    first = ask(new, stylesheet(old))
    again = ask(new, stylesheet(old), If_None_Match=first.headers["ETag"])
    assert (again.status, again.body) == (304, b"")
    assert again.headers["Cache-Control"] == FOR_EVER
    head = ask(new, stylesheet(old), "HEAD")
    assert (head.status, head.body) == (200, b"")
    assert head.headers["Content-Length"] == first.headers["Content-Length"]


@pytest.mark.parametrize(
    "path",
    [
        UNKNOWN,
        "/static/shop/storefront.css.0123456789ab",
        "/static/shop/nothing.css",
        "/static/",
        "/static/../settings.py",
        "/static/releases/1.0.json",
        "/static/%00.0123456789ab.css",
        "/static/" + "x" * 3000 + ".0123456789ab.css",
    ],
)
def test_nobody_keeps_a_not_found(both, path):
    for machine in both:
        answer = ask(machine, path)
        assert (answer.status, answer.headers["Cache-Control"]) == (404, "no-store")
        assert "Set-Cookie" not in answer.headers


def test_the_vault_s_own_names_are_no_addresses(both, shared):
    digest = next(each.name for each in (shared / "assets").iterdir() if each.is_file())
    assert ask(both[0], f"/media/assets/{digest}").status == 404
    assert ask(both[0], f"/static/{digest}").status == 404


def test_without_the_storage_each_server_has_its_own(both, shared):
    old, new = both
    path = next(path for path in files_of(old) if path in files_of(new))
    # Nobody has asked this server for the other's favicon or style sheet before.
    start_again(new)
    aside = shared.with_name("aside")
    shared.rename(aside)
    try:
        for machine in both:
            assert ask(machine, stylesheet(machine)).status == 200
            assert ask(machine, path).status == 200
        answer = ask(new, stylesheet(old))
        assert (answer.status, answer.headers["Cache-Control"]) == (503, "no-store")
        assert answer.headers["Retry-After"] == "5"
    finally:
        aside.rename(shared)
    assert ask(new, stylesheet(old)).status == 200
    # And what it has fetched once, it goes on serving.
    shared.rename(aside)
    try:
        assert ask(new, stylesheet(old)).status == 200
    finally:
        aside.rename(shared)


def start_again(machine: Machine) -> None:
    machine.clean_up()
    machine.processes.clear()
    start(machine)


def test_many_servers_prepare_the_same_release_at_once(both, shared):
    old, _ = both
    lists = set((shared / "assets/releases").iterdir())
    processes = [
        subprocess.Popen(
            [sys.executable, "manage.py", "prepare"],
            cwd=ROOT,
            env=old.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        for _ in range(3)
    ]
    for process in processes:
        words, _ = process.communicate(timeout=120)
        assert process.returncode == 0, words
    # It was not the newest before: now it is, and once.
    added = set((shared / "assets/releases").iterdir()) - lists
    assert len(added) == 1


def test_a_release_cannot_be_prepared_where_its_files_cannot_be_kept(
    tmp_path, migrated
):
    copy_database(migrated, tmp_path)
    in_the_way = tmp_path / "media"
    in_the_way.write_text("no folder")
    machine = release(tmp_path, in_the_way, "1.2", "")
    answer = machine.manage("prepare", check=False)
    assert answer.returncode == 1
    assert "cannot be put where all servers find them" in answer.stderr
    assert "Traceback" not in answer.stderr
