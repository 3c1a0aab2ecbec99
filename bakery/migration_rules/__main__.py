"""python -m bakery.migration_rules: the migrations' part of `make lint`.

Needs no database. Exit 1 if a migration is refused; each line says why and what to do.
"""

from __future__ import annotations

import os
import sys

import django
from django.db.migrations.loader import MigrationLoader


def main() -> int:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "settings.prod")
    django.setup()
    from bakery.migration_rules.judging import judge_all

    refusals = judge_all(MigrationLoader(None))
    for refusal in refusals:
        print(refusal)  # noqa: T201 - it is what the command is for
    return 1 if refusals else 0


if __name__ == "__main__":
    sys.exit(main())
