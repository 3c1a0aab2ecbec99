"""manage.py doctor"""

from __future__ import annotations

import json
from functools import partial
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from bakery.doctor.caches import examine_cache, examine_shared_cache
from bakery.doctor.database import examine_database
from bakery.doctor.findings import Finding, State, examine
from bakery.doctor.outside import examine_mail, examine_storage
from bakery.doctor.releases import examine_releases
from bakery.doctor.work import examine_rules, examine_work

NEEDS_ATTENTION = (State.WRONG, State.AWAY)


class Command(BaseCommand):
    help = (
        "Asks everything the shop stands on, live: database, its clock, room and "
        "migrations, caches, storage, mail server, workers, tasks, releases, and the "
        "rules of `check --deploy`. One line each, and what to do where something is "
        "wrong. Changes nothing but a probe that it deletes again; run it anywhere, at "
        "any time. Exit 0: all well. 1: something is wrong. 4: something does not "
        "answer."
    )
    # It names what the checks would refuse, in place of being refused.
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help="one JSON document")
        parser.add_argument(
            "--clones",
            type=int,
            default=1,
            metavar="N",
            help="how many servers share the database, for its number of connections "
            "(default: %(default)s)",
        )

    def handle(self, *, clones: int, **options: Any) -> None:
        examinations = {
            "database": partial(examine_database, clones),
            "cache": examine_cache,
            "shared cache": examine_shared_cache,
            "pictures": examine_storage,
            "mail": examine_mail,
            "work": examine_work,
            "releases": examine_releases,
            "rules": examine_rules,
        }
        findings = []
        for finding in examine(examinations):
            findings.append(finding)
            if not options["json"]:
                self._say(finding)
        if options["json"]:
            self._say_as_json(findings)
        self._end(findings)

    def _say(self, finding: Finding) -> None:
        style = self.style.ERROR if finding.state in NEEDS_ATTENTION else str
        line = f"{finding.state:8} {finding.name:14} {finding.says}"
        self.stdout.write(style(line))
        if finding.do and finding.state in NEEDS_ATTENTION:
            self.stdout.write(f"{'':24}{finding.do}")

    def _say_as_json(self, findings: list[Finding]) -> None:
        document = {
            "clone": settings.CLONE_ID,
            "release": settings.RELEASE,
            "findings": [finding._asdict() for finding in findings],
        }
        self.stdout.write(json.dumps(document))

    def _end(self, findings: list[Finding]) -> None:
        bad = [f.name for f in findings if f.state in NEEDS_ATTENTION]
        if not bad:
            return
        away = any(finding.state is State.AWAY for finding in findings)
        raise CommandError(
            f"Needs attention: {', '.join(dict.fromkeys(bad))}.",
            returncode=4 if away else 1,
        )
