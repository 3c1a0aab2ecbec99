"""Static files are not read for the vault while somebody writes them anew."""

from __future__ import annotations

import fcntl
import threading
from contextlib import nullcontext
from pathlib import Path
from types import SimpleNamespace

import pytest

from bakery import assets


@pytest.fixture
def read(monkeypatch, settings, tmp_path: Path) -> threading.Event:
    """Set as soon as the files are read to be put into the vault."""
    settings.VAR_DIR = tmp_path
    hashed = SimpleNamespace(hashed_files={"shop.css": "shop.0a1b2c3d4e5f.css"})
    monkeypatch.setattr(assets, "staticfiles_storage", hashed)
    monkeypatch.setattr(assets, "alone", lambda *_: nullcontext())
    read = threading.Event()
    vault = SimpleNamespace(keep=lambda *_: read.set(), prune=lambda *_: 0)
    monkeypatch.setattr(assets, "vault", vault)
    return read


def read_while_another_gathers(read: threading.Event, folder: Path) -> bool:
    """Another process is collecting the files; did this one read them meanwhile?"""
    reader = threading.Thread(target=assets.keep_assets, args=[print])
    with (folder / "static.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        reader.start()
        meanwhile = read.wait(0.5)
    reader.join(20)
    return meanwhile


def test_files_are_read_when_the_other_has_written_them(read, tmp_path):
    assert not read_while_another_gathers(read, tmp_path)
    assert read.is_set()


def test_without_the_lock_they_would_be_read_half_written(read, tmp_path, monkeypatch):
    monkeypatch.setattr(assets, "_files_stay", nullcontext)
    assert read_while_another_gathers(read, tmp_path)
