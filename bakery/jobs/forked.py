"""A child process that goes on from all that its parent has loaded."""

from __future__ import annotations

import multiprocessing
import os
import signal
import subprocess
import time
from collections.abc import Callable, Mapping
from multiprocessing.connection import Connection

POLL_SECONDS = 0.02

_fork = multiprocessing.get_context("fork")


class Forked:
    """A function in a process and a session of its own; the words are Popen's.

    No program is loaded anew, and the memory that neither writes to is there once. For
    a process of one thread and without connections: a child would wait for ever for a
    lock that another thread holds, and would talk in its parent's connections.
    """

    def __init__(
        self, run: Callable[[], object], environment: Mapping[str, str]
    ) -> None:
        ours, theirs = _fork.Pipe(duplex=False)
        process = _fork.Process(target=_begin, args=(run, environment, ours, theirs))
        process.start()
        theirs.close()
        ours.poll(None)  # until its session is there, so that kill() can name it
        ours.close()
        self._process = process
        self.pid: int = process.ident

    @property
    def returncode(self) -> int | None:
        return self._process.exitcode

    def poll(self) -> int | None:
        return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        """Raises subprocess.TimeoutExpired."""
        until = None if timeout is None else time.monotonic() + timeout
        while self.returncode is None:
            if until is not None and time.monotonic() >= until:
                raise subprocess.TimeoutExpired(self._process.name, timeout)
            time.sleep(POLL_SECONDS)
        return self.returncode

    def terminate(self) -> None:
        self._process.terminate()


def _begin(
    run: Callable[[], object],
    environment: Mapping[str, str],
    ours: Connection,
    theirs: Connection,
) -> None:
    os.setsid()
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    os.environ.update(environment)
    ours.close()
    theirs.close()
    run()
