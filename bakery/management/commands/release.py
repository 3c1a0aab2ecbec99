"""manage.py release"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from bakery.release.contents import NotForARelease
from bakery.release.environment import NotLocked
from bakery.release.folder import add_into
from bakery.release.make import NotMade, make_release
from bakery.release.publishing import NotAShelf, demand_shelf, note_of, publish
from bakery.release.shelf import FolderShelf, Shelf, shelf_of_the_fleet
from bakery.release.store import Release, read_releases
from bakery.release.wheels import NoWheels


class Command(BaseCommand):
    help = (
        "Makes a release of this very source: its files, its static files built, and "
        "the wheels from which hosts build its environment without any network. Its "
        "id follows from what is in it, so the same source gives the same release "
        "anywhere; one that was made is found again. `deploy` brings it to the fleet, "
        "and lets new clones fetch it; --publish lets them fetch it from elsewhere. "
        "Exit 0: it is there, its id is printed. 1: it cannot be made; nothing was. 2: "
        "wrong usage."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        add_into(parser)
        parser.add_argument(
            "--publish",
            nargs="?",
            const=True,
            metavar="FOLDER",
            help="let it be the one that new clones fetch: put it, and latest.json, "
            "into a folder that a web server of yours shows them; without FOLDER into "
            "the storage (STORAGE_URL), which needs the fleet's SECRET_KEY too",
        )
        parser.add_argument(
            "--pin",
            action="store_true",
            help="print its id and the digest of its archive: the file `release` of a "
            "new clone that fetches it from an address without https",
        )
        parser.add_argument("--list", action="store_true", help="those that were made")
        parser.add_argument("--json", action="store_true", help="all about it")

    def handle(self, *, into: Path, list: bool, json: bool, **options: Any) -> None:
        if list:
            return self._show(read_releases(into), as_json=json, as_list=True)
        say = self.stderr.write if sys.stderr.isatty() else _say_nothing
        try:
            shelf = _shelf(options["publish"])
            release = make_release(into, say=say)
            if shelf:
                # A folder is the operator's own and its web server's: unsigned.
                signed = options["publish"] is True
                publish(shelf, note_of(release), release.path.parent, signed=signed)
        except NotAShelf as error:
            raise CommandError(str(error), returncode=2) from error
        except (NotMade, NotForARelease, NotLocked, NoWheels, OSError) as error:
            raise CommandError(str(error)) from error
        if options["pin"]:
            digest = release.archives[release.path.name].sha256
            return self.stdout.write(f"{release.id} {digest}")
        return self._show([release], as_json=json, as_list=False)

    def _show(self, releases: list[Release], *, as_json: bool, as_list: bool) -> None:
        if as_json:
            facts = [_facts(release) for release in releases]
            self.stdout.write(json.dumps(facts if as_list else facts[0]))
            return
        for release in releases:
            made = f"  {release.made_at:%Y-%m-%d %H:%M} UTC" if as_list else ""
            self.stdout.write(f"{release.id}{made}")


def _shelf(where: str | bool | None) -> Shelf | None:
    """Where to publish it: True is the storage. Raises NotAShelf."""
    if not where:
        return None
    if where is True:
        return shelf_of_the_fleet()
    demand_shelf(Path(where))
    return FolderShelf(Path(where))


def _facts(release: Release) -> dict[str, Any]:
    return release.to_store() | {
        "path": str(release.path),
        "wheels": str(release.wheels),
        "agent": str(release.agent),
    }


def _say_nothing(words: str) -> None:
    pass
