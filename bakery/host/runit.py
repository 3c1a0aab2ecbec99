"""Services under runit: folders, watched by `runsvdir -P <base>/service`."""

from __future__ import annotations

import time
from pathlib import Path

from bakery.host.codes import NOT_SET_UP, HostError
from bakery.host.disk import remove, write_whole
from bakery.host.running import run
from bakery.host.supervisor import WORDS, Supervisor, service_of

STOP_SECONDS = 60  # gunicorn and the worker finish what they have in less
WANTED = 17  # the place in runsv's status that says "u" or "d"


class Runit(Supervisor):
    """The user of the services runs the supervisor too: nothing here needs root."""

    def define(self, role: str) -> None:
        folder = self._folder(role)
        if folder.exists():
            self._write(folder, role)
            return
        # runsvdir overlooks what begins with a dot, and finds it whole.
        draft = folder.with_name(f".{folder.name}")
        remove(draft)
        self._write(draft, role)
        draft.joinpath("down").touch()
        draft.rename(folder)

    def _write(self, folder: Path, role: str) -> None:
        base = self.layout.base
        log = self.layout.log / role
        log.mkdir(parents=True, exist_ok=True)
        write_whole(log / "config", "s10000000\nn10\n")
        script = f"{base}/current/bakery/host/run/{role}"
        text = f"#!/bin/sh\nexec 2>&1\nexec {script} {base}\n"
        write_whole(folder / "run", text, 0o755)
        write_whole(folder / "log/run", f"#!/bin/sh\nexec svlogd -tt {log}\n", 0o755)

    def has(self, role: str) -> bool:
        return self._folder(role).exists()

    def forget(self, role: str) -> None:
        folder = self._folder(role)
        if not folder.exists():
            return
        folder.joinpath("down").touch()
        self.stop(role)
        gone = folder.with_name(f".{folder.name}")
        remove(gone)
        folder.rename(gone)
        run("sv", "-w", "10", "force-shutdown", str(gone), check=False)
        remove(gone)

    def start(self, role: str) -> None:
        folder = self._folder(role)
        self._wait_for_runsvdir(folder)
        folder.joinpath("down").unlink(missing_ok=True)
        run("sv", "-w", "10", "start", str(folder), check=False)

    def stop(self, role: str) -> None:
        # Also when it does not run just now: it may be about to start once more.
        words = ("-w", str(STOP_SECONDS), "force-stop", str(self._folder(role)))
        run("sv", *words, check=False)
        self._wait_until_heard(role)

    def _wait_until_heard(self, role: str, seconds: float = 10) -> None:
        """Until runsv, asleep after a failed start, has read that it shall be down.

        `sv start` says nothing to it as long as its status says that it shall be up.
        """
        status = self._folder(role) / "supervise/status"
        until = time.monotonic() + seconds
        while status.exists() and status.read_bytes()[WANTED] != ord("d"):
            if time.monotonic() > until:
                raise HostError(f"{service_of(role)} does not stop.")
            time.sleep(0.05)
        if self.process(role):
            raise HostError(f"{service_of(role)} does not stop.")

    def process(self, role: str) -> int:
        folder = self._folder(role)
        try:
            return int(folder.joinpath("supervise/pid").read_text() or 0)
        except FileNotFoundError:
            return 0

    def last_words(self, role: str) -> str:
        try:
            text = self.layout.log.joinpath(role, "current").read_text(errors="replace")
        except OSError:
            return ""
        return text[-WORDS:]

    def _folder(self, role: str) -> Path:
        return self.layout.services / service_of(role)

    def _wait_for_runsvdir(self, folder: Path, seconds: float = 15) -> None:
        """It looks for new services every five seconds."""
        until = time.monotonic() + seconds
        while run("sv", "status", str(folder), check=False).returncode:
            if time.monotonic() > until:
                raise HostError(
                    f"Nobody runs the services of {self.layout.services}. Let "
                    f"`runsvdir -P {self.layout.services}` run there as {self.user}.",
                    NOT_SET_UP,
                )
            time.sleep(0.1)
