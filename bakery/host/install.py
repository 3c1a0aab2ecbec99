"""Puts a release onto the host: its files, and the environment it runs in.

Repeatable, and several may do it at once: one works, the others wait and then find
that it is done. What an interrupted one left behind is taken away by the next.
"""

from __future__ import annotations

import fcntl
import os
import subprocess
import sys
import tarfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from bakery.host.codes import HostError
from bakery.host.content import FACTS, content_id
from bakery.host.layout import Layout, remove

COMPLETE = ".complete"  # in an environment of which nothing is missing
Say = Callable[..., object]


def install(layout: Layout, name: str, say: Say) -> None:
    """Unpack incoming/<id>.tar.gz, build its environment out of incoming/<lock>.tar.

    Afterwards the archives are gone. Raises HostError; then the release is not there.
    """
    layout.make()
    with installing(layout):
        _unpack_release(layout, name, say)
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


def _unpack_release(layout: Layout, name: str, say: Say) -> None:
    if layout.release(name).joinpath(FACTS).exists():
        return
    for left in layout.releases.glob(".unpacking-*"):
        remove(left)
    draft = layout.releases / f".unpacking-{name}"
    unpack(layout.incoming / f"{name}.tar.gz", draft)
    found = content_id(draft)
    if found != name:
        remove(draft)
        raise HostError(
            f"The archive of release {name} holds something else ({found}): it was "
            "damaged on its way, or changed. Send it again."
        )
    draft.rename(layout.release(name))
    say(step="unpacked", release=name)


def unpack(archive: Path, into: Path) -> None:
    """Raises HostError for an archive that is missing or broken; then nothing stays."""
    into.mkdir(parents=True)
    try:
        with tarfile.open(archive) as tar:
            tar.extractall(into, filter="data") if _filters() else _extract(tar, into)
    except (OSError, tarfile.TarError, EOFError) as error:
        remove(into)
        raise HostError(f"Cannot unpack {archive}: {error}. Send it again.") from error


def _filters() -> bool:
    return hasattr(tarfile, "data_filter")  # not yet in Debian 12's own Python


def _extract(tar: tarfile.TarFile, into: Path) -> None:
    """Files and folders inside and nothing else: no links, no devices, no owners."""
    for member in tar:
        inside = (into / member.name).resolve().is_relative_to(into.resolve())
        if not inside or not (member.isreg() or member.isdir()):
            raise tarfile.TarError(f"{member.name} does not belong into an archive")
        member.uid, member.gid = os.getuid(), os.getgid()
        tar.extract(member, into)


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
    # At its final path: an environment's scripts name it.
    _run(sys.executable, "-m", "venv", "--without-pip", str(environment))
    _run(
        str(environment / "bin/python"), str(_pip_in(wheels)), "install",
        *("--no-index", "--find-links", str(wheels), "--require-hashes"),
        *("--no-deps", "--only-binary", ":all:", "--no-cache-dir", "--no-input"),
        *("--disable-pip-version-check", "--quiet", "--no-warn-script-location"),
        *("--requirement", str(layout.release(name) / "requirements.txt")),
    )  # fmt: skip
    environment.joinpath(COMPLETE).touch()
    remove(wheels)
    archive.unlink(missing_ok=True)


def _demand_python(wanted: str) -> None:
    here = f"{sys.version_info[0]}.{sys.version_info[1]}"
    if here != wanted:
        raise HostError(
            f"The release is made for Python {wanted}; this is {here} "
            f"({sys.executable}). Install python{wanted} and name it in fleet.toml: "
            f'python = "python{wanted}"'
        )


def _pip_in(wheels: Path) -> Path:
    """pip's own wheel can be run as it is, so that hosts need none."""
    found = sorted(wheels.glob("pip-*.whl"))
    if not found:
        raise HostError(f"There is no pip among the wheels in {wheels}.")
    return found[-1] / "pip"


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
