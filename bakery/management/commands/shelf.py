"""manage.py shelf"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from bakery.host.layout import Layout
from bakery.release.fetching import fetch
from bakery.release.notes import LATEST, Note, NotOnTheShelf, notes_on, read_note
from bakery.release.publishing import Missing, move_latest, publish
from bakery.release.shelf import Shelf, shelf_of_the_fleet

NOT_THERE, MISSING, AWAY = 1, 3, 4


class Command(BaseCommand):
    help = (
        "On a host: the releases in the fleet's storage (releases/ of STORAGE_URL), "
        "from which a new clone fetches the latest one by itself. Without a word it "
        "shows them. `deploy`, `rollback` and the first boot of a clone use the rest, "
        "and so can you; notes there are signed with SECRET_KEY, and archives held "
        "against their digests. Exit 0: done. 1: there is no such release, or it is "
        "damaged. 3: archives are missing, their names are printed. 4: the storage is "
        "away."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help="one JSON document")
        parts = parser.add_subparsers(dest="what")
        put = parts.add_parser(
            "put", help="let a release be the latest; of its archives bring what lacks"
        )
        put.add_argument(
            "note", type=Path, metavar="NOTE", help="its archives lie beside it"
        )
        latest = parts.add_parser(
            "latest",
            help="let one that is there be the latest again; if it is not, there is "
            "none any more, and clones take the release of their image",
        )
        latest.add_argument("release", metavar="RELEASE", help="its id")
        bring = parts.add_parser(
            "fetch", help="bring a release to incoming/, from where it is installed"
        )
        bring.add_argument(
            "release", nargs="?", default="", metavar="RELEASE", help="else the latest"
        )
        bring.add_argument(
            "--base",
            type=Path,
            default=Path("/srv/bakery"),
            metavar="FOLDER",
            help="where everything lies on the host (default: %(default)s)",
        )

    def handle(self, *, what: str | None, **options: Any) -> None:
        shelf = shelf_of_the_fleet()
        try:
            self._do(what, shelf, options)
        except Missing as error:
            self.stdout.write("\n".join(error.names))
            raise CommandError(str(error), returncode=MISSING) from error
        except NotOnTheShelf as error:
            raise CommandError(str(error), returncode=NOT_THERE) from error
        except OSError as error:
            told = f"The releases cannot be reached: {error}"
            raise CommandError(told, returncode=AWAY) from error

    def _do(self, what: str | None, shelf: Shelf, options: dict[str, Any]) -> None:
        if what == "put":
            path = options["note"]
            note = Note.from_json(path.read_bytes(), signed=False)
            publish(shelf, note, path.parent, signed=True)
        elif what == "latest":
            move_latest(shelf, options["release"], signed=True)
        elif what == "fetch":
            layout = Layout(options["base"])
            note = fetch(shelf, layout, options["release"], signed=True)
            self.stdout.write(note.id)
        else:
            self._show(shelf, as_json=options["json"])

    def _show(self, shelf: Shelf, *, as_json: bool) -> None:
        notes = notes_on(shelf, signed=True)
        try:
            latest = read_note(shelf, LATEST, signed=True).id
        except NotOnTheShelf:
            latest = ""
        if as_json:
            rows = [{"id": n.id, "published_at": n.published_at} for n in notes]
            self.stdout.write(json.dumps({"latest": latest, "releases": rows}))
            return
        for note in notes:
            mark = "  latest" if note.id == latest else ""
            self.stdout.write(f"{note.id}  {note.published_at[:16]} UTC{mark}")
