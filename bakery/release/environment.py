"""Static files of packages are built from those installed here: are they the locked?"""

from __future__ import annotations

import re
from importlib.metadata import Distribution, PackageNotFoundError

PIN = re.compile(r"^([A-Za-z0-9._-]+)(?:\[[^\]]*\])?==(\S+)", re.M)


class NotLocked(Exception):
    """What is installed here is not what requirements.txt says."""


def demand_locked(requirements: str) -> None:
    """Raise NotLocked with the packages whose static files would be of another version.

    What is not installed here does not matter, nor what brings no static files.
    """
    others = [
        f"{name} {here.version} instead of {wanted}"
        for name, wanted in PIN.findall(requirements)
        if (here := _installed(name)) and here.version != wanted and _has_static(here)
    ]
    if others:
        raise NotLocked(
            f"Installed here are {', '.join(others)}: the release would get static "
            "files that are not its own. Install what the lock says: "
            "pip install --require-hashes -r requirements.txt"
        )


def _installed(name: str) -> Distribution | None:
    try:
        return Distribution.from_name(name)
    except PackageNotFoundError:
        return None


def _has_static(package: Distribution) -> bool:
    return any("static" in path.parts for path in package.files or ())
