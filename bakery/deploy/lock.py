"""The fleet's lock, on the first host: it goes with the connection that holds it."""

from __future__ import annotations

import contextlib
import getpass
import json
import socket
import threading
from collections.abc import Iterator
from datetime import UTC, datetime

from bakery.deploy import agent
from bakery.deploy.connection import LOST, HostAway, Remote

WORD_SECONDS = 5  # between two signs of life
SILENCE_SECONDS = 30  # without one; then the host lets the lock go
ANSWER_SECONDS = 20


class LockTaken(Exception):
    """Somebody else changes this fleet; the message says who, since when and what."""


class LockLost(Exception):
    """The host that keeps the lock has let it go, or is away."""


class Held:
    """A lock that is held. demand() before each step that changes a host."""

    def __init__(self, where: str) -> None:
        self.where = where
        self.lost = threading.Event()

    def demand(self) -> None:
        """Raises LockLost."""
        if self.lost.is_set():
            raise LockLost(
                f"{self.where}, which keeps the fleet's lock, no longer answers: "
                "another deploy might begin. Stopping here; `deploy` again goes on."
            )


def owner() -> str:
    """Who changes the fleet, for others to read."""
    return f"{getpass.getuser()}@{socket.gethostname()}"


@contextlib.contextmanager
def hold(remote: Remote, release: str) -> Iterator[Held]:
    """Nobody else changes the fleet meanwhile. Raises LockTaken and HostAway."""
    held = Held(remote.name)
    words = agent.words(
        remote, "hold", "--owner", owner(), "--release", release,
        "--silence", str(SILENCE_SECONDS),
    )  # fmt: skip
    if remote.dry:
        remote.run(*words)
        yield held
        return
    done = threading.Event()
    # On a connection of its own: one that is given up elsewhere does not end it.
    with _connection_of_its_own(remote) as own, own.channel(*words) as channel:
        _demand_taken(_answer(channel, remote), remote)
        alive = threading.Thread(target=_keep, args=(channel, held, done), daemon=True)
        alive.start()
        try:
            yield held
        finally:
            done.set()
            alive.join()
            with contextlib.suppress(*LOST):
                channel.shutdown_write()
                channel.recv_exit_status()


@contextlib.contextmanager
def _connection_of_its_own(remote: Remote) -> Iterator[Remote]:
    own = Remote(remote.fleet, remote.host)
    try:
        yield own
    finally:
        own.close()


def _answer(channel, remote: Remote) -> dict:
    channel.settimeout(ANSWER_SECONDS)
    said = b""
    try:
        while not said.endswith(b"\n"):
            received = channel.recv(4096)
            if not received:
                break
            said += received
        return json.loads(said)
    except (*LOST, ValueError) as error:
        words = (
            channel.recv_stderr(2000).decode() if channel.recv_stderr_ready() else ""
        )
        told = f"the lock cannot be had: {said.decode()!r} {words}{error}"
        raise HostAway(remote.name, told) from error


def _demand_taken(answer: dict, remote: Remote) -> None:
    if not answer.get("held"):
        raise LockTaken(
            f"{answer.get('owner') or 'Somebody'} has been changing this fleet since "
            f"{_clock(answer.get('since', ''))}"
            f" (release {answer.get('release') or 'unknown'}); {remote} keeps the "
            "lock. It ends with that command: ask them, or wait."
        )


def _clock(since: str) -> str:
    try:
        began = datetime.fromisoformat(since)
    except ValueError:
        return "just now"
    minutes = (datetime.now(UTC) - began).total_seconds() / 60
    return f"{began:%H:%M:%S} UTC ({minutes:.0f} min)"


def _keep(channel, held: Held, done: threading.Event) -> None:
    while not done.wait(WORD_SECONDS):
        try:
            if channel.exit_status_ready():
                raise OSError("the holder has ended")
            channel.sendall(b".\n")
        except LOST:
            held.lost.set()
            return
