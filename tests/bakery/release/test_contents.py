"""What a release holds, and that its id is nothing but that."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from bakery.host.content import content_id, lock_id
from bakery.release.contents import NotForARelease, sources
from tests.processes import ROOT


@pytest.fixture
def tree(tmp_path) -> Path:
    """A small source tree."""
    tree = tmp_path / "tree"
    for name in ("bakery/oven.py", "shop/static/shop.css", "bakery/host/run/web"):
        path = tree / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"this is {name}\n")
    tree.joinpath("manage.py").write_text("")
    tree.joinpath("bakery/host/run/web").chmod(0o755)
    return tree


def names(tree: Path) -> list[str]:
    return sorted(path.relative_to(tree).as_posix() for path in sources(tree))


def test_this_very_source_can_be_released_and_holds_nothing_else():
    found = names(ROOT)
    assert {"manage.py", "gunicorn.conf.py", "requirements.txt"} <= set(found)
    assert "bakery/host/run/web" in found
    assert "bakery/deploy/fleet.example.toml" in found
    first = {name.split("/")[0] for name in found if "/" in name}
    assert first == {"bakery", "basket", "settings", "shop"}
    assert not [name for name in found if "__pycache__" in name or "/." in name]


def test_what_running_leaves_behind_and_what_lies_beside_is_left_out(tree):
    before = names(tree)
    for name in ("bakery/__pycache__/oven.pyc", "var/secret_key", "tests/test_oven.py",
                 ".git/config", "notes.md", "environment"):  # fmt: skip
        path = tree / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    assert names(tree) == before


@pytest.mark.parametrize(
    "name",
    [
        "bakery/secret.key", "settings/.env", "shop/dump.sqlite3", "bakery/environment",
        "bakery/host/run/web.orig",
    ],
)  # fmt: skip
def test_a_file_that_nobody_has_allowed_stops_it(tree, name):
    tree.joinpath(name).parent.mkdir(exist_ok=True)
    tree.joinpath(name).touch()
    with pytest.raises(NotForARelease, match=name):
        list(sources(tree))


def test_the_same_files_have_the_same_id_anywhere(tree, tmp_path):
    other = tmp_path / "elsewhere/deeper"
    shutil.copytree(tree, other)
    for path in other.rglob("*"):
        os.utime(path, (1, 1))
        path.chmod(path.stat().st_mode & 0o700)
    for name in ("release.json", ".venv/bin/python", "bakery/__pycache__/oven.pyc"):
        other.joinpath(name).parent.mkdir(parents=True, exist_ok=True)
        other.joinpath(name).touch()
    found = content_id(tree)
    assert content_id(other) == found
    assert len(found) == 16


def change(path: Path) -> None:
    path.write_text("changed")


def rename(path: Path) -> None:
    path.rename(path.with_name("other.py"))


def make_runnable(path: Path) -> None:
    path.chmod(0o755)


@pytest.mark.parametrize("touch", [change, rename, make_runnable, Path.unlink])
def test_every_change_gives_another_id(tree, touch):
    before = content_id(tree)
    touch(tree / "bakery/oven.py")
    assert content_id(tree) != before


def test_how_a_file_is_compressed_is_no_change_but_a_file_of_that_kind_is(tree):
    before = content_id(tree)
    tree.joinpath("shop/static/shop.css.gz").write_bytes(b"one way")
    assert content_id(tree) == before
    tree.joinpath("shop/static/alone.gz").write_bytes(b"a file of its own")
    assert content_id(tree) != before


def test_an_environment_is_another_with_other_packages_or_another_python():
    assert lock_id(b"django==5.2", "3.11") == lock_id(b"django==5.2", "3.11")
    assert (
        len({lock_id(b"a", "3.11"), lock_id(b"b", "3.11"), lock_id(b"a", "3.12")}) == 3
    )
