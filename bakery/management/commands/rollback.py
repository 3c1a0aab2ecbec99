"""manage.py rollback"""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from bakery.deploy import agent, record
from bakery.deploy.commanding import (
    FAILED,
    MEANINGS,
    add_deploy,
    carry_out,
    commands_teller,
    fleet_in,
    in_words,
    teller,
)
from bakery.deploy.connection import Remote, remotes_of
from bakery.deploy.deploying import Deploy
from bakery.deploy.report import Report
from bakery.deploy.together import on_all
from bakery.release.folder import releases_folder
from bakery.release.store import read_release


class Command(BaseCommand):
    help = (
        "Brings a fleet back to the release of before, or to RELEASE, which its hosts "
        "still have: each drained, switched and ready before the next. Uploaded is "
        "only what a host has lost, no migration is undone: the database of the newer "
        "release suits the older one. Undoes a deploy that was interrupted. "
        f"{MEANINGS}"
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        add_deploy(parser)

    def handle(self, *, release: str | None, file: Path, **options: Any) -> None:
        fleet = fleet_in(file)
        dry = options["dry_run"]
        remotes = remotes_of(fleet, commands_teller(self, options))
        with in_words():
            left = [r for n, r in remotes.items() if n not in options["without"]]
            wanted = self._wanted(left, next(iter(remotes.values())), release)
        deploy = Deploy(
            fleet,
            remotes,
            wanted,
            read_release(releases_folder(), wanted),
            Report("rollback", wanted, teller(self, dry=dry)),
            careful=False,
            fewer=options["fewer"],
            without=options["without"],
            dry=dry,
        )
        carry_out(self, deploy, as_json=options["json"])

    def _wanted(self, remotes: list[Remote], first: Remote, name: str | None) -> str:
        """Where to go back to. Raises CommandError if there is no such release."""
        on_all(remotes, agent.put_agent)
        states = on_all(remotes, agent.state)
        known = sorted(
            {each for state in states.values() for each in state["releases"]}
        )
        if name:
            found = [each for each in known if each.startswith(name)]
            if len(found) == 1:
                return found[0]
            told = f"The hosts have no such release; they have {', '.join(known)}."
            raise CommandError(told, returncode=FAILED)
        interrupted = record.interrupted(record.read(first))
        if interrupted and interrupted.former:
            return interrupted.former
        before = Counter(s["previous"] for s in states.values() if s["previous"])
        if not before:
            told = "No host remembers a release of before; name one: rollback RELEASE"
            raise CommandError(told, returncode=FAILED)
        return before.most_common(1)[0][0]
