"""manage.py serve"""

from __future__ import annotations

import errno
import socket
import sys
from collections.abc import Callable
from pathlib import Path
from queue import SimpleQueue
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError
from django.urls import reverse
from gunicorn.app import wsgiapp

from bakery.jobs.clock import Clock
from bakery.jobs.regular import JOBS
from bakery.jobs.supervisor import Child, Supervisor
from bakery.jobs.worker import WorkerChild
from bakery.starting import MustNotStart, before_children, demand_golden_rule
from shop.demo.bakery import PASSWORD as DEMO_PASSWORD


class Command(BaseCommand):
    help = (
        "Serves the shop until it is stopped: gunicorn's web processes, a worker for "
        "mails and other tasks, and the regular jobs; whichever of them dies is "
        "started again. Listens on the address in BIND and the port in PORT; the "
        "numbers of processes and threads are WEB_CONCURRENCY and WEB_THREADS. SIGTERM "
        "or Ctrl-C stops it: requests and tasks that were begun are finished. In a "
        "fleet (FLEET) it does not start while the configuration breaks a rule that "
        "`check` names."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--host",
            default=settings.BIND,
            help="address to listen on (default: %(default)s)",
        )
        parser.add_argument(
            "--web-only",
            action="store_true",
            help="no tasks and no regular jobs: `work` runs them elsewhere",
        )

    def handle(self, *, host: str, web_only: bool, **options: Any) -> None:
        try:
            demand_golden_rule()
        except MustNotStart as error:
            raise CommandError(str(error)) from error
        demand_free_port(host, settings.PORT)
        announce = Announcement(host, self._say_where).once_it_answers
        children: list[Child] = [WebServer(host)]
        before_children()
        if web_only:
            Supervisor(children, each_tick=announce).run()
            return
        gone: SimpleQueue[str] = SimpleQueue()
        children.append(WorkerChild(gone))
        clock = Clock(JOBS, gone)
        Supervisor(children, once_started=clock.start, each_tick=announce).run()
        clock.stop()

    def _say_where(self) -> None:
        self.stdout.write(f"""
  The shop    {settings.SITE_URL}/
  The staff   {settings.SITE_URL}{reverse("staff:dashboard")}
  The admin   {settings.SITE_URL}{reverse("admin:index")}""")
        for email in demo_log_ins():
            self.stdout.write(f"  Log in as   {email}  password  {DEMO_PASSWORD}")
        self.stdout.write("\n  Ctrl-C stops it.\n")
        self.stdout.flush()


def demand_free_port(host: str, port: int) -> None:
    """Raise a CommandError that says what to do when the port cannot be had."""
    try:
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((host, port))
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise CommandError(
                f"Port {port} is taken by another program. Stop that one, or choose "
                f"another port: PORT={port + 1} make run"
            ) from error
        raise CommandError(f"Cannot listen on {host}:{port}: {error}") from error


class WebServer(Child):
    """gunicorn under supervision."""

    def __init__(self, host: str) -> None:
        self.words = gunicorn(host)
        super().__init__("web server", self._command, at_first=self._run)

    def _command(self) -> list[str]:
        return [sys.executable, "-m", *self.words]

    def _run(self) -> None:
        sys.argv = list(self.words)
        wsgiapp.run()


def gunicorn(host: str) -> list[str]:
    """The web server's command line; the rest is in gunicorn.conf.py."""
    return [
        *("gunicorn", "bakery.wsgi"),
        *("--chdir", str(settings.BASE_DIR)),
        *("--config", str(Path(settings.BASE_DIR, "gunicorn.conf.py"))),
        *("--bind", f"{host}:{settings.PORT}"),
    ]


def demo_log_ins() -> list[str]:
    """Addresses of the demo bakery's staff, if this is one and its database is up."""
    users = get_user_model().objects.filter(is_demo=True, is_staff=True)
    try:
        return list(users.order_by("pk").values_list("email", flat=True))
    except DatabaseError:
        return []


class Announcement:
    """Says once where the shop is, as soon as it answers there."""

    def __init__(self, host: str, say: Callable[[], None]) -> None:
        everywhere = host in ("0.0.0.0", "::")  # nosec B104: compared, not bound
        self.address = ("127.0.0.1" if everywhere else host, settings.PORT)
        self.say = say
        self.said = False

    def once_it_answers(self) -> None:
        if not self.said and self._answers():
            self.said = True
            self.say()

    def _answers(self) -> bool:
        try:
            with socket.create_connection(self.address, timeout=0.2):
                return True
        except OSError:
            return False
