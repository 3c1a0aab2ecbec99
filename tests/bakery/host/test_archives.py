"""An archive brings what its id tells, and nothing else, and writes nowhere else."""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import tarfile
from pathlib import Path

import pytest

from bakery.host.unpacking import _extract


def test_a_damaged_archive_is_refused(host, small):
    release = small("good")
    release.bring_to(host.base)
    path = host.base / "incoming" / release.archive.name
    path.write_bytes(path.read_bytes()[:-200])
    code, said = host.run("install", release.id)
    assert (code, "Send it again" in said[-1]["error"]) == (1, True)
    assert host.holds_nothing


def test_an_archive_of_something_else_is_refused(host, small):
    release, other = small("good"), small("other")
    release.bring_to(host.base)
    path = host.base / "incoming" / release.archive.name
    path.write_bytes(other.archive.read_bytes())
    code, said = host.run("install", release.id)
    assert (code, other.id in said[-1]["error"]) == (1, True)
    assert host.holds_nothing


@pytest.mark.parametrize("evil", ["../evil", "/tmp/evil", "link"])
def test_an_archive_writes_nowhere_else(host, small, evil, tmp_path):
    release = small("good")
    release.bring_to(host.base)
    path = host.base / "incoming" / release.archive.name
    with tarfile.open(path, "w:gz") as tar:
        facts = tarfile.TarInfo(evil)
        facts.size = 4
        if evil == "link":
            facts.type, facts.linkname, facts.size = tarfile.SYMTYPE, str(tmp_path), 0
        tar.addfile(facts, io.BytesIO(b"evil"))
    code, said = host.run("install", release.id)
    assert (code, "error" in said[-1]) == (1, True)
    assert host.holds_nothing
    assert not list(tmp_path.rglob("evil"))


class Forger:
    """Makes an archive anew with other files in it."""

    def __init__(self, archive: Path) -> None:
        self.archive = archive
        with tarfile.open(archive) as tar:
            self.files = {m.name: tar.extractfile(m).read() for m in tar if m.isreg()}
            self.modes = {m.name: m.mode for m in tar}

    def facts(self, **changed: object) -> None:
        facts = json.loads(self.files["release.json"]) | changed
        self.files["release.json"] = json.dumps(facts).encode()

    def write(self) -> None:
        with tarfile.open(self.archive, "w:gz") as tar:
            for name, content in self.files.items():
                member = tarfile.TarInfo(name)
                member.size, member.mode = len(content), self.modes.get(name, 0o644)
                tar.addfile(member, io.BytesIO(content))


@pytest.fixture
def brought(host, small):
    """A release on its way to the host, and who may change it there."""
    release = small("good")
    release.bring_to(host.base)
    return release, Forger(host.base / "incoming" / release.archive.name)


@pytest.mark.parametrize(
    "name",
    [
        "shop/__pycache__/views.cpython-311.pyc",
        "./__pycache__/server.cpython-311.pyc",
        ".venv/bin/python",
        "shop/release.json",
    ],
)
def test_nothing_comes_along_that_the_id_does_not_tell(host, brought, name):
    release, forger = brought
    forger.files[name] = b"evil"
    forger.write()
    code, said = host.run("install", release.id)
    assert (code, "does not belong" in said[-1]["error"]) == (1, True)
    assert host.holds_nothing


@pytest.mark.parametrize("lock", ["../shared", "0123456789abcdef", "", None])
def test_the_environment_is_the_one_of_the_requirements(host, brought, lock):
    release, forger = brought
    precious = host.base / "shared/precious"
    precious.parent.mkdir()
    precious.touch()
    forger.facts(lock=lock)
    forger.write()
    code, said = host.run("install", release.id)
    assert (code, "another environment" in said[-1]["error"]) == (1, True)
    assert host.holds_nothing
    assert precious.exists()


@pytest.mark.usefixtures("built_before")
def test_compressed_forms_are_those_that_were_made(host, brought):
    """Browsers get them; the id follows from what they are the compressed form of."""
    release, forger = brought
    packed = gzip.compress(b"good", mtime=0)
    forger.files["kind.gz"] = packed
    forger.facts(compressed={"kind.gz": hashlib.sha256(packed).hexdigest()})
    forger.files["kind.gz"] = gzip.compress(b"evil", mtime=0)
    forger.write()
    code, said = host.run("install", release.id)
    assert (code, "Compressed files" in said[-1]["error"]) == (1, True)
    assert host.holds_nothing
    forger.files["kind.gz"] = packed
    forger.files["server.py.br"] = b"one more"
    forger.write()
    assert host.run("install", release.id)[0] == 1
    del forger.files["server.py.br"]
    forger.write()
    assert host.run("install", release.id)[0] == 0


@pytest.mark.usefixtures("built_before")
def test_who_knows_the_facts_may_demand_them(host, brought):
    release, forger = brought
    expected = hashlib.sha256(forger.files["release.json"]).hexdigest()
    forger.facts(made_at="yesterday")
    forger.write()
    code, said = host.run("install", release.id, "--facts", expected)
    assert (code, "another one than was made" in said[-1]["error"]) == (1, True)
    assert host.holds_nothing
    release.bring_to(host.base)
    assert host.run("install", release.id, "--facts", expected)[0] == 0


def test_no_file_gets_rights_that_nobody_needs(tmp_path):
    """Where Python itself does not see to it (Debian 12)."""
    archive = tmp_path / "archive.tar"
    with tarfile.open(archive, "w") as tar:
        for name, mode in (("root", 0o6777), ("open", 0o666)):
            member = tarfile.TarInfo(name)
            member.mode = mode
            tar.addfile(member)
    with tarfile.open(archive) as tar:
        _extract(tar, tmp_path)
    modes = [tmp_path.joinpath(name).stat().st_mode for name in ("root", "open")]
    assert [mode & 0o7777 for mode in modes] == [0o755, 0o644]
