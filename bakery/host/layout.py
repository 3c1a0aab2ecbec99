"""Where things lie on a host."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bakery.host.codes import HostError
from bakery.host.disk import sync_folder

# Without these in shared/host nobody can ask the host's services anything.
NEEDED = ("CLONE_ID", "ROLES", "SUPERVISOR", "BIND", "PORT", "SITE_URL")


@dataclass(frozen=True)
class Layout:
    """The folders below one base path."""

    base: Path

    @property
    def releases(self) -> Path:
        return self.base / "releases"

    @property
    def environments(self) -> Path:
        return self.base / "environments"

    @property
    def wheels(self) -> Path:
        return self.base / "wheels"

    @property
    def incoming(self) -> Path:
        return self.base / "incoming"

    @property
    def shared(self) -> Path:
        return self.base / "shared"

    @property
    def environment_file(self) -> Path:
        """KEY=VALUE lines that all hosts share: secrets, put there by the operator."""
        return self.shared / "environment"

    @property
    def fleet_file(self) -> Path:
        return self.shared / "fleet.toml"

    @property
    def host(self) -> Path:
        """KEY=VALUE lines about this host, by which its services have started."""
        return self.shared / "host"

    @property
    def host_next(self) -> Path:
        """Those of the next switch."""
        return self.shared / "host.next"

    @property
    def host_former(self) -> Path:
        """Those of before the last switch, for the way back."""
        return self.shared / "host.former"

    @property
    def switches(self) -> Path:
        """What switches have said, and how they ended."""
        return self.log / "switch"

    @property
    def var(self) -> Path:
        return self.base / "var"

    @property
    def log(self) -> Path:
        return self.base / "log"

    @property
    def services(self) -> Path:
        """Service folders, for runit."""
        return self.base / "service"

    @property
    def current(self) -> Path:
        return self.base / "current"

    @property
    def previous(self) -> Path:
        return self.base / "previous"

    def make(self) -> None:
        """All folders. Repeatable."""
        for folder in (
            self.releases, self.environments, self.wheels, self.incoming,
            self.shared, self.var, self.log,
        ):  # fmt: skip
            folder.mkdir(parents=True, exist_ok=True)

    def release(self, name: str) -> Path:
        return self.releases / name

    def environment(self, lock: str) -> Path:
        return self.environments / lock

    def named_by(self, link: Path) -> str:
        """The release that `current` or `previous` names; "" if there is none."""
        try:
            return Path(os.readlink(link)).name
        except FileNotFoundError:
            return ""

    def point(self, link: Path, name: str) -> None:
        """Let `current` or `previous` name a release, from one moment to the next; or
        none, for "".
        """
        if not name:
            link.unlink(missing_ok=True)
            return
        draft = link.with_name(f".{link.name}.{os.getpid()}")
        draft.unlink(missing_ok=True)
        draft.symlink_to(Path("releases", name))
        draft.replace(link)
        sync_folder(link.parent)

    def facts(self, name: str) -> dict[str, Any]:
        """A release's release.json. Raises HostError if it is not here."""
        try:
            return json.loads(self.release(name).joinpath("release.json").read_text())
        except (OSError, ValueError) as error:
            raise HostError(
                f"Release {name} is not on this host: {error}. Install it first."
            ) from error

    def host_facts(self) -> dict[str, str]:
        """What shared/host says. Raises HostError if nobody has written it whole."""
        return _whole_facts(self.host)

    def next_host_facts(self) -> dict[str, str]:
        """What it says after the next switch. Raises HostError."""
        return _whole_facts(self.host_next if self.host_next.exists() else self.host)


def _whole_facts(path: Path) -> dict[str, str]:
    try:
        facts = key_values(path.read_text(errors="replace"))
    except OSError as error:
        raise HostError(
            f"This host has not been configured: {error}. Run `configure` first."
        ) from error
    missing = [name for name in NEEDED if not facts.get(name)]
    if missing or not facts["PORT"].isdecimal():
        told = ", ".join(missing) or "a PORT"
        raise HostError(f"{path} does not say {told}: it is damaged. Run `configure`.")
    return facts


def releases_of(layout: Layout) -> list[str]:
    """The releases here; the one installed or switched to last comes first."""
    found = [
        path
        for path in layout.releases.glob("*")
        if not path.name.startswith(".") and path.joinpath("release.json").exists()
    ]
    found.sort(key=lambda path: path.stat().st_mtime, reverse=True)
    return [path.name for path in found]


def key_values(text: str) -> dict[str, str]:
    """KEY=VALUE lines, taken as they stand: no quotes, no variables; # is a remark."""
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    return {key: value for key, _, value in (line.partition("=") for line in lines)}
