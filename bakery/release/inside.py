"""python -m bakery.release.inside, in a draft: what only the release itself can tell.

Gathers its static files, and prints its migrations as a list of JSON.
"""

from __future__ import annotations

import json
import os
import sys


def main() -> None:
    os.environ["DJANGO_SETTINGS_MODULE"] = "settings.prod"
    import django

    django.setup()
    from django.core.management import call_command
    from django.db.migrations.loader import MigrationLoader

    call_command("collectstatic", interactive=False, verbosity=0)
    names = sorted(MigrationLoader(None).graph.nodes)
    json.dump([f"{app}.{name}" for app, name in names], sys.stdout)


if __name__ == "__main__":
    main()
