"""What starts the host's services and keeps them running: runit or systemd."""

from __future__ import annotations

import os
import subprocess
import time
from importlib.resources import files
from pathlib import Path
from string import Template

from bakery.host.codes import NOT_SET_UP, HostError
from bakery.host.layout import Layout, remove, write_whole

ROLES = ("web", "work", "balancer")
STOP_SECONDS = 60  # gunicorn and the worker finish what they have in less
WORDS = 3000  # at the end of a log, that tell why it does not start
WANTED = 17  # the place in runsv's status that says "u" or "d"
UNITS = Path("/etc/systemd/system")
SUDOERS = "bakery.sudoers"


def service_of(role: str) -> str:
    return f"bakery-{role}"


class Supervisor:
    """Services by role. All of it may be repeated; raises HostError if it fails."""

    def __init__(self, layout: Layout, user: str) -> None:
        self.layout = layout
        self.user = user

    def define(self, role: str) -> None:
        """Let there be the service; it is not started by that."""
        raise NotImplementedError

    def forget(self, role: str) -> None:
        """The host has this role no more: stop the service and take it away."""
        raise NotImplementedError

    def start(self, role: str) -> None:
        """Now and whenever the host starts."""
        raise NotImplementedError

    def stop(self, role: str) -> None:
        """Returns when its last process has ended; what was begun is finished."""
        raise NotImplementedError

    def process(self, role: str) -> int:
        """Its first process; 0 if it does not run."""
        raise NotImplementedError

    def last_words(self, role: str) -> str:
        """The end of its log; "" if that cannot be read."""
        raise NotImplementedError


class Runit(Supervisor):
    """Folders in service/, watched by `runsvdir -P <base>/service`."""

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
        run = f"#!/bin/sh\nexec 2>&1\nexec {script} {base}\n"
        write_whole(folder / "run", run, 0o755)
        write_whole(folder / "log/run", f"#!/bin/sh\nexec svlogd -tt {log}\n", 0o755)

    def forget(self, role: str) -> None:
        folder = self._folder(role)
        if not folder.exists():
            return
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
        folder = self._folder(role)
        folder.joinpath("down").touch()
        # Also when it does not run just now: it may be about to start once more.
        run("sv", "-w", str(STOP_SECONDS), "force-stop", str(folder), check=False)
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


class Systemd(Supervisor):
    """Units that root has installed once: they only name `current`."""

    def define(self, role: str) -> None:
        name = f"{service_of(role)}.service"
        drafts, text = (
            self.layout.shared / "systemd",
            unit(role, self.layout.base, self.user),
        )
        write_whole(drafts / name, text)
        write_whole(drafts / SUDOERS, _filled(SUDOERS, user=self.user))
        installed = UNITS / name
        if not installed.exists() or installed.read_text() != text:
            raise HostError(
                f"The unit {name} is not installed, or is another one. Look at it, "
                "then as root:\n"
                f"  install -m 644 {drafts}/{name} {UNITS}/\n"
                f"  install -m 440 {drafts}/{SUDOERS} /etc/sudoers.d/bakery\n"
                "  systemctl daemon-reload",
                NOT_SET_UP,
            )

    def forget(self, role: str) -> None:
        if self.process(role):
            self._systemctl("disable", "--now", role=role)

    def start(self, role: str) -> None:
        self._systemctl("reset-failed", role=role, check=False)
        self._systemctl("enable", role=role)
        self._systemctl("start", "--no-block", role=role)

    def stop(self, role: str) -> None:
        self._systemctl("stop", role=role)

    def process(self, role: str) -> int:
        unit_name = f"{service_of(role)}.service"
        said = run("systemctl", "show", "-p", "MainPID", "--value", unit_name)
        return int(said.stdout.strip() or 0)

    def last_words(self, role: str) -> str:
        unit_name = f"{service_of(role)}.service"
        words = ("journalctl", "--no-pager", "-n", "30", "-o", "cat", "-u", unit_name)
        return run(*words, check=False).stdout[-WORDS:]

    def _systemctl(self, *words: str, role: str, check: bool = True) -> None:
        sudo = () if os.geteuid() == 0 else ("sudo", "-n")
        unit_name = f"{service_of(role)}.service"
        run(*sudo, "systemctl", *words, unit_name, check=check)


def unit(role: str, base: Path, user: str) -> str:
    """The systemd unit of a role, for a base path and a user."""
    return _filled(f"{service_of(role)}.service", base=base, user=user)


def _filled(name: str, **words: object) -> str:
    template = files("bakery.host").joinpath("systemd", name)
    return Template(template.read_text()).substitute(words)


def supervisor(kind: str, layout: Layout, user: str) -> Supervisor:
    return {"runit": Runit, "systemd": Systemd}[kind](layout, user)


def run(*words: str, check: bool = True) -> subprocess.CompletedProcess[str]:
    """Raises HostError, with what it said, if it is to be checked and fails."""
    path = os.environ.get("PATH", os.defpath) + ":/usr/local/sbin:/usr/sbin:/sbin"
    try:
        answer = subprocess.run(
            words,
            env=os.environ | {"PATH": path},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
    except FileNotFoundError as error:
        raise HostError(f"{words[0]} is not on this host.", NOT_SET_UP) from error
    if check and answer.returncode:
        said = (answer.stderr or answer.stdout).strip()[-1000:]
        raise HostError(f"{' '.join(words)} failed: {said}")
    return answer
