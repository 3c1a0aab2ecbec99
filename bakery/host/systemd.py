"""Services under systemd: units that root has installed once; they name `current`."""

from __future__ import annotations

import os
from importlib.resources import files
from pathlib import Path
from string import Template

from bakery.host.codes import NOT_SET_UP, HostError
from bakery.host.disk import write_whole
from bakery.host.layout import key_values
from bakery.host.running import run
from bakery.host.supervisor import WORDS, Supervisor, service_of

UNITS = Path("/etc/systemd/system")
SUDOERS = "bakery.sudoers"


class Systemd(Supervisor):
    """Asks for root where it needs it, and only for what the sudo rules allow."""

    def define(self, role: str) -> None:
        name = unit_name(role)
        drafts = self.layout.shared / "systemd"
        text = unit(role, self.layout.base, self.user)
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

    def has(self, role: str) -> bool:
        """Also one that crashes again and again, and has no process just now."""
        words = ("show", "-p", "UnitFileState", "-p", "ActiveState", unit_name(role))
        said = key_values(run("systemctl", *words).stdout)
        stopped = said.get("ActiveState", "inactive") in ("inactive", "failed")
        return said.get("UnitFileState") == "enabled" or not stopped

    def forget(self, role: str) -> None:
        """The unit itself stays: it is root's, and does nothing while disabled."""
        if UNITS.joinpath(unit_name(role)).exists():
            self._systemctl("disable", "--now", role=role)

    def start(self, role: str) -> None:
        self._systemctl("reset-failed", role=role, check=False)
        self._systemctl("enable", role=role)
        self._systemctl("start", "--no-block", role=role)

    def stop(self, role: str) -> None:
        self._systemctl("stop", role=role)

    def process(self, role: str) -> int:
        said = run("systemctl", "show", "-p", "MainPID", "--value", unit_name(role))
        return int(said.stdout.strip() or 0)

    def last_words(self, role: str) -> str:
        words = ("--no-pager", "-n", "30", "-o", "cat", "-u", unit_name(role))
        return run("journalctl", *words, check=False).stdout[-WORDS:]

    def _systemctl(self, *words: str, role: str, check: bool = True) -> None:
        sudo = () if os.geteuid() == 0 else ("sudo", "-n")
        run(*sudo, "systemctl", *words, unit_name(role), check=check)


def unit_name(role: str) -> str:
    return f"{service_of(role)}.service"


def unit(role: str, base: Path, user: str) -> str:
    """The systemd unit of a role, for a base path and a user."""
    return _filled(unit_name(role), base=base, user=user)


def _filled(name: str, **words: object) -> str:
    template = files("bakery.host").joinpath("systemd", name)
    return Template(template.read_text()).substitute(words)
