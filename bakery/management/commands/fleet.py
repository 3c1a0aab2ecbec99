"""manage.py fleet"""

from __future__ import annotations

import json
import signal
import threading
from pathlib import Path
from queue import SimpleQueue
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from bakery.fleet.balancer import BALANCE
from bakery.fleet.control import Answer, NoFleet, ask, listening
from bakery.fleet.local import LocalFleet
from bakery.servers.process import DidNotStart


class Command(BaseCommand):
    help = (
        "A fleet on this machine, to see and to break: a load balancer (HAProxy), "
        "clones of the app server, a worker, PostgreSQL, Valkey and S3, all real and "
        "all gone with Ctrl-C. `up` starts it and stays; from another terminal "
        "`status` shows it, `scale 5` changes the number of clones, `kill clone-2` "
        "pulls a clone's plug, `down` ends it."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--folder",
            type=Path,
            default=settings.VAR_DIR / "fleet",
            help="where the fleet keeps its files (default: %(default)s)",
        )
        parts = parser.add_subparsers(dest="what", required=True)
        up = parts.add_parser("up", help="start the fleet and stay until it ends")
        up.add_argument("--clones", type=int, default=3, metavar="N")
        up.add_argument("--port", type=int, default=8443, help="of the balancer")
        up.add_argument(
            "--balance",
            choices=BALANCE,
            default="load",
            help="who serves next: each in turn, the one with least to do, or the "
            "better of two at random",
        )
        status = parts.add_parser("status", help="what runs, and where")
        status.add_argument("--json", action="store_true")
        scale = parts.add_parser("scale", help="have so many clones")
        scale.add_argument("clones", type=int, metavar="N")
        kill = parts.add_parser("kill", help="kill a clone as a power cut would")
        kill.add_argument("clone", metavar="CLONE")
        parts.add_parser("down", help="stop the fleet")

    def handle(self, *, what: str, folder: Path, **options: Any) -> None:
        if what == "up":
            return self._up(folder, options)
        question = {"do": what}
        question |= {key: options[key] for key in ("clones", "clone") if key in options}
        try:
            answer = ask(folder, **question)
        except NoFleet as error:
            raise CommandError(str(error), returncode=4) from error
        if "error" in answer:
            raise CommandError(answer["error"])
        return self._show(answer, as_json=options.get("json", False))

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
        fleet = LocalFleet(
            folder,
            port=options["port"],
            balance=options["balance"],
            say=self.stderr.write,
        )
        wishes: SimpleQueue[None] = SimpleQueue()
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(number, lambda *_: wishes.put(None))
        try:
            fleet.up(options["clones"])
            self.stdout.write(f"The shop of the fleet is at {fleet.url}/")
            with listening(folder, Answers(fleet, wishes)):
                wishes.get()
        except DidNotStart as error:
            raise CommandError(str(error)) from error
        finally:
            self.stderr.write("Stopping the fleet.")
            fleet.down()


class Answers:
    """What the running fleet answers to the other commands."""

    def __init__(self, fleet: LocalFleet, wishes: SimpleQueue[None]) -> None:
        self.fleet = fleet
        self.wishes = wishes
        self.lock = threading.Lock()

    def __call__(self, question: Answer) -> Answer:
        try:
            with self.lock:
                self._do(question)
        except KeyError as error:
            return {"error": f"There is no clone {error}; `fleet status` lists them."}
        except DidNotStart as error:
            return {"error": str(error)}
        return {"servers": self.fleet.status()}

    def _do(self, question: Answer) -> None:
        if question["do"] == "scale":
            self.fleet.scale(question["clones"])
        elif question["do"] == "kill":
            self.fleet.kill(question["clone"])
        elif question["do"] == "down":
            self.wishes.put(None)
