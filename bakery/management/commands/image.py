"""manage.py image"""

from __future__ import annotations

import json
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from bakery.image.disk import write_disk
from bakery.image.folders import NotOurs
from bakery.image.oci import write_oci, write_tar
from bakery.image.rootfs import ImageError, newest_base, root_id
from bakery.image.superclone import Image, image_id, make_image
from bakery.instances.commanding import add_places
from bakery.release.contents import NotForARelease
from bakery.release.environment import NotLocked
from bakery.release.make import NotMade, make_release
from bakery.release.store import Release, read_release
from bakery.release.wheels import NoWheels

WRONG = (
    ImageError, NotOurs, NotMade, NotForARelease, NotLocked, NoWheels, OSError,
)  # fmt: skip


class Command(BaseCommand):
    help = (
        "Makes the image from which clones come: Debian with our few packages, a user, "
        "a supervisor, a release and its environment; no secret, no key, no machine "
        "id, nothing that two clones must not share. Named after what is in it and "
        "kept, so that it is made once. Needs root and mmdebstrap. `clone` makes hosts "
        "of it on this machine; --oci and --disk bring it elsewhere. Exit 0: it is "
        "there, its id is printed. 1: it cannot be made; nothing was."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "release",
            nargs="?",
            metavar="RELEASE",
            help="what it is made with (default: a release of this very source)",
        )
        parser.add_argument("--tar", type=Path, metavar="FILE", help="as a plain tar")
        parser.add_argument(
            "--oci", type=Path, metavar="FILE", help="as an OCI archive, for containers"
        )
        parser.add_argument(
            "--disk",
            type=Path,
            metavar="FOLDER",
            help="as a virtual machine: a disk, a kernel, and `run` that boots it",
        )
        parser.add_argument(
            "--fresh",
            action="store_true",
            help="with Debian's packages of today: an image has those of the day on "
            "which they were fetched, and gets no security updates by itself",
        )
        parser.add_argument("--json", action="store_true", help="all about it")
        parser.add_argument(
            "--dry-run", action="store_true", help="only tell whether it would be made"
        )
        add_places(parser)

    def handle(self, *, release: str | None, **options: Any) -> None:
        say = self.stderr.write if sys.stderr.isatty() else lambda words: None
        try:
            archive = self._release(release, options["into"])
            if options["dry_run"]:
                return self._tell_only(archive, options["images"])
            fresh = options["fresh"]
            image = make_image(options["images"], archive, say, fresh=fresh)
            self._write(image, options, say)
        except WRONG as error:
            raise CommandError(str(error)) from error
        if reminder := image.reminder(datetime.now(UTC).date()):
            self.stderr.write(reminder)
        return self._show(image, as_json=options["json"])

    def _release(self, name: str | None, into: Path) -> Release:
        if not name:
            return make_release(into)
        found = read_release(into, name)
        if found is None:
            told = f"There is no release {name} here; `release --list` lists them."
            raise CommandError(told, returncode=2)
        return found

    def _write(self, image: Image, options: dict[str, Any], say: Any) -> None:
        if options["tar"]:
            write_tar(image, options["tar"])
        if options["oci"]:
            write_oci(image, options["oci"])
        if options["disk"]:
            write_disk(image, options["disk"], options["images"], say)

    def _tell_only(self, release: Release, images: Path) -> None:
        base = newest_base(images)
        if base is None:
            told = f"The image of release {release.id} would be made; Debian fetched."
            return self.stdout.write(told)
        name = image_id(images / f"root-{root_id(base)}", release)
        there = (images / f"image-{name}").exists()
        ends = "is there." if there else "would be made."
        return self.stdout.write(f"{name} of release {release.id}: {ends}")

    def _show(self, image: Image, *, as_json: bool) -> None:
        if as_json:
            facts = {"id": image.id, "release": image.release}
            facts["packages_of"] = image.packages_of.isoformat()
            self.stdout.write(json.dumps(facts | {"folder": str(image.folder)}))
        else:
            self.stdout.write(image.id)
