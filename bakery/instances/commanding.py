"""What the commands have in common that give a fleet more clones, or fewer."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from bakery.deploy.commanding import FAILED, WRONG_USAGE, in_words
from bakery.deploy.faults import FleetFileError
from bakery.deploy.lock import LockLost
from bakery.deploy.signals import Stopped
from bakery.image.folders import IMAGES, NotOurs
from bakery.image.rootfs import ImageError
from bakery.instances.choosing import CannotChange
from bakery.instances.cloning import Growth
from bakery.instances.fleet_text import EditByHand
from bakery.instances.network import NoHosts
from bakery.release.folder import add_into


def add_places(parser: CommandParser) -> None:
    """Where images and releases are."""
    parser.add_argument(
        "--images",
        type=Path,
        default=IMAGES,
        metavar="FOLDER",
        help="where images are kept; nobody but root may write there (default: "
        "%(default)s)",
    )
    add_into(parser)


def growth_of(
    command: BaseCommand, file: Path, options: dict[str, Any], *, told: bool
) -> Growth:
    """With progress on stderr if somebody watches, and commands in a dry run."""
    say = command.stderr.write if told else lambda words: None
    dry = command.stdout.write if options.get("dry_run") else None
    warn = command.stderr.write
    return Growth(file, options["images"], options["into"], say, dry, warn)


@contextlib.contextmanager
def changing() -> Iterator[None]:
    """All that can go wrong, as sentences and exit codes."""
    try:
        with in_words():
            yield
    except FleetFileError as error:
        raise CommandError(str(error), returncode=WRONG_USAGE) from error
    except (CannotChange, NoHosts, ImageError, NotOurs, EditByHand, LockLost) as error:
        raise CommandError(str(error), returncode=FAILED) from error
    except Stopped as error:
        told = "It was told to stop. What was begun is undone; what was done stays."
        raise CommandError(told, returncode=FAILED) from error
