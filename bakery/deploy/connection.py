"""A host of the fleet, spoken to over ssh (Fabric).

A command is a list of words; the shell over there gets them quoted. Commands that only
look are always run; with `dry` those that change something are told instead.
"""

from __future__ import annotations

import contextlib
import io
import logging
import shlex
import socket
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any, NamedTuple

import paramiko
from fabric import Config, Connection
from invoke.exceptions import CommandTimedOut

from bakery.deploy.fleet_file import Fleet, Host

CONNECT_SECONDS = 10
SILENCE_SECONDS = 15  # of a host that no longer acknowledges; then it counts as away
COMMAND_SECONDS = 120
NO_STATUS = -1  # what stands for it when the connection ends before the command
LOST = (OSError, EOFError, paramiko.SSHException, CommandTimedOut)

Tell = Callable[[str], None]

# It would tell of each connection that it makes.
logging.getLogger("paramiko").setLevel(logging.WARNING)


class HostError(Exception):
    """Something went wrong on a host; .host says on which."""

    def __init__(self, host: str, words: str) -> None:
        super().__init__(f"{host}: {words}")
        self.host = host
        self.words = words


class HostAway(HostError):
    """The host does not answer over ssh, or no longer does."""


class CommandFailed(HostError):
    """A command ended with .code; what it said is in .said."""

    def __init__(self, host: str, command: str, said: Said) -> None:
        told = (said.err or said.out).strip()[-2000:] or "It said nothing."
        super().__init__(host, f"`{command}` ended with {said.code}: {told}")
        self.code = said.code
        self.said = said


class Said(NamedTuple):
    """How a command ended and what it said."""

    code: int
    out: str
    err: str


@dataclass
class Remote:
    """One host. May be used by several threads; connects when it is first needed."""

    fleet: Fleet
    host: Host
    dry: Tell | None = None

    def __post_init__(self) -> None:
        self._connection: Connection | None = None
        self._connecting = threading.Lock()

    def __str__(self) -> str:
        return self.host.name

    @property
    def name(self) -> str:
        return self.host.name

    @property
    def base(self) -> PurePosixPath:
        return PurePosixPath(self.fleet.path)

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

    def put(self, content: Path | bytes, path: str) -> None:
        """Copy to a path over there, under a draft's name until it is whole."""
        size = len(content) if isinstance(content, bytes) else content.stat().st_size
        if self._is_only_told(f"# put {size:,} bytes into {path}"):
            return
        draft = f"{path}.part-{threading.get_ident()}"
        with self._lost_is_away(), self._sftp() as sftp:
            source = (
                io.BytesIO(content)
                if isinstance(content, bytes)
                else content.open("rb")
            )
            with source:
                sftp.putfo(source, draft, file_size=size)
            sftp.posix_rename(draft, path)

    def has(self, path: str) -> bool:
        """Is there a file of that name?"""
        return self._run(shlex.join(["test", "-e", path]), COMMAND_SECONDS).code == 0

    @contextlib.contextmanager
    def channel(self, *words: str) -> Iterator[paramiko.Channel]:
        """A command whose stdin stays open for as long as the block lasts."""
        with self._lost_is_away():
            channel = self._connected().client.get_transport().open_session()
            channel.exec_command(shlex.join(words))
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
        with self._lost_is_away():
            result = self._connected().run(
                line, hide=True, warn=True, in_stream=False, timeout=seconds
            )
            if result.exited == NO_STATUS:
                raise EOFError(f"the connection broke off during `{line[:200]}`")
        return Said(result.exited, result.stdout, result.stderr)

    @contextlib.contextmanager
    def _lost_is_away(self) -> Iterator[None]:
        try:
            yield
        except LOST as error:
            self.close()
            raise HostAway(self.name, _in_words(error, self.host)) from error

    @contextlib.contextmanager
    def _sftp(self) -> Iterator[paramiko.SFTPClient]:
        # One of its own: several threads may copy at the same time.
        sftp = self._connected().client.open_sftp()
        try:
            yield sftp
        finally:
            sftp.close()

    def _connected(self) -> Connection:
        with self._connecting:
            if self._connection is None or not self._connection.is_connected:
                self._connection = connect(self.fleet, self.host)
            return self._connection


def connect(fleet: Fleet, host: Host) -> Connection:
    """An open connection to a host whose key is known. Raises one of LOST."""
    connection = Connection(
        host.address,
        user=fleet.user,
        port=host.ssh_port,
        connect_timeout=CONNECT_SECONDS,
        connect_kwargs=_identity(fleet),
        config=Config(overrides={"run": {"echo": False}, "load_ssh_configs": True}),
    )
    client = connection.client
    client.set_missing_host_key_policy(paramiko.RejectPolicy())
    if fleet.known_hosts:
        client.load_host_keys(str(Path(fleet.known_hosts).expanduser()))
    else:
        client.load_system_host_keys()
    connection.open()
    transport = client.get_transport()
    transport.set_keepalive(5)
    if isinstance(transport.sock, socket.socket):
        transport.sock.setsockopt(
            socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, SILENCE_SECONDS * 1000
        )
    return connection


def _identity(fleet: Fleet) -> dict[str, Any]:
    common = {"banner_timeout": CONNECT_SECONDS, "auth_timeout": CONNECT_SECONDS}
    if not fleet.ssh_key:
        return common
    key = str(Path(fleet.ssh_key).expanduser())
    return common | {"key_filename": key, "allow_agent": False, "look_for_keys": False}


def _in_words(error: BaseException, host: Host) -> str:
    where = f"{host.address} port {host.ssh_port}"
    if isinstance(error, CommandTimedOut):
        return f"no end of `{error.result.command[:200]}` after {error.timeout:.0f} s"
    if isinstance(error, paramiko.BadHostKeyException):
        return f"{where} shows another key than the known one: is it that machine?"
    if "not found in known_hosts" in str(error):
        return (
            f"the key of {where} is not known. Compare it, then add it: "
            f"ssh-keyscan -p {host.ssh_port} {host.address} >> ~/.ssh/known_hosts"
        )
    if isinstance(error, paramiko.AuthenticationException):
        return f"{where} does not let us in: {error}"
    return f"{where} does not answer over ssh: {error or type(error).__name__}"


def remotes_of(fleet: Fleet, dry: Tell | None = None) -> dict[str, Remote]:
    """By name, in the file's order."""
    return {name: Remote(fleet, host, dry) for name, host in fleet.hosts.items()}
