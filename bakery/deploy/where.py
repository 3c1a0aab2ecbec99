"""Where in a TOML file its tables and keys stand, and what the comments above say.

The standard library reads TOML but forgets lines. Without anything but the standard
library, because hosts read the fleet file before they have more.
"""

from __future__ import annotations

import re

Path = tuple[str, ...]

TABLE = re.compile(r"\s*\[([^\[\]]+)\]\s*(#.*)?$")
KEY = re.compile(r"""\s*((?:[A-Za-z0-9_-]+|"[^"]*")(?:\s*\.\s*[A-Za-z0-9_-]+)*)\s*=""")
PART = re.compile(r'"([^"]*)"|([A-Za-z0-9_-]+)')


def lines_of(text: str) -> dict[Path, int]:
    """The line of each table and key, counted from 1; the first one if it repeats."""
    found: dict[Path, int] = {}
    table: Path = ()
    for number, line in enumerate(text.splitlines(), start=1):
        if header := TABLE.match(line):
            table = _parts(header[1])
            for length in range(1, len(table) + 1):
                found.setdefault(table[:length], number)
        elif key := KEY.match(line):
            found.setdefault((*table, *_parts(key[1])), number)
    return found


def line_of(found: dict[Path, int], path: Path) -> int:
    """That of the nearest thing around it that has one; else the first."""
    while path and path not in found:
        path = path[:-1]
    return found.get(path, 1)


def comment_above(text: str, line: int) -> str:
    """The comment that ends right above the line, as one line of text."""
    words: list[str] = []
    for above in reversed(text.splitlines()[: line - 1]):
        if not above.lstrip().startswith("#"):
            # A blank line may stand between a comment and its first key's table.
            break
        words.insert(0, above.strip().lstrip("#").strip())
    return " ".join(words)


def _parts(dotted: str) -> Path:
    return tuple(quoted or bare for quoted, bare in PART.findall(dotted))
