"""manage.py sweep"""

from __future__ import annotations

import json
import logging
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from bakery.jobs import retries
from bakery.jobs.regular import JOBS

logger = logging.getLogger(__name__)


class Command(BaseCommand):
    help = (
        "Does every regular job once, now: expired holds, new bake days, old baskets, "
        "sessions and tasks, orphaned pictures, tasks of dead workers. `serve` and "
        "`work` do them by themselves; this is for a shop without either, and for "
        "looking. Safe to run at any time, on several servers at once. Exit 1 if a job "
        "failed."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help="one JSON document")

    def handle(self, **options: Any) -> None:
        steps = {job.name: job.run for job in JOBS} | {
            "tasks of dead workers": retries.return_tasks_of_dead_workers,
            "tasks to try again": retries.retry_failed,
        }
        results: dict[str, str] = {}
        failed = []
        for name, run in steps.items():
            try:
                results[name] = str(run() or 0)
            except Exception as error:
                logger.exception("%s failed", name)
                results[name] = f"failed: {error}"
                failed.append(name)
        self._print(results, as_json=options["json"])
        if failed:
            raise CommandError(f"Failed: {', '.join(failed)}.")

    def _print(self, results: dict[str, str], *, as_json: bool) -> None:
        if as_json:
            self.stdout.write(json.dumps(results))
            return
        for name, result in results.items():
            self.stdout.write(f"{name + ':':24}{result}")
