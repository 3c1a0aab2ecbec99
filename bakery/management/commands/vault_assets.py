"""manage.py vault_assets"""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import OperationalError

from bakery.assets import keep_assets
from bakery.migrating import StillLocked


class Command(BaseCommand):
    help = (
        "Puts the static files of this release where servers of every other release "
        "find them (assets/ of STORAGE_URL), before the first one serves it, and takes "
        "away those of releases that nobody can be looking at any more. Safe to "
        "repeat, also on several servers at once. Exit 0: they are there. 1: the "
        "storage or the database is away; nothing was changed."
    )

    def handle(self, **options: Any) -> None:
        try:
            keep_assets(self.stdout.write)
        except (StillLocked, OSError, OperationalError) as error:
            raise CommandError(
                f"The static files cannot be put where all servers find them: {error}"
            ) from error
