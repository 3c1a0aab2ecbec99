"""The folder in which releases of this source are kept, unless another is named."""

from __future__ import annotations

from pathlib import Path

from django.conf import settings
from django.core.management.base import CommandParser


def releases_folder() -> Path:
    return Path(settings.VAR_DIR, "releases")


def add_into(parser: CommandParser) -> None:
    """The option of whatever makes releases or looks for them."""
    parser.add_argument(
        "--into",
        type=Path,
        default=releases_folder(),
        metavar="FOLDER",
        help="where releases are kept (default: %(default)s)",
    )
