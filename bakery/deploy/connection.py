"""A host of the fleet, spoken to over ssh (Fabric).

A command is a list of words; the shell over there gets them quoted. Commands that only
look are always run; with `dry` those that change something are told instead.
"""

from __future__ import annotations

import contextlib
import shlex
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

import paramiko
from fabric import Connection
from invoke.exceptions import CommandTimedOut

from bakery.deploy.connect import LOST, connect, in_words, is_only_refused
from bakery.deploy.copying import copy, size_of
from bakery.deploy.fleet_file import Fleet, Host
from bakery.deploy.said import CommandFailed, HostAway, HostError, Said
from bakery.deploy.shared_look import SharedLook

__all__ = [
    "LOST", "CommandFailed", "HostAway", "HostError", "Remote", "Said", "Tell",
    "remotes_of",
]  # fmt: skip

COMMAND_SECONDS = 120
# On one connection; sshd allows ten (MaxSessions) unless it is told otherwise, and a
# session that has ended may count for a moment longer.
SESSIONS = 8
NO_STATUS = -1  # what stands for it when the connection ends before the command

Tell = Callable[[str], None]


@dataclass
class Remote:
    """One host. May be used by several threads; connects when it is first needed."""

    fleet: Fleet
    host: Host
    dry: Tell | None = None

    def __post_init__(self) -> None:
        self._connection: Connection | None = None
        self._connecting = threading.Lock()
        self._sessions = threading.BoundedSemaphore(SESSIONS)
        self._looks: dict[str, SharedLook[Said]] = {}

    def __str__(self) -> str:
        return self.host.name

    @property
    def name(self) -> str:
        return self.host.name

    @property
    def base(self) -> PurePosixPath:
        return PurePosixPath(self.fleet.path)

    @property
    def python(self) -> list[str]:
        """The words that begin a command line of Python there."""
        return shlex.split(self.fleet.python)

    def look(self, *words: str, seconds: float = COMMAND_SECONDS) -> Said:
        """Run a command that changes nothing. Raises HostAway and CommandFailed."""
        return self._demand(shlex.join(words), seconds)

    def run(self, *words: str, seconds: float = COMMAND_SECONDS) -> Said:
        """Run a command that changes something. Raises HostAway and CommandFailed."""
        return self.run_line(shlex.join(words), seconds=seconds)

    def run_line(self, line: str, *, seconds: float = COMMAND_SECONDS) -> Said:
        """The same for a line that is a shell's already."""
        if self._is_only_told(line):
            return Said(0, "", "")
        return self._demand(line, seconds)

    def look_line(self, line: str, *, seconds: float = COMMAND_SECONDS) -> Said:
        return self._demand(line, seconds)

    def look_shared(self, *words: str, seconds: float = COMMAND_SECONDS) -> Said:
        """look(), once for all threads that want to know it at the same time.

        The answer is of after the call. Raises what look() raises.
        """
        line = shlex.join(words)
        shared = self._looks.setdefault(line, SharedLook())
        return shared.of(lambda: self._demand(line, seconds))

    def put(self, content: Path | bytes, path: str, mode: int = 0o644) -> None:
        """Copy to a path over there: whole, and of that mode from its first byte."""
        if self._is_only_told(f"# put {size_of(content):,} bytes into {path}"):
            return
        with self._sftp() as sftp:
            copy(sftp, content, path, mode)

    def has(self, path: str) -> bool:
        """Is there a file of that name?"""
        return self._run(shlex.join(["test", "-e", path]), COMMAND_SECONDS).code == 0

    @contextlib.contextmanager
    def channel(self, *words: str) -> Iterator[paramiko.Channel]:
        """A command whose stdin stays open for as long as the block lasts."""
        with self._session() as connection:
            channel = _transport_of(connection).open_session()
            channel.exec_command(shlex.join(words))  # nosec B601: each word is quoted
        try:
            yield channel
        finally:
            channel.close()

    def close(self) -> None:
        """Repeatable; the next command connects anew."""
        with self._connecting:
            if self._connection is not None:
                self._connection.close()
                self._connection = None

    # --- inside --------------------------------------------------------------------

    def _is_only_told(self, line: str) -> bool:
        if self.dry:
            self.dry(f"{self.name}: {line}")
        return self.dry is not None

    def _demand(self, line: str, seconds: float) -> Said:
        said = self._run(line, seconds)
        if said.code:
            raise CommandFailed(self.name, line[:300], said)
        return said

    def _run(self, line: str, seconds: float) -> Said:
        with self._session() as connection:
            began = time.monotonic()
            result = connection.run(
                line, hide=True, warn=True, in_stream=False, timeout=seconds
            )
            if result.exited == NO_STATUS:
                # Its time-out breaks it off, and does not always say so in time.
                if time.monotonic() - began >= seconds:
                    raise CommandTimedOut(result, timeout=seconds)
                raise EOFError(f"the connection broke off during `{line[:200]}`")
        return Said(result.exited, result.stdout, result.stderr)

    @contextlib.contextmanager
    def _session(self) -> Iterator[Connection]:
        """One of the few at a time. What breaks off counts as HostAway."""
        connection = None
        with self._sessions:
            try:
                connection = self._connected()
                yield connection
            except LOST as error:
                if not is_only_refused(error):
                    self._give_up(connection)
                raise HostAway(self.name, in_words(error, self.host)) from error

    @contextlib.contextmanager
    def _sftp(self) -> Iterator[paramiko.SFTPClient]:
        # One of its own: several threads may copy at the same time.
        with self._session() as connection:
            sftp = paramiko.SFTPClient.from_transport(_transport_of(connection))
            try:
                yield sftp
            finally:
                sftp.close()

    def _connected(self) -> Connection:
        with self._connecting:
            if self._connection is None or not self._connection.is_connected:
                self._connection = connect(self.fleet, self.host)
            return self._connection

    def _give_up(self, connection: Connection | None) -> None:
        """Not a newer one, which another thread may have made meanwhile."""
        if connection is None:
            return
        with self._connecting:
            connection.close()
            if self._connection is connection:
                self._connection = None


def _transport_of(connection: Connection) -> paramiko.Transport:
    """Raises EOFError when another thread has given the connection up."""
    transport = connection.client.get_transport()
    if transport is None:
        raise EOFError("the connection was given up meanwhile")
    return transport


def remotes_of(fleet: Fleet, dry: Tell | None = None) -> dict[str, Remote]:
    """By name, in the file's order."""
    return {name: Remote(fleet, host, dry) for name, host in fleet.hosts.items()}
