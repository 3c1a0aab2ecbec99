"""The wheelhouse of a release: everything a host needs to build its environment.

Chosen for the hosts and not for the machine that makes it: another patch release of
Python may need another package.
"""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
from pathlib import Path

from packaging.markers import Marker

from bakery.release.archive import write_plain_archive

MAKING = ".making-"  # so begin names of what is not finished
PYTHON = "3.11"
PATCHES = range(30)  # of that Python, whichever a host has
# From the oldest C library on that packages are built for, to the one of Debian 11.
PLATFORMS = [
    "manylinux1_x86_64", "manylinux2010_x86_64", "manylinux2014_x86_64", "linux_x86_64",
    *(f"manylinux_2_{minor}_x86_64" for minor in range(5, 32)),
]  # fmt: skip
REQUIREMENT = re.compile(r"^(?P<what>[^\s;]+)\s*(?:;\s*(?P<marker>.+))?$")


class NoWheels(Exception):
    """The packages cannot be had; the message is pip's."""


def make_wheelhouse(requirements: Path, into: Path) -> None:
    """Download the wheels, each held against its hash, into one tar.

    pip's own is among them: hosts build the environment with it, and hold it against
    the hash in requirements.txt before.
    """
    with tempfile.TemporaryDirectory(prefix=MAKING, dir=into.parent) as folder:
        wheels = Path(folder, "wheels")
        wheels.mkdir()
        wanted = Path(folder, "requirements.txt")
        wanted.write_text(for_hosts(requirements.read_text()))
        _download(wheels, "--require-hashes", "--requirement", str(wanted))
        write_plain_archive(into, wheels)


def for_hosts(requirements: str) -> str:
    """The same list without what no Linux host needs, and without conditions.

    pip looks at conditions with the Python it runs in, whatever it downloads for.
    """
    blocks = re.split(r"\n(?=[A-Za-z0-9])", requirements.replace("\\\n", " "))
    return "\n".join(filter(None, map(_for_hosts, blocks)))


def _for_hosts(block: str) -> str:
    line, *_ = block.splitlines() or [""]
    what, *hashes = re.split(r"\s+(?=--hash)", line)
    found = REQUIREMENT.match(what.strip())
    if not found or not _is_wanted(found["marker"]):
        return ""
    return " ".join([found["what"], *hashes])


def _is_wanted(marker: str | None) -> bool:
    """By any host that could run the release."""
    return not marker or any(
        Marker(marker).evaluate(
            {
                "python_version": PYTHON,
                "python_full_version": f"{PYTHON}.{patch}",
                "sys_platform": "linux",
                "platform_system": "Linux",
                "platform_machine": "x86_64",
                "os_name": "posix",
                "implementation_name": "cpython",
                "platform_python_implementation": "CPython",
            }
        )
        for patch in PATCHES
    )


def _download(into: Path, *what: str) -> None:
    platforms = [word for name in PLATFORMS for word in ("--platform", name)]
    words = [
        *(sys.executable, "-m", "pip", "download", "--quiet", "--no-input"),
        *("--disable-pip-version-check", "--no-deps", "--only-binary", ":all:"),
        *("--implementation", "cp", "--python-version", PYTHON, *platforms),
        *("--dest", str(into), *what),
    ]
    answer = subprocess.run(
        words, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
    )
    if answer.returncode:
        raise NoWheels(f"The packages cannot be had: {answer.stderr.strip()[-2000:]}")
