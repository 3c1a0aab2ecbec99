"""What of the source tree belongs into a release: an allow-list, so nothing leaks."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

PACKAGES = ("bakery", "basket", "settings", "shop")
FILES = (
    "manage.py", "gunicorn.conf.py", "requirements.txt", "pyproject.toml", "LICENSE",
    "README.md", "OPERATIONS.md", "DECISIONS.md", "CHANGELOG.md",
)  # fmt: skip
ENDINGS = {
    ".conf", ".css", ".example", ".hcl", ".html", ".ico", ".jpg", ".js", ".json", ".md",
    ".png", ".py", ".service", ".sh", ".sudoers", ".svg", ".template", ".toml", ".txt",
    ".webp", ".woff2", ".xml", ".yaml", ".yml",
}  # fmt: skip
# Here lie programs, which have no ending.
PROGRAMS = ("bakery/host/run", "bakery/image")
# Made by running what is there, or by an editor.
LEFT_OUT = {"__pycache__", ".pytest_cache", ".ruff_cache"}


class NotForARelease(Exception):
    """There is a file of which nobody said that it may leave this machine."""


def sources(tree: Path) -> Iterator[Path]:
    """All files of a release but the built ones. Raises NotForARelease."""
    for name in FILES:
        if (tree / name).is_file():
            yield tree / name
    for package in PACKAGES:
        for path in sorted((tree / package).rglob("*")):
            if path.is_file() and not _is_left_out(path.relative_to(tree)):
                _demand_known(path.relative_to(tree))
                yield path


def _is_left_out(name: Path) -> bool:
    return bool(LEFT_OUT & set(name.parts)) or name.suffix == ".pyc"


def _demand_known(name: Path) -> None:
    if name.name.startswith(".") or not _is_known(name):
        raise NotForARelease(
            f"{name} is no file of a release. Take it away, or, if it is meant to go "
            "to all servers, name its ending in bakery/release/contents.py."
        )


def _is_known(name: Path) -> bool:
    inside = any(name.is_relative_to(folder) for folder in PROGRAMS)
    return name.suffix in ENDINGS or (inside and not name.suffix)
