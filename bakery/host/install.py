"""Puts a release onto the host: its files, and the environment it runs in.

Repeatable, and several may do it at once: one works, the others wait and then find
that it is done. What an interrupted one left behind is taken away by the next.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from bakery.host.codes import HostError
from bakery.host.content import FACTS, demand_content, demand_members
from bakery.host.disk import UNPACKING, clear_halves, remove, sync_folder, take_away
from bakery.host.layout import Layout
from bakery.host.unpacking import unpack

COMPLETE = ".complete"  # in an environment of which nothing is missing
# What a list of requirements says of pip: one line, or several that a \ joins.
PIP = r"^pip==(?:.*\\\n)*.*$"
Say = Callable[..., object]


def install(layout: Layout, name: str, say: Say, facts: str | None = None) -> None:
    """Unpack incoming/<id>.tar.gz, build its environment out of incoming/<lock>.tar.

    Afterwards the archives are gone. Raises HostError; then the release is not there.
    `facts` is the SHA-256 of the release.json that it has to have.
    """
    layout.make()
    with installing(layout):
        _unpack_release(layout, name, say, facts)
        _build_environment(layout, name, say)
        _link_environment(layout, name)
        _compile(layout.release(name))
        os.utime(layout.release(name))
        layout.incoming.joinpath(f"{name}.tar.gz").unlink(missing_ok=True)
    say(step="installed", release=name)


@contextmanager
def installing(layout: Layout) -> Iterator[None]:
    """One at a time of those who add releases or take them away."""
    with layout.base.joinpath("install.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def is_complete(environment: Path) -> bool:
    return environment.joinpath(COMPLETE).exists()


def _unpack_release(layout: Layout, name: str, say: Say, facts: str | None) -> None:
    """One that is there and whole stays; one that is there and damaged is replaced."""
    clear_halves(layout.releases)
    release, archive = layout.release(name), layout.incoming / f"{name}.tar.gz"
    if release.joinpath(FACTS).exists() and _is_whole(release, name, archive, facts):
        return
    draft = layout.releases / f"{UNPACKING}{name}"
    unpack(archive, draft, demand_members)
    try:
        demand_content(draft, name, facts)
    except (HostError, OSError):
        remove(draft)
        raise
    os.sync()  # before it is there: nobody looks at each file again after a power cut
    if release.exists():
        take_away(release)
    draft.rename(release)
    sync_folder(layout.releases)
    say(step="unpacked", release=name)


def _is_whole(release: Path, name: str, archive: Path, facts: str | None) -> bool:
    """Raises HostError for one that is damaged and cannot be replaced now."""
    try:
        demand_content(release, name, facts)
    except HostError as error:
        if archive.exists():
            return False
        raise HostError(
            f"Release {name} is damaged on this host. Take {release} away and send "
            "it again."
        ) from error
    return True


def _build_environment(layout: Layout, name: str, say: Say) -> None:
    facts = layout.facts(name)
    environment = layout.environment(facts["lock"])
    archive = layout.incoming / f"{facts['lock']}.tar"
    if is_complete(environment):
        archive.unlink(missing_ok=True)
        return
    _demand_python(facts["python"])
    wheels = layout.wheels / facts["lock"]
    remove(wheels)
    remove(environment)
    unpack(archive, wheels)
    say(step="building environment", lock=facts["lock"])
    try:
        _fill_environment(environment, wheels, layout.release(name))
    except (HostError, OSError):
        remove(environment)  # half of one would only fill the disk
        remove(wheels)
        raise
    remove(wheels)
    archive.unlink(missing_ok=True)


def _fill_environment(environment: Path, wheels: Path, release: Path) -> None:
    requirements = release / "requirements.txt"
    # At its final path: an environment's scripts name it.
    _run(sys.executable, "-m", "venv", "--without-pip", str(environment))
    _run(
        str(environment / "bin/python"), str(_pip_in(wheels, requirements)), "install",
        *("--no-index", "--find-links", str(wheels), "--require-hashes"),
        *("--no-deps", "--only-binary", ":all:", "--no-cache-dir", "--no-input"),
        *("--disable-pip-version-check", "--quiet", "--no-warn-script-location"),
        *("--requirement", str(requirements)),
    )  # fmt: skip
    os.sync()  # before it counts as complete, which a power cut must not make untrue
    environment.joinpath(COMPLETE).touch()
    sync_folder(environment)


def _demand_python(wanted: str) -> None:
    here = f"{sys.version_info[0]}.{sys.version_info[1]}"
    if here != wanted:
        raise HostError(
            f"The release is made for Python {wanted}; this is {here} "
            f"({sys.executable}). Install python{wanted} and name it in fleet.toml: "
            f'python = "python{wanted}"'
        )


def _pip_in(wheels: Path, requirements: Path) -> Path:
    """pip's own wheel can be run as it is, so that hosts need none.

    It holds all others against their hashes. Nobody but us holds it against its own,
    and it runs before anything else does.
    """
    listed = re.search(PIP, requirements.read_text(), re.MULTILINE)
    hashes = set(re.findall(r"sha256:([0-9a-f]{64})", listed[0])) if listed else set()
    for wheel in wheels.glob("pip-*.whl"):
        if hashlib.sha256(wheel.read_bytes()).hexdigest() in hashes:
            return wheel / "pip"
    raise HostError(
        "Among the wheels is no pip with a hash that requirements.txt names. Make the "
        "release anew."
    )


def _link_environment(layout: Layout, name: str) -> None:
    link = layout.release(name) / ".venv"
    target = Path("../..", "environments", layout.facts(name)["lock"])
    if not link.is_symlink():
        link.symlink_to(target)


def _compile(release: Path) -> None:
    """So that services start sooner and never write into a release."""
    _run(
        str(release / ".venv/bin/python"), "-m", "compileall", "-q", "-j", "1",
        *("-s", str(release), "-p", str(release)),
        *(str(release / package) for package in ("bakery", "basket", "settings", "shop")
          if (release / package).is_dir()),
    )  # fmt: skip


def _run(*words: str) -> None:
    answer = subprocess.run(
        words, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
    )
    if answer.returncode:
        said = (answer.stderr or answer.stdout)[-2000:]
        raise HostError(f"{' '.join(words[:4])} ... failed: {said}")
