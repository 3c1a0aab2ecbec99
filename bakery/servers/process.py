"""One program of the local fleet: started, asked whether it answers, stopped."""

from __future__ import annotations

import contextlib
import ctypes
import os
import re
import signal
import socket
import subprocess
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

PR_SET_PDEATHSIG = 1  # linux/prctl.h
# How gunicorn, PostgreSQL, SeaweedFS and Valkey say that somebody has their address.
TAKEN = re.compile("address already in use|connection in use|port .* is not available")
LISTENS = "0A"  # in /proc/net/tcp


class DidNotStart(Exception):
    """A program ended, or gave no answer in time; the message has its last words."""


class AddressTaken(DidNotStart):
    """Another program has its port; on another port it may start."""


class Program:
    """A process in a group of its own, its output in a log file.

    It is told to stop when the process that started it dies, however that dies, so
    nothing of a local fleet outlives its command.
    """

    def __init__(
        self,
        name: str,
        words: Sequence[str],
        *,
        port: int,
        address: str = "127.0.0.1",
        log: Path,
        environment: Mapping[str, str] | None = None,
        folder: Path | None = None,
        stops_by: int = signal.SIGTERM,
        user: str | None = None,
    ) -> None:
        self.name = name
        self.words = list(words)
        self.port = port
        self.address = address
        self.log = log
        self.environment = environment
        self.folder = folder
        self.stops_by = stops_by
        self.user = user
        self.process: subprocess.Popen | None = None
        self._log_before = 0  # what earlier starts have said

    @property
    def runs(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def start(self) -> None:
        """Start it; wait_until_up() tells when it answers."""
        with self.log.open("ab") as log:
            self._log_before = log.tell()
            self.process = subprocess.Popen(
                self.words,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                env=self.environment,
                cwd=self.folder,
                start_new_session=True,
                preexec_fn=lambda: die_with_parent(self.stops_by),
                **({"user": self.user, "extra_groups": []} if self.user else {}),
            )

    def wait_until_up(self, seconds: float = 20) -> None:
        """Wait until its port takes connections. Raises DidNotStart or AddressTaken.

        Its own port: another program may answer there, and this one is about to find
        out.
        """
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            if not self.runs:
                break
            with socket.socket() as probe:
                answers = probe.connect_ex((self.address, self.port)) == 0
            if answers and self._has_port():
                return
            time.sleep(0.02)
        words = f"{self.name} did not start. {self.last_words()}"
        taken = not self.runs and TAKEN.search(self.last_words().lower())
        raise AddressTaken(words) if taken else DidNotStart(words)

    def _has_port(self) -> bool:
        """Is it this program, or a child of it, that listens there?"""
        family = [self.process.pid, *children_of(self.process.pid)]
        return bool(listeners(self.port) & {s for pid in family for s in sockets(pid)})

    def last_words(self, characters: int = 2000) -> str:
        """The end of what it has said since it was started last."""
        if not self.log.exists():
            return ""
        with self.log.open("rb") as log:
            log.seek(self._log_before)
            return log.read().decode(errors="replace")[-characters:]

    def signal(self, number: int) -> None:
        """Send a signal to the whole group; nothing happens if it is gone."""
        if self.runs:
            try:
                os.killpg(self.process.pid, number)
            except ProcessLookupError:
                return

    def freeze(self) -> None:
        """It keeps its connections but answers nobody, like a machine that hangs."""
        self.signal(signal.SIGSTOP)

    def thaw(self) -> None:
        self.signal(signal.SIGCONT)

    def kill(self) -> None:
        """Kill it without a warning, as a power cut would."""
        self.signal(signal.SIGKILL)
        if self.process:
            self.process.wait()

    def ask_to_stop(self) -> None:
        """Tell it to end, and do not wait."""
        self.signal(signal.SIGCONT)
        if self.runs:
            self.process.send_signal(self.stops_by)

    def stop(self, seconds: float = 10) -> None:
        """Ask it to end, and kill it if it has not after so long. Repeatable."""
        self.ask_to_stop()
        if self.process is None:
            return
        try:
            self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            self.kill()


def children_of(pid: int) -> list[int]:
    """The processes that this one has started and that still are."""
    found = []
    for status in Path("/proc").glob("[0-9]*/stat"):
        try:
            words = status.read_text()
        except OSError:
            continue  # it has just ended
        # After the name, which may hold anything: state, then the parent's number.
        if int(words.rpartition(")")[2].split()[1]) == pid:
            found.append(int(status.parent.name))
    return found


def listeners(port: int) -> set[str]:
    """The sockets that listen on this port of loopback or of every address."""
    rows = Path("/proc/net/tcp").read_text().splitlines()[1:]
    found = [row.split() for row in rows]
    return {
        f"socket:[{words[9]}]"
        for words in found
        if words[3] == LISTENS and words[1].endswith(f":{port:04X}")
    }


def sockets(pid: int) -> set[str]:
    """The sockets a process has open, as far as we may know."""
    found = set()
    for file in Path(f"/proc/{pid}/fd").glob("*"):
        with contextlib.suppress(OSError):
            found.add(os.readlink(file))
    return found


def die_with_parent(number: int = signal.SIGTERM) -> None:
    """Between fork and exec: have the kernel send this signal when the parent dies."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, number)
