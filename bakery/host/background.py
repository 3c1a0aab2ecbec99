"""Lets a command go on to its end when the connection that began it dies."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

KEPT = 40  # files of former commands: what each said, and how it ended
MARK = "--here"  # tells the command that it is the one in the background


def in_background(words: Sequence[str], folder: Path) -> int:
    """Run this program again with those words, in a session of its own; its status.

    What it says goes into a file of the folder, and from there to stdout as long as
    somebody listens. Whatever happens to this process, the other one goes on.
    """
    folder.mkdir(parents=True, exist_ok=True)
    _tidy(folder)
    log = folder / f"{time.time():.3f}-{os.getpid()}.jsonl"
    log.touch(mode=0o600)  # a server's last words may tell more than others may know
    with log.open("ab") as out, log.open("rb") as said:
        process = subprocess.Popen(
            [*_program(), *words, MARK],
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=out,
            start_new_session=True,
        )
        while process.poll() is None:
            _pass_on(said.read())
            time.sleep(0.05)
        _pass_on(said.read())
    return process.returncode


def _tidy(folder: Path) -> None:
    with suppress(FileNotFoundError):  # somebody else tidies up as well
        for old in sorted(folder.iterdir(), key=_age)[:-KEPT]:
            old.unlink()


def _age(path: Path) -> float:
    return path.stat().st_mtime


def tell(**facts: object) -> None:
    """One line of JSON for one step. That there is no room for it stops nobody."""
    line = json.dumps({"at": round(time.time(), 3), **facts})
    with suppress(OSError):
        os.write(sys.stdout.fileno(), f"{line}\n".encode())


def deaf() -> None:
    """To the end of the connection, in this process."""
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    signal.signal(signal.SIGPIPE, signal.SIG_IGN)


def _program() -> list[str]:
    """This very program: an archive, or the package in a release."""
    archive = Path(sys.argv[0])
    if archive.suffix == ".pyz":
        return [sys.executable, "-B", str(archive.resolve())]
    return [sys.executable, "-B", "-m", "bakery.host"]


def _pass_on(words: bytes) -> None:
    if words:
        sys.stdout.buffer.write(words)
        sys.stdout.buffer.flush()
