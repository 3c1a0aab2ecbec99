"""manage.py deploy"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from bakery.deploy.commanding import (
    FAILED,
    MEANINGS,
    WRONG_USAGE,
    add_deploy,
    carry_out,
    commands_teller,
    fleet_in,
    teller,
)
from bakery.deploy.connection import remotes_of
from bakery.deploy.deploying import Deploy
from bakery.deploy.report import Report
from bakery.release.contents import NotForARelease
from bakery.release.environment import NotLocked
from bakery.release.folder import add_into
from bakery.release.make import NotMade, make_release
from bakery.release.store import Release, read_release
from bakery.release.wheels import NoWheels


class Command(BaseCommand):
    help = (
        "Brings a release to all hosts of a fleet while it sells: over ssh, behind a "
        "lock, to one host first. That one is warmed up, timed beside the others, "
        "walked through by `prove`, given a part of the traffic and watched; then the "
        "others follow in batches, each drained before and ready after. Whatever "
        "fails, every host that was switched goes back the same way. Without RELEASE "
        "it is made of this source (see `release`). Can be repeated: one that was "
        f"interrupted goes on. {MEANINGS}"
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        add_deploy(parser)
        parser.add_argument(
            "--mixed",
            action="store_true",
            help="bring it to all, though hosts run different releases; find out why",
        )
        add_into(parser)

    def handle(self, *, release: str | None, file: Path, **options: Any) -> None:
        fleet = fleet_in(file)
        dry = options["dry_run"]
        archive = self._release(release, options["into"], dry=dry)
        deploy = Deploy(
            fleet,
            remotes_of(fleet, commands_teller(self, options)),
            archive.id,
            archive,
            Report("deploy", archive.id, teller(self, dry=dry)),
            mixed=options["mixed"],
            fewer=options["fewer"],
            without=options["without"],
            dry=dry,
        )
        carry_out(self, deploy, as_json=options["json"])

    def _release(self, name: str | None, into: Path, *, dry: bool) -> Release:
        if name:
            found = read_release(into, name)
            if found is None:
                told = f"There is no release {name} here; `release --list` lists them."
                raise CommandError(told, returncode=WRONG_USAGE)
            return found
        if dry:
            told = "A dry run makes no release: name one (`release --list`)."
            raise CommandError(told, returncode=WRONG_USAGE)
        try:
            return make_release(into)
        except (NotMade, NotForARelease, NotLocked, NoWheels) as error:
            raise CommandError(str(error), returncode=FAILED) from error
