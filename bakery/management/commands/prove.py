"""manage.py prove"""

from __future__ import annotations

import argparse
import json
import logging
import os
import subprocess
import sys
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError, InterfaceError

from bakery.fleet.control import NoFleet, ask
from bakery.fleet.local import LocalFleet
from bakery.fleet.plan import Plan
from bakery.prove.behind import OtherProof
from bakery.prove.doors import Door, NoAnswer
from bakery.prove.proof import Report, Wanted, prove
from bakery.prove.walk import Done
from bakery.servers.process import DidNotStart

AWAY = (NoAnswer, OtherProof, DatabaseError, InterfaceError)


class Command(BaseCommand):
    help = (
        "Proves that all clones of a live fleet are one shop. A shopper goes from the "
        "home page to an order and cancels it, each step answered by another clone; "
        "after each step the others must show the same basket and order, to the "
        "letter. Another one logs in, sends a picture, orders, orders the same again "
        "and logs out. Then both through the balancer, every change sent twice. All of "
        "it with goods and a customer that nobody else can see, and nothing is left of "
        "it. Finds the local fleet by itself; for a real one run it on any server of "
        "it, with --at for each clone. Exit 0: the same everywhere. 1: something "
        "differs, with what and between whom. 2: wrong usage. 4: there is no fleet, or "
        "not all answer."
    )
    # It shows whether the rules are kept, in place of being refused by them.
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--at",
            action="append",
            default=[],
            type=_clone,
            metavar="NAME=URL",
            help="a clone and its own address, such as clone-1=http://10.0.0.5:8000; "
            "once for each",
        )
        parser.add_argument(
            "--clone",
            metavar="NAME",
            help="prove this one: it takes every step, the others are compared with it",
        )
        parser.add_argument(
            "--rounds", type=_number, default=1, metavar="N", help="(default: 1)"
        )
        parser.add_argument(
            "--url",
            type=_address,
            default=settings.SITE_URL,
            help="the balancer (default: SITE_URL)",
        )
        parser.add_argument(
            "--no-balancer", action="store_true", help="ask the clones alone"
        )
        parser.add_argument(
            "--certificate",
            type=Path,
            metavar="FILE",
            help="believe the balancer that has this one (the local fleet's)",
        )
        parser.add_argument(
            "--folder",
            type=Path,
            default=Path(settings.VAR_DIR, "fleet"),
            help="of the local fleet (default: %(default)s)",
        )
        parser.add_argument(
            "--fleet",
            type=_number,
            metavar="N",
            help="start a fleet of N clones for it, and stop it",
        )
        parser.add_argument("--json", action="store_true", help="one JSON document")

    def handle(self, *, at: list[Door], **options: Any) -> None:
        if options["fleet"]:
            return self._prove_new_fleet(options)
        if not at:
            return _prove_local_fleet(options)
        report = self._prove(_wanted(at, options))
        if options["json"]:
            self.stdout.write(json.dumps(report.as_dict()))
        else:
            self.stdout.write(report.in_words())
        if report.difference:
            raise CommandError("The clones are not one shop.", returncode=1)
        return None

    def _prove(self, wanted: Wanted) -> Report:
        logging.disable(logging.INFO)  # the report says it all
        try:
            return prove(wanted, self._tell if sys.stderr.isatty() else _say_nothing)
        except AWAY as error:
            raise CommandError(str(error), returncode=4) from error

    def _tell(self, done: Done) -> None:
        self._say(f"{done.step:24} {done.at:14} {done.milliseconds:6} ms")

    def _say(self, line: str) -> None:
        self.stderr.write(line, style_func=str)  # no error, so not in red

    def _prove_new_fleet(self, options: dict[str, Any]) -> None:
        plan = Plan(name="proof", workers=1, pictures=False)
        say = self._say if sys.stderr.isatty() else _say_nothing
        fleet = LocalFleet(Path(settings.VAR_DIR, "proof"), plan, say=say)
        try:
            fleet.up(options["fleet"])
            words = _words(fleet.status(), fleet.certificate, options)
            answer = subprocess.run(words, check=False, env=fleet.environment("proof"))
        except DidNotStart as error:
            raise CommandError(str(error), returncode=4) from error
        finally:
            fleet.down()
        if answer.returncode:
            sys.exit(answer.returncode)


def _prove_local_fleet(options: dict[str, Any]) -> None:
    """Begin anew as a member of the fleet that runs on this machine."""
    try:
        answer = ask(options["folder"], do="join")
    except NoFleet as error:
        told = f"{error} Or name the clones of another one with --at."
        raise CommandError(told, returncode=4) from error
    if "error" in answer:
        raise CommandError(answer["error"], returncode=4)
    words = _words(answer["servers"], answer["certificate"], options)
    os.execve(words[0], words, os.environ | answer["environment"])  # nosec B606


def _words(
    servers: list[dict[str, str]], certificate: str | Path, options: dict[str, Any]
) -> list[str]:
    """The command again, with the addresses of the clones."""
    words = [sys.executable, str(settings.BASE_DIR / "manage.py"), "prove"]
    for row in servers:
        if row["kind"] == "clone":
            words += ["--at", f"{row['name']}=http://{row['address']}"]
    words += ["--certificate", str(certificate), "--rounds", str(options["rounds"])]
    words += ["--clone", options["clone"]] if options["clone"] else []
    words += ["--url", options["url"]] if options["url"] != settings.SITE_URL else []
    for flag in ("no_balancer", "json"):
        words += [f"--{flag.replace('_', '-')}"] if options[flag] else []
    return words


def _wanted(clones: list[Door], options: dict[str, Any]) -> Wanted:
    by_name = {door.name: door for door in clones}
    if len(by_name) < max(2, len(clones)):
        told = "Name at least two clones, each once: --at NAME=URL --at NAME=URL"
        raise CommandError(told, returncode=2)
    name = options["clone"]
    if name and name not in by_name:
        told = f"There is no clone {name} among {', '.join(by_name)}."
        raise CommandError(told, returncode=2)
    return Wanted(
        site=settings.SITE_URL,
        clones=clones,
        chosen=by_name.get(name),
        balancer=None if options["no_balancer"] else Door.of_balancer(options["url"]),
        rounds=options["rounds"],
        certificate=options["certificate"],
    )


def _clone(text: str) -> Door:
    name, _, url = text.partition("=")
    if not name:
        raise argparse.ArgumentTypeError(f"write NAME=URL, not {text!r}")
    return Door.of_clone(name, _address(url))


def _address(text: str) -> str:
    parts = urlsplit(text)
    try:
        port = parts.port
    except ValueError:
        port = 0
    if parts.scheme not in {"http", "https"} or not parts.hostname or port == 0:
        raise argparse.ArgumentTypeError(
            f"write an address such as http://10.0.0.5:8000, not {text!r}"
        )
    return text.rstrip("/")


def _number(text: str) -> int:
    if not (text.isascii() and text.isdigit() and 0 < int(text) <= 1000):
        raise argparse.ArgumentTypeError(f"write a number from 1 on, not {text!r}")
    return int(text)


def _say_nothing(_: object) -> None:
    """Nobody watches."""
