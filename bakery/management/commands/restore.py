"""manage.py restore"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser

from bakery.backups.manifest import BadBackup, Manifest
from bakery.backups.restore import (
    ShopIsNotEmpty,
    demand_empty_shop,
    demand_same_engine,
    open_backup,
    restore,
)
from bakery.servers.programs import ProgramMissing


class Command(BaseCommand):
    help = (
        "Brings the shop back from a file that `backup` wrote, migrates it to this "
        "release and reconciles its limits. Stop the shop first. Exit 0: restored and "
        "reconciled. 1: refused or failed; what it says tells whether anything was "
        "changed."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, help="what `backup` wrote")
        parser.add_argument(
            "--replace",
            action="store_true",
            help="replace a shop that has products, orders or baskets already",
        )
        parser.add_argument(
            "--dry-run", action="store_true", help="verify the file, change nothing"
        )

    def handle(
        self, *, file: Path, replace: bool, dry_run: bool, **options: Any
    ) -> None:
        try:
            with open_backup(file) as (manifest, tar):
                self._describe(manifest)
                demand_same_engine(manifest)
                if not replace:
                    demand_empty_shop()
                if dry_run:
                    self.stdout.write("The file is sound. Nothing was changed.")
                    return
                restore(manifest, tar)
        except ShopIsNotEmpty as error:
            raise CommandError(f"{error} Nothing was changed.") from error
        except (BadBackup, ProgramMissing) as error:
            raise CommandError(str(error)) from error
        call_command("reconcile", stdout=self.stdout, stderr=self.stderr)
        self.stdout.write("The shop is restored.")

    def _describe(self, manifest: Manifest) -> None:
        orders = manifest.counts.get("shop_order", 0)
        self.stdout.write(
            f"Backup of {manifest.made_at}, release {manifest.release}, "
            f"{manifest.engine}: {orders} orders, "
            f"{len(manifest.digests) - 1} picture files."
        )
