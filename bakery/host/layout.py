"""Where things lie on a host."""

from __future__ import annotations

import json
import os
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bakery.host.codes import HostError


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
        """Let `current` or `previous` name a release, from one moment to the next."""
        draft = link.with_name(f".{link.name}.{os.getpid()}")
        draft.unlink(missing_ok=True)
        draft.symlink_to(Path("releases", name))
        draft.replace(link)

    def facts(self, name: str) -> dict[str, Any]:
        """A release's release.json. Raises HostError if it is not here."""
        try:
            return json.loads(self.release(name).joinpath("release.json").read_text())
        except (OSError, ValueError) as error:
            raise HostError(
                f"Release {name} is not on this host: {error}. Install it first."
            ) from error

    def host_facts(self) -> dict[str, str]:
        """What shared/host says. Raises HostError if nobody has written it."""
        try:
            return key_values(self.shared.joinpath("host").read_text())
        except OSError as error:
            raise HostError(
                f"This host has not been configured: {error}. Run `configure` first."
            ) from error


def key_values(text: str) -> dict[str, str]:
    """KEY=VALUE lines, taken as they stand: no quotes, no variables; # is a remark."""
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    return {key: value for key, _, value in (line.partition("=") for line in lines)}


def write_whole(path: Path, text: str, mode: int = 0o644) -> bool:
    """Write the file so that nobody ever reads half of it; whether it changed."""
    if path.exists() and path.read_text() == text:
        path.chmod(mode)
        return False
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    draft.touch(mode=0o600)
    draft.write_text(text)
    draft.chmod(mode)
    draft.replace(path)
    return True


def remove(path: Path) -> None:
    """With all that is below. Repeatable."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)
