"""manage.py erase_customer"""

from __future__ import annotations

import json
import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from shop.personal.erase import CannotErase, Erasure, erase
from shop.personal.person import Person, find_person


class Command(BaseCommand):
    help = (
        "Erases a person for good: account, name, addresses, notes, allergies, "
        "picture, baskets, sessions and mails on their way. Orders stay for the tax "
        "office as numbers and goods, without the person; links to them stop working. "
        "Look first with --dry-run. Asks for the address once more if somebody is "
        "there to answer; --yes does not. Backups made before still hold the person: "
        "whoever restores one erases again. Exit 0: done. 1: nobody is known by that "
        "address, or they have something to pick up or work here."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email", metavar="EMAIL", help="an address of the person")
        parser.add_argument(
            "--dry-run", action="store_true", help="count what would go, change nothing"
        )
        parser.add_argument("--json", action="store_true", help="one JSON document")
        parser.add_argument("--yes", action="store_true", help="do not ask again")

    def handle(self, *, email: str, dry_run: bool, yes: bool, **options: Any) -> None:
        person = find_person(email)
        if person is None:
            raise CommandError("Nobody is known by that address.")
        if not (dry_run or yes or options["json"]):
            _ask(email)
        done = _erase(person, dry_run=dry_run)
        if options["json"]:
            facts = {"dry_run": dry_run} | done.as_facts()
            self.stdout.write(json.dumps(facts))
        else:
            self.stdout.write(_words(done, dry_run=dry_run))


def _erase(person: Person, *, dry_run: bool) -> Erasure:
    try:
        return erase(person, dry_run=dry_run)
    except CannotErase as refusal:
        raise CommandError(str(refusal)) from refusal


def _ask(email: str) -> None:
    """Only where a person sits; scripts have decided already."""
    if not sys.stdin.isatty():
        return
    typed = input("This is final. Type the address once more to erase: ")
    if typed.strip().lower() != email.strip().lower():
        raise CommandError("That is another address. Nothing was erased.")


def _words(done: Erasure, *, dry_run: bool) -> str:
    facts = done.as_facts()
    kept = facts.pop("orders_kept")
    counted = ", ".join(f"{key.replace('_', ' ')}: {n}" for key, n in facts.items())
    verb = "Would erase" if dry_run else "Erased"
    return f"{verb} {counted}. Orders kept without the person: {kept}."
