"""manage.py fleet"""

from __future__ import annotations

import json
import signal
import sys
import time
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from bakery.deploy.commanding import fleet_in
from bakery.deploy.connection import remotes_of
from bakery.deploy.status import fleet_status, in_words
from bakery.fleet.answering import Answers
from bakery.fleet.balancer import BALANCE
from bakery.fleet.control import Answer, NoFleet, ask, listening
from bakery.fleet.local import LocalFleet
from bakery.fleet.plan import Plan
from bakery.fleet.stopping import Stopped, on_stop, stop, stop_after_all
from bakery.instances.commanding import add_places, changing, growth_of
from bakery.servers.process import DidNotStart

WATCH_SECONDS = 2


class Command(BaseCommand):
    help = (
        "A fleet on this machine, to see and to break: a load balancer (HAProxy), "
        "clones of the app server, a worker, PostgreSQL, Valkey, S3 and a mail server "
        "that keeps what it is given, all real and all gone with Ctrl-C. `up` starts "
        "it and stays; from another terminal `status` shows it, `scale 5` changes the "
        "number of clones, `kill clone-2` pulls a clone's plug, `down` ends it."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--folder",
            type=Path,
            default=Path(settings.VAR_DIR, "fleet"),
            help="where the fleet keeps its files (default: %(default)s)",
        )
        parts = parser.add_subparsers(dest="what", required=True)
        _add_up(parts.add_parser("up", help="start the fleet and stay until it ends"))
        _add_status(parts.add_parser("status", help="what runs, and where"))
        _add_scale(parts.add_parser("scale", help="have so many clones"))
        kill = parts.add_parser("kill", help="kill a clone as a power cut would")
        kill.add_argument("clone", metavar="CLONE")
        parts.add_parser("down", help="stop the fleet")

    def handle(self, *, what: str, folder: Path, **options: Any) -> None:
        if what == "up":
            return self._up(folder, options)
        if what == "status" and options["file"]:
            return self._show_deployed(options)
        if what == "scale" and options["file"]:
            return self._scale_deployed(options)
        question = {"do": what}
        question |= {key: options[key] for key in ("clones", "clone") if key in options}
        try:
            answer = ask(folder, **question)
        except NoFleet as error:
            raise CommandError(str(error), returncode=4) from error
        if "error" in answer:
            raise CommandError(answer["error"])
        return self._show(answer, as_json=options.get("json", False))

    def _show_deployed(self, options: dict[str, Any]) -> None:
        remotes = remotes_of(fleet_in(options["file"]))
        while True:
            rows = fleet_status(remotes)
            if options["json"]:
                self.stdout.write(json.dumps([row.as_dict() for row in rows]))
            else:
                self.stdout.write(in_words(rows))
            if not options["watch"]:
                return
            self.stdout.flush()
            time.sleep(WATCH_SECONDS)

    def _scale_deployed(self, options: dict[str, Any]) -> None:
        fleet_in(options["file"])
        growth = growth_of(self, options["file"], options, told=sys.stderr.isatty())
        with changing():
            growth.scale(options["clones"])
        names = ", ".join(host.name for host in growth.fleet.web)
        self.stdout.write(f"{len(growth.fleet.web)} web hosts: {names}")

    def _show(self, answer: Answer, *, as_json: bool) -> None:
        if as_json:
            self.stdout.write(json.dumps(answer["servers"]))
            return
        for row in answer["servers"]:
            self.stdout.write(
                f"{row['name']:<12} {row['kind']:<10} {row['address']:<22} "
                f"{row['state']}"
            )

    def _up(self, folder: Path, options: dict[str, Any]) -> None:
        plan = Plan(
            port=options["port"],
            balance=options["balance"],
            workers=options["workers"],
            pictures=not options["no_pictures"],
            steerable=options["steerable"],
        )
        fleet = LocalFleet(folder, plan, say=self.stderr.write)
        sys.unraisablehook = stop_after_all
        on_stop(stop)
        try:
            fleet.up(options["clones"])
            with listening(fleet.folder, Answers(fleet)):
                self._say_where(fleet)
                signal.pause()
        except Stopped:
            self.stderr.write("Stopping the fleet.")
        except DidNotStart as error:
            raise CommandError(str(error)) from error
        finally:
            on_stop(signal.SIG_IGN)  # stopping is not to be interrupted half way
            fleet.down()

    def _say_where(self, fleet: LocalFleet) -> None:
        self._show({"servers": fleet.status()}, as_json=False)
        log_ins = "\n".join(
            f"  Log in as               {email}  password  {password}\n"
            f"  with codes by the key   {key}, typed into an authenticator app"
            for email, (password, key) in fleet.log_ins.items()
        )
        self.stdout.write(f"""
  The shop of the fleet   {fleet.url}/
  Its staff               {fleet.url}/staff/
{log_ins}
  Logs of each server     {fleet.folder}
  Mails that were sent    {fleet.backends.mails}/new
  From another terminal   manage.py fleet status | scale 5 | kill clone-2 | down

  Ctrl-C stops all of it. The certificate is made up: browsers will warn.
""")
        self.stdout.flush()


def _add_up(parser: CommandParser) -> None:
    parser.add_argument("--clones", type=int, default=3, metavar="N")
    parser.add_argument("--port", type=int, default=8443, help="of the balancer")
    parser.add_argument(
        "--workers", type=int, default=2, metavar="N", help="processes of a clone"
    )
    parser.add_argument(
        "--balance",
        choices=BALANCE,
        default="load",
        help="who serves next: each in turn, the one with least to do, or the "
        "better of two at random",
    )
    parser.add_argument(
        "--no-pictures", action="store_true", help="up sooner; drawings instead"
    )
    parser.add_argument(
        "--steerable",
        action="store_true",
        help="for proofs: a request's header X-Want-Clone chooses who answers it",
    )


def _add_status(parser: CommandParser) -> None:
    parser.add_argument("--json", action="store_true")
    parser.add_argument(
        "--file",
        type=Path,
        metavar="FILE",
        help="the deployed fleet of this file, and not the local one: release, "
        "services, drained or not, and what the balancers say of each host; brings "
        "hosts the program that tells it, where they lack it",
    )
    parser.add_argument(
        "--watch", action="store_true", help="with --file: again and again"
    )


def _add_scale(parser: CommandParser) -> None:
    parser.add_argument("clones", type=int, metavar="N")
    parser.add_argument(
        "--file",
        type=Path,
        metavar="FILE",
        help="of the deployed fleet of this fleet file, and not of the local one",
    )
    parser.add_argument("--dry-run", action="store_true", help="with --file")
    add_places(parser)
