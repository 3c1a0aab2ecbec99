"""The image: a root file system with a release and its environment in it.

Named after what is in it, and kept: the same packages, files and release are the same
image, and only the first who asks for it waits.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from bakery.image.folders import HOSTS
from bakery.image.rootfs import (
    FETCHED,
    PATH,
    ImageError,
    alone,
    digest,
    root_folder,
    run,
)
from bakery.release.store import Release

Say = Callable[[str], object]
KEPT = 4
OLD_DAYS = 30
INSIDE = """
mount -t proc proc "$0/proc"
mount -t tmpfs -o mode=755 dev "$0/dev"
for node in null zero random urandom; do
    touch "$0/dev/$node"; mount --bind "/dev/$node" "$0/dev/$node"
done
exec chroot --userspec=bakery:bakery "$0" "$@"
"""


@dataclass(frozen=True)
class Image:
    """An image that was made, as a folder. Nobody may write into it."""

    id: str
    release: str
    folder: Path

    @property
    def packages_of(self) -> date:
        """The day whose packages of Debian it holds."""
        return date.fromisoformat((self.folder / FETCHED).read_text().strip())

    def reminder(self, today: date) -> str:
        """Words for who takes it, if its packages are old; else ""."""
        days = (today - self.packages_of).days
        if days < OLD_DAYS:
            return ""
        return (
            f"Debian's packages in the image are {days} days old; security updates "
            "since then are not in it. `image --fresh` takes today's."
        )


def image_id(root: Path, release: Release) -> str:
    """The same for the same packages, the same files of ours and the same release."""
    return digest([root.name.removeprefix("root-"), release.id])


def make_image(
    cache: Path,
    release: Release,
    say: Say = lambda words: None,
    *,
    fresh: bool = False,
) -> Image:
    """The image of this release, made if it is not there. Needs root.

    With `fresh` of today's packages of Debian. Whoever asks while another one makes it
    waits for that. Raises ImageError and NotOurs; then there is no image.
    """
    if not release.is_sound:
        raise ImageError(f"Release {release.id} is damaged; `release` makes it anew.")
    root = root_folder(cache, say, fresh=fresh)
    name = image_id(root, release)
    image = Image(name, release.id, cache / f"image-{name}")
    with alone(cache):
        if not image.folder.exists():
            say(f"Installing release {release.id} in it.")
            draft = image.folder.with_suffix(".new")
            shutil.rmtree(draft, ignore_errors=True)
            # Files of Debian are the same ones, linked: only what is new takes room.
            run("cp", "-al", str(root), str(draft))
            _install(draft, release)
            _put_in_place(draft, image)
        os.utime(image.folder)
    return image


def _put_in_place(draft: Path, image: Image) -> None:
    """As the one that was asked for last; until now it has the date of its Debian."""
    os.utime(draft)
    draft.replace(image.folder)
    _forget_old(image.folder.parent)


def _forget_old(cache: Path) -> None:
    """Keep the images that were asked for last, and those on which a host runs."""
    images = sorted(
        cache.glob("image-*[0-9a-f]"), key=lambda path: path.stat().st_mtime
    )
    for image in images[:-KEPT]:
        if str(image) not in in_use():
            shutil.rmtree(image)


def in_use() -> set[str]:
    """Images over which a host of this machine lies, running or not."""
    return {
        json.loads(facts.read_text())["image"] for facts in HOSTS.glob("*/*/host.json")
    }


def _install(root: Path, release: Release) -> None:
    incoming = root / "srv/bakery/incoming"
    shutil.copyfile(release.path, incoming / release.path.name)
    shutil.copyfile(release.wheels, incoming / release.wheels.name)
    program = root / "usr/lib/bakery/host.pyz"
    shutil.copyfile(release.agent, program)
    _in(root, "install", release.id)
    for part in incoming.iterdir():
        part.unlink()
    _define_service(root, "web")  # what most clones are


def _define_service(root: Path, role: str) -> None:
    """The supervisor then knows it from the first moment; `down` keeps it waiting."""
    folder = root / "srv/bakery/service" / f"bakery-{role}"
    code = (
        "import sys; sys.path.insert(0, '/usr/lib/bakery/host.pyz'); "
        "from pathlib import Path; "
        "from bakery.host.layout import Layout; "
        "from bakery.host.services import Runit; "
        f"Runit(Layout(Path('/srv/bakery')), 'bakery').define({role!r})"
    )
    if not folder.exists():
        _as_bakery(root, "python3", "-B", "-c", code)


def _in(root: Path, *words: str) -> None:
    program = ("python3", "/usr/lib/bakery/host.pyz")
    _as_bakery(root, *program, *words, "--base", "/srv/bakery")


def _as_bakery(root: Path, *words: str) -> None:
    """Without a network, and with what programs expect of a machine."""
    inside = {"PATH": PATH, "HOME": "/home/bakery", "LANG": "C.UTF-8"}
    apart = ("unshare", "--mount", "--pid", "--net", "--ipc", "--fork", "--kill-child")
    run(*apart, "/bin/sh", "-euc", INSIDE, str(root), *words, env=inside)
