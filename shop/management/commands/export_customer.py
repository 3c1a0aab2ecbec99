"""manage.py export_customer"""

from __future__ import annotations

import json
import logging
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.core.serializers.json import DjangoJSONEncoder

from shop.personal.person import find_person
from shop.personal.record import record_of

logger = logging.getLogger(__name__)


class Command(BaseCommand):
    help = (
        "Gives a person everything the shop knows of them: account, details, orders "
        "with everything that happened to them, baskets. Prints how much there is; "
        "with a FILE, writes the JSON document for the person into it; with --json, "
        "prints that document. Passwords, keys and the secrets of links are not in it. "
        "People with an account can download it themselves. Exit 0: done. 1: nobody is "
        "known by that address."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email", metavar="EMAIL", help="an address of the person")
        parser.add_argument(
            "file", metavar="FILE", nargs="?", help="where to write the document"
        )
        parser.add_argument("--json", action="store_true", help="print the document")

    def handle(self, *, email: str, file: str | None, **options: Any) -> None:
        person = find_person(email)
        if person is None:
            raise CommandError("Nobody is known by that address.")
        record = record_of(person)
        document = json.dumps(
            record, cls=DjangoJSONEncoder, indent=2, ensure_ascii=False
        )
        logger.info("personal data exported by an operator")
        if file:
            _write(Path(file), document)
        if options["json"]:
            self.stdout.write(document)
        else:
            self.stdout.write(_summary(record, file))


def _write(path: Path, document: str) -> None:
    """Readable by its owner only, from the first byte on."""
    try:
        path.touch(mode=0o600, exist_ok=False)
        path.write_text(document + "\n", encoding="utf-8")
    except FileExistsError as there:
        raise CommandError(f"{path} is there already; it is left as it is.") from there
    except OSError as error:
        raise CommandError(f"{path} cannot be written: {error.strerror}.") from error


def _summary(record: dict[str, Any], file: str | None) -> str:
    account = "With an account" if record["account"] else "Without an account"
    orders, baskets = len(record["orders"]), len(record["baskets"])
    where = f" Written to {file}." if file else ""
    return f"{account}, orders: {orders}, baskets: {baskets}.{where}"
