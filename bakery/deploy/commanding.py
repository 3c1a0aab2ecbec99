"""What commands that change or show a fleet have in common: options, words, ends."""

from __future__ import annotations

import contextlib
import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from bakery.deploy.connection import HostAway, HostError, Remote
from bakery.deploy.deploying import Deploy
from bakery.deploy.fleet_file import Fleet, FleetFileError, read_fleet
from bakery.deploy.hooks import HookFailed
from bakery.deploy.lock import LockTaken
from bakery.deploy.looking import Refused
from bakery.deploy.report import Report, Step
from bakery.deploy.signals import Stopped, stopped_by_signals

FAILED = 1  # everything is as it was
WRONG_USAGE = 2
NOT_ALL_BACK = 3
AWAY = 4
LOCKED = 5
MEANINGS = (
    "Exit 0: done, and told what is left to you, if anything. 1: it failed, and every "
    "host serves what it served before. 2: wrong "
    "usage, or the fleet file is wrong. 3: it failed, and not all hosts are back: the "
    "words say which. 4: a host does not answer; nothing was changed. 5: somebody else "
    "is changing this fleet; the words say who."
)


def add_file(parser: CommandParser, *, required: bool = False) -> None:
    parser.add_argument(
        "--file",
        type=Path,
        default=None if required else Path("fleet.toml"),
        metavar="FILE",
        help="the fleet file (default: fleet.toml in this folder)",
    )


def add_change(parser: CommandParser) -> None:
    """Options of whatever changes the fleet."""
    add_file(parser)
    parser.add_argument("--json", action="store_true", help="one JSON document")
    parser.add_argument(
        "--dry-run",
        action="store_true",
        help="print each command that would change something, with its host; only look",
    )


def add_deploy(parser: CommandParser) -> None:
    """Options of what brings a release to all hosts."""
    parser.add_argument(
        "release", nargs="?", metavar="RELEASE", help="its id, or how that begins"
    )
    add_change(parser)
    parser.add_argument(
        "--without",
        action="append",
        default=[],
        metavar="HOST",
        help="leave out a host that is away, and not more than a batch of them; the "
        "next one brings it along (can be repeated)",
    )
    parser.add_argument(
        "--fewer",
        action="store_true",
        help="the fleet file has fewer hosts than the one on the hosts, and is right",
    )


def fleet_in(path: Path) -> Fleet:
    """Raises CommandError with all that is wrong in the file."""
    try:
        return read_fleet(path)
    except FleetFileError as error:
        raise CommandError(str(error), returncode=WRONG_USAGE) from error
    except OSError as error:
        told = (
            f"There is no fleet file {path} ({error.strerror}). Copy "
            "bakery/deploy/fleet.example.toml to it and write your hosts into it."
        )
        raise CommandError(told, returncode=WRONG_USAGE) from error


def remote_called(remotes: dict[str, Remote], name: str) -> Remote:
    """Raises CommandError that lists the names there are."""
    if name not in remotes:
        told = f"There is no host {name} in the fleet file: {', '.join(remotes)}."
        raise CommandError(told, returncode=WRONG_USAGE)
    return remotes[name]


@contextlib.contextmanager
def in_words() -> Iterator[None]:
    """What can go wrong as long as nothing was changed, as sentences and exit codes."""
    try:
        yield
    except LockTaken as error:
        raise CommandError(str(error), returncode=LOCKED) from error
    except (Refused, HookFailed) as error:
        raise CommandError(
            f"Nothing was changed.\n{error}", returncode=FAILED
        ) from error
    except HostError as error:
        code = AWAY if _is_away(error) else FAILED
        raise CommandError(str(error), returncode=code) from error


def _is_away(error: HostError) -> bool:
    errors = getattr(error, "errors", {"": error}).values()
    return any(isinstance(each, HostAway) for each in errors)


def carry_out(command: BaseCommand, deploy: Deploy, *, as_json: bool) -> None:
    """All of it, with its report and exit code."""
    try:
        with _stopped_in_words(), in_words(), stopped_by_signals():
            report = deploy.go()
    except CommandError as error:
        if as_json:
            told = {"ok": False, "error": str(error), "exit": error.returncode}
            command.stdout.write(json.dumps(told))
        raise
    if as_json:
        command.stdout.write(json.dumps(report.as_dict()))
    elif not deploy.dry:
        command.stdout.write(report.in_words())
    end(report)


@contextlib.contextmanager
def _stopped_in_words() -> Iterator[None]:
    """Later it is the report that tells of it."""
    try:
        yield
    except Stopped as error:
        told = "Nothing was changed: it was told to stop."
        raise CommandError(told, returncode=FAILED) from error


def end(report: Report) -> None:
    if report.ok:
        return
    code = NOT_ALL_BACK if report.not_back else FAILED
    told = f"The {report.kind} failed."
    if report.unexpected is not None:
        told += " It should have known why: --traceback shows where it did not."
    raise CommandError(told, returncode=code) from report.unexpected


def teller(command: BaseCommand, *, dry: bool) -> Callable[[Step], None]:
    """Progress, where a person watches; in a dry run everybody is told."""

    def tell(step: Step) -> None:
        if dry:
            command.stdout.write(
                f"# {step.words}" + (f" ({step.host})" if step.host else "")
            )
        else:
            command.stderr.write(
                f"{step.seconds:7.1f} s  {step.host:12} {step.words}", style_func=str
            )

    return tell if dry or sys.stderr.isatty() else lambda step: None


def commands_teller(command: BaseCommand, options: dict[str, Any]) -> Any:
    """For remotes in a dry run: the exact commands on stdout."""
    return command.stdout.write if options["dry_run"] else None
