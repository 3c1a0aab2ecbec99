"""manage.py safemigrate"""

from __future__ import annotations

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import OperationalError

from bakery.contracting import Phase, Refused, StillNeeded, choose
from bakery.health import missing_migrations
from bakery.migrating import StillLocked, migrate
from bakery.migration_plan import plan_now
from bakery.phases import Step

STILL_NEEDED = 3
REFUSED = 4


class Command(BaseCommand):
    help = (
        "Brings the database to this release. Safe to start on many servers at once, "
        "while the shop sells: one migrates and the others wait, then look; statements "
        "that find a table in use give up at once and try again. Servers of "
        "a fleet never migrate by themselves: run this once, before the new release "
        "starts, with --expand, which adds what the release needs and is safe beside "
        "servers of the release before; and --contract later, which takes away what "
        "no living server needs any more. Without either both are done, and what may "
        "not be taken away yet is left for the next time. Exit 0: the database is what "
        "this release needs. 1: it is not; the words say why, and running it again "
        "goes on where it stopped. 3: living servers of another release still need "
        "what would be taken away; they are listed and nothing was changed. 4: a "
        "migration would break or hold up servers that sell; nothing was changed."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        _add_phase(parser)
        parser.add_argument(
            "--json", action="store_true", help="the plan as one JSON document"
        )
        parser.add_argument(
            "--wait",
            type=float,
            default=600,
            metavar="SECONDS",
            help="how long to wait for another that migrates (default: %(default)s)",
        )
        parser.add_argument(
            "--dry-run",
            action="store_true",
            help="list the migrations that would be applied and change nothing",
        )

    def handle(self, *, wait: float, phase: Phase = Phase.ALL, **options: Any) -> None:
        if options["plan"]:
            self._plan(options["json"])
            return
        try:
            if options["dry_run"]:
                self._list(choose(phase).now)
                return
            later = migrate(self.stderr.write, wait_seconds=wait, phase=phase)
        except StillNeeded as error:
            raise CommandError(
                f"{error} Nothing was changed.", returncode=STILL_NEEDED
            ) from error
        except Refused as error:
            raise CommandError(
                f"{error}\nNothing was changed.", returncode=REFUSED
            ) from error
        except StillLocked as error:
            raise CommandError(f"{error} Nothing was changed.") from error
        except OperationalError as error:
            raise CommandError(
                f"The database did not let it happen: {error}"
            ) from error
        self._end(later)

    def _end(self, later: list[Step]) -> None:
        missing = missing_migrations()
        if missing:
            raise CommandError(f"Migrations are missing still: {', '.join(missing)}.")
        self.stdout.write("The database is what this release needs.")
        if later:
            names = ", ".join(str(step) for step in later)
            self.stdout.write(f"For `safemigrate --contract`, later: {names}.")

    def _list(self, steps: list[Step]) -> None:
        for step in steps:
            self.stdout.write(str(step))

    def _plan(self, as_json: bool) -> None:
        plan = plan_now()
        if as_json:
            self.stdout.write(json.dumps(plan.document()))
            return
        for line in plan.lines():
            self.stdout.write(line)


def _add_phase(parser: CommandParser) -> None:
    phase = parser.add_mutually_exclusive_group()
    phase.add_argument(
        "--expand",
        dest="phase",
        action="store_const",
        const=Phase.EXPAND,
        default=Phase.ALL,
        help="add what this release needs; older releases go on beside it",
    )
    phase.add_argument(
        "--contract",
        dest="phase",
        action="store_const",
        const=Phase.CONTRACT,
        help="take away what only older releases needed, if none of them lives",
    )
    phase.add_argument(
        "--plan",
        action="store_true",
        help="say of each missing migration whether it expands or contracts, who "
        "needs what it takes away, and what is refused; change nothing",
    )
