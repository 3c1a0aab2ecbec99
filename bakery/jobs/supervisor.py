"""Keeps child processes alive until it is told to stop, then stops them all."""

from __future__ import annotations

import contextlib
import logging
import os
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Iterator, Sequence

from bakery.jobs.forked import Forked
from bakery.jobs.parent import SUPERVISOR, stop_with_supervisor

logger = logging.getLogger(__name__)

TICK_SECONDS = 0.2
GRACE_SECONDS = 25.0
LONGEST_PAUSE = 30.0  # seconds between two starts of a child that keeps dying
STEADY_SECONDS = 60.0  # a child that lived this long starts again without a pause


class Child:
    """One process that should be running, in a session of its own.

    The session keeps Ctrl-C of a terminal away from it, so the supervisor alone
    decides in which order things end, and lets it end whole: its own children too.

    With `at_first` the first one is forked and does that, which starts faster and
    shares what is loaded. Later ones are new programs, for by then the supervisor has
    threads and connections, with which nobody may fork; so is the first one if there
    is a thread already.
    """

    def __init__(
        self,
        name: str,
        command: Callable[[], Sequence[str]],
        *,
        at_first: Callable[[], object] | None = None,
        ended: Callable[[], None] = lambda: None,
    ) -> None:
        self.name = name
        self.command = command
        self.at_first = at_first
        self.ended = ended
        self.process: subprocess.Popen | Forked | None = None
        self.started = 0.0
        self.next_start = 0.0
        self.pause = 0.0

    def tend(self) -> None:
        """Start it when it is due, notice when it has ended. Never waits."""
        now = time.monotonic()
        if self.process is None:
            if now >= self.next_start:
                self._start(now)
        elif self.process.poll() is not None:
            self._has_ended(now)

    def _start(self, now: float) -> None:
        told = {SUPERVISOR: str(os.getpid())}
        run, self.at_first = self.at_first, None
        may_fork = run is not None and threading.active_count() == 1
        self.process = Forked(run, told) if may_fork else self._program(told)
        self.started = now

    def _program(self, told: dict[str, str]) -> subprocess.Popen:
        return subprocess.Popen(
            self.command(),
            stdin=subprocess.DEVNULL,
            start_new_session=True,
            env=os.environ | told,
        )

    def _has_ended(self, now: float) -> None:
        steady = now - self.started >= STEADY_SECONDS
        self.pause = 0.5 if steady else min(max(0.5, self.pause * 2), LONGEST_PAUSE)
        self.next_start = now + self.pause
        logger.warning(
            "%s ended, starting it again code=%s pause=%.1f",
            self.name, self.process.returncode, self.pause,
        )  # fmt: skip
        self.kill()  # whatever the process itself has left behind
        self.process = None
        self.ended()

    def ask_to_stop(self) -> None:
        if self.process is not None:
            self.process.terminate()

    def wait(self, seconds: float) -> bool:
        """Whether it has ended within so many seconds."""
        if self.process is None:
            return True
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(max(0.0, seconds))
        return self.process.returncode is not None

    def kill(self) -> None:
        """End the process and everything it started, without asking."""
        if self.process is not None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()


class Supervisor:
    """Runs children side by side; for the main thread of a process."""

    def __init__(
        self,
        children: Sequence[Child],
        *,
        grace_seconds: float = GRACE_SECONDS,
        once_started: Callable[[], None] = lambda: None,
        each_tick: Callable[[], None] = lambda: None,
    ) -> None:
        self.children = children
        self.grace_seconds = grace_seconds
        self.once_started = once_started
        self.each_tick = each_tick
        self.stopping = False
        self.told_by = ""

    def run(self) -> None:
        """Tend the children until SIGTERM, SIGINT or SIGHUP; then stop all of them.

        When it returns, or raises, no child and no grandchild is left. It stops with
        its own supervisor, if that is one of ours. What shall run beside the children
        and has threads is for once_started().
        """
        stop_with_supervisor()
        with self._signals():
            try:
                self._tend()
                self.once_started()
                while not self.stopping:
                    self._tend()
                    self.each_tick()
                    time.sleep(TICK_SECONDS)
            finally:
                self._stop_children()

    def _tend(self) -> None:
        for child in self.children:
            child.tend()

    @contextlib.contextmanager
    def _signals(self) -> Iterator[None]:
        wanted = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)
        before = {number: signal.signal(number, self._stop) for number in wanted}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    def _stop(self, number: int, _: object) -> None:
        self.stopping = True
        self.told_by = signal.Signals(number).name

    def _stop_children(self) -> None:
        logger.info("stopping signal=%s", self.told_by or "none")
        deadline = time.monotonic() + self.grace_seconds
        for child in self.children:
            child.ask_to_stop()
        for child in self.children:
            if not child.wait(deadline - time.monotonic()):
                logger.error("%s did not stop in time and was killed", child.name)
            child.kill()
