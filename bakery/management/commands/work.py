"""manage.py work"""

from __future__ import annotations

from queue import SimpleQueue
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from bakery.jobs.clock import Clock
from bakery.jobs.regular import JOBS
from bakery.jobs.supervisor import Supervisor
from bakery.jobs.worker import WorkerChild, run_worker
from bakery.starting import before_children


class Command(BaseCommand):
    help = (
        "Runs the shop's background work until it is stopped: mails and other tasks, "
        "retries, expired holds, new bake days. `serve` does the same beside the web "
        "server; run `work` by itself on a machine that shall only work. As many as "
        "you like may run at once. SIGTERM or Ctrl-C stops it; a task that is running "
        "is finished first."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--as",
            dest="worker_id",
            metavar="ID",
            help="be one worker in this very process, with nobody to restart it",
        )

    def handle(self, **options: Any) -> None:
        if options["worker_id"]:
            run_worker(options["worker_id"])
            return
        gone: SimpleQueue[str] = SimpleQueue()
        clock = Clock(JOBS, gone)
        before_children()
        Supervisor([WorkerChild(gone)], once_started=clock.start).run()
        clock.stop()
