"""The root file system of a clone: Debian, our user and services, nothing of anybody.

Made once for each list of packages and each state of our own files, and kept: Debian's
part as an archive, the whole as a folder that hosts on this machine lie over.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from bakery.image.folders import own_folder

HERE = Path(__file__).parent
SUITE = "bookworm"
TREE = HERE / "tree"
SETUP = HERE / "setup.sh"
FETCHED = "etc/bakery/packages-of"  # in the image: the day of its packages


class ImageError(Exception):
    """The image could not be made; the message says why and what to do."""


def packages() -> list[str]:
    """Debian packages of the image."""
    lines = (HERE / "packages.txt").read_text().splitlines()
    return [line for line in lines if line and not line.startswith("#")]


def base_id() -> str:
    """The same for the same suite and packages."""
    return digest([SUITE, *packages()])


def root_id(base: Path) -> str:
    """The same for the same archive of Debian's part and the same files of ours."""
    files = sorted(path for path in TREE.rglob("*") if path.is_file())
    parts = [f"{path.relative_to(TREE)} {path.read_text()}" for path in files]
    return digest([base.stem, SETUP.read_text(), *parts])


def root_folder(
    cache: Path, say: Callable[[str], None] = lambda _: None, *, fresh: bool = False
) -> Path:
    """The unpacked root file system; made if it is not there. Needs root.

    With `fresh` Debian's packages are fetched anew, as they are today. Whoever asks
    while another one makes it waits for that. Raises ImageError, and NotOurs for a
    folder into which others may write.
    """
    with alone(own_folder(cache)):
        base = None if fresh else newest_base(cache)
        base = base or _fetch(cache, say)
        folder = cache / f"root-{root_id(base)}"
        if not folder.exists():
            say("Putting the shop's user and services into it.")
            _make_root(base, folder)
    return folder


def newest_base(cache: Path) -> Path | None:
    """The archive of Debian's part that was fetched last; None if none was."""
    found = cache.glob(f"base-{base_id()}*.tar")
    return max(found, key=lambda path: path.stat().st_mtime, default=None)


def _fetch(cache: Path, say: Callable[[str], None]) -> Path:
    """Debian's part as it is today; those of earlier days go."""
    now = datetime.now(UTC)
    archive = cache / f"base-{base_id()}-{now:%Y%m%dT%H%M%S.%f}.tar"
    say(f"Fetching Debian {SUITE} with {len(packages())} packages.")
    draft = archive.with_suffix(".new")
    run(
        "mmdebstrap",
        "--variant=minbase",
        "--format=tar",
        f"--include={','.join(packages())}",
        '--aptopt=Acquire::Retries "3"',
        SUITE,
        str(draft),
    )
    draft.replace(archive)
    os.utime(archive, (now.timestamp(), now.timestamp()))
    for former in cache.glob(f"base-{base_id()}*.tar"):
        if former != archive:
            former.unlink()
    return archive


def _make_root(base: Path, folder: Path) -> None:
    draft = folder.with_suffix(".new")
    shutil.rmtree(draft, ignore_errors=True)
    draft.mkdir()
    run("tar", "-xf", str(base), "-C", str(draft), "--numeric-owner",
        "--exclude=./dev/*")  # fmt: skip
    for source in sorted(TREE.rglob("*")):
        target = draft / source.relative_to(TREE)
        if source.is_dir():
            target.mkdir(exist_ok=True)
        else:
            shutil.copyfile(source, target)
            target.chmod(0o755 if source.read_bytes().startswith(b"#!") else 0o644)
    shutil.copyfile(SETUP, draft / "setup.sh")
    run("chroot", str(draft), "/bin/sh", "/setup.sh", env={"PATH": PATH})
    (draft / "setup.sh").unlink()
    fetched = datetime.fromtimestamp(base.stat().st_mtime, UTC)
    (draft / FETCHED).write_text(f"{fetched:%Y-%m-%d}\n")
    draft.replace(folder)


PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


def searched() -> str:
    """Where programs are looked for: also where only root's are."""
    return os.pathsep.join([*os.get_exec_path(), PATH])


def run(*words: str, env: dict[str, str] | None = None) -> str:
    """Run a program to its end; what it says. Raises ImageError."""
    try:
        answer = subprocess.run(
            words,
            check=False,
            env=env or os.environ | {"PATH": searched()},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
        )
    except FileNotFoundError as error:
        raise ImageError(
            f"{words[0]} is not on this machine. On Debian: apt install {words[0]}"
        ) from error
    if answer.returncode:
        raise ImageError(
            f"{words[0]} failed: {(answer.stderr + answer.stdout).strip()[-2000:]}"
        )
    return answer.stdout


@contextmanager
def alone(cache: Path) -> Iterator[None]:
    """One at a time makes something in this folder of images."""
    with (cache / "lock").open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        yield


def digest(parts: list[str]) -> str:
    """A short name of all the parts together."""
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:16]
