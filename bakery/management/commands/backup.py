"""manage.py backup"""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from bakery.backups.manifest import MEDIA, BadBackup
from bakery.backups.write import default_path, write_backup
from bakery.servers.programs import ProgramMissing


class Command(BaseCommand):
    help = (
        "Writes the whole shop, database and pictures, into one tar file, while it "
        "goes on selling. The signing key (SECRET_KEY) is not in it: keep that apart. "
        "Exit 0: written. 1: not written, and why."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "file",
            nargs="?",
            type=Path,
            help="where to (default: backups/ in VAR_DIR, named by date and time)",
        )
        parser.add_argument("--json", action="store_true", help="one JSON document")

    def handle(self, *, file: Path | None, **options: Any) -> None:
        path = file or default_path()
        try:
            manifest = write_backup(path)
        except (BadBackup, ProgramMissing, OSError) as error:
            raise CommandError(f"No backup was written: {error}") from error
        if options["json"]:
            self._print_json(path, asdict(manifest))
            return
        pictures = sum(name.startswith(MEDIA) for name in manifest.digests)
        orders = manifest.counts.get("shop_order", 0)
        megabytes = path.stat().st_size / 1_000_000
        self.stdout.write(
            f"{path}: {orders} orders, {pictures} picture files, {megabytes:.1f} MB"
        )

    def _print_json(self, path: Path, manifest: dict[str, Any]) -> None:
        facts = {"file": str(path), "bytes": path.stat().st_size, **manifest}
        self.stdout.write(json.dumps(facts))
