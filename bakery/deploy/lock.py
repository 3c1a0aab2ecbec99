"""The fleet's lock, on the first host: it goes with the connection that holds it."""

from __future__ import annotations

import contextlib
import getpass
import json
import socket
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime

from bakery.deploy import agent
from bakery.deploy.connection import LOST, HostAway, Remote

WORD_SECONDS = 5  # between two signs of life
SILENCE_SECONDS = 30  # without one; then the host lets the lock go
ANSWER_SECONDS = 20
AGAIN_SECONDS = 1  # between two tries to have it anew


class LockTaken(Exception):
    """Somebody else changes this fleet; the message says who, since when and what."""

    def __init__(self, words: str, since: str) -> None:
        super().__init__(words)
        self.since = since


class LockLost(Exception):
    """The host that keeps the lock has let it go, or is away."""


class Held:
    """A lock that is held. demand() before each step that changes a host."""

    def __init__(self, where: str) -> None:
        self.where = where
        self.since = ""  # by the clock of the host that keeps it
        self.lost = threading.Event()

    def demand(self) -> None:
        """Raises LockLost."""
        if self.lost.is_set():
            raise LockLost(
                f"{self.where}, which keeps the fleet's lock, no longer answers: "
                "another deploy might begin."
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
        held.since = _demand_taken(_answer(channel, remote), remote)
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
def taken_anew(remote: Remote, release: str, lost: Held) -> Iterator[Held]:
    """Hold it again after it was lost. Raises LockTaken and HostAway.

    The host may not have noticed yet that our connection is gone; then it waits.
    """
    with contextlib.ExitStack() as stack:
        until = time.monotonic() + SILENCE_SECONDS + ANSWER_SECONDS
        while True:
            try:
                held = stack.enter_context(hold(remote, release))
                break
            except LockTaken as error:
                if error.since != lost.since or time.monotonic() > until:
                    raise
            time.sleep(AGAIN_SECONDS)
        yield held


@contextlib.contextmanager
def _connection_of_its_own(remote: Remote) -> Iterator[Remote]:
    own = replace(remote)
    try:
        yield own
    finally:
        own.close()


def _answer(channel, remote: Remote) -> dict:
    """The first line that is one: a login may say something before it."""
    channel.settimeout(ANSWER_SECONDS)
    said = b""
    try:
        while (found := _answer_in(said)) is None:
            received = channel.recv(4096)
            if not received:
                raise EOFError("it ended without an answer")
            said += received
        return found
    except LOST as error:
        words = channel.recv_stderr(2000) if channel.recv_stderr_ready() else b""
        told = (said + words).decode(errors="replace").strip()
        told = f"the lock cannot be had: {error} {told}"
        raise HostAway(remote.name, told) from error


def _answer_in(said: bytes) -> dict | None:
    for line in said.splitlines(keepends=True):
        with contextlib.suppress(ValueError):
            found = json.loads(line) if line.endswith(b"\n") else None
            if isinstance(found, dict):
                return found
    return None


def _demand_taken(answer: dict, remote: Remote) -> str:
    """Since when it is ours. Raises LockTaken."""
    since = str(answer.get("since", ""))
    if not answer.get("held"):
        raise LockTaken(
            f"{answer.get('owner') or 'Somebody'} has been changing this fleet since "
            f"{_clock(since)}"
            f" (release {answer.get('release') or 'unknown'}); {remote} keeps the "
            "lock. It ends with that command: ask them, or wait.",
            since,
        )
    return since


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
