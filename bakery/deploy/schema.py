"""What may stand in a fleet file: read from the example that people copy.

The example's values tell types and defaults, the sentences above them the rest:
"Required.", "One of: a, b.", "Each one of: a, b.", "From 1 to 9.", "Command line:" (no
other text has blanks), and above a table "One such table for each". So what people read
and what is checked cannot differ.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from bakery.deploy.where import comment_above, lines_of

EXAMPLE = "fleet.example.toml"
ANY_NAME = "*"

ALLOWED = re.compile(r"\b(?:One|Each one) of: ([^.]+)\.")
RANGE = re.compile(r"\bFrom (\d+) to (\d+)\.")
COMMAND_LINE = re.compile(r"\bCommand lines?:")
OR_A_NUMBER = re.compile(r"\bor a number\.")
WORDS = {
    str: "a text in quotes",
    int: "a whole number",
    float: "a number",
    bool: "true or false",
    list: "a list of texts",
}


@dataclass(frozen=True)
class Key:
    """What one key of the file may be."""

    default: Any
    required: bool
    allowed: tuple[str, ...]
    least: int | None
    most: int | None
    or_number: bool
    blanks: bool

    def wrong(self, value: Any) -> str:
        """What is wrong with the value, as the rest of a sentence; "" if nothing."""
        if not self._is_of_kind(value):
            return f"has to be {self._kind()}"
        given = value if isinstance(value, list) else [value]
        strange = [each for each in given if self.allowed and each not in self.allowed]
        if strange:
            return f"cannot be {strange[0]!r}"
        if wrong := next(filter(None, map(self._wrong_text, given)), ""):
            return wrong
        if self.least is not None and not self.least <= value <= self.most:
            return f"has to be from {self.least} to {self.most}"
        return "must not be empty" if self.required and not value else ""

    def shown(self, name: str) -> str:
        """The default, as a line of the file."""
        if isinstance(self.default, list):
            return f"{name} = [{', '.join(map(_quoted, self.default))}]"
        return f"{name} = {_quoted(self.default)}"

    def _wrong_text(self, value: Any) -> str:
        """It goes into other files, where a blank or a line's end has a meaning."""
        if not isinstance(value, str):
            return ""
        if not value.isprintable():
            return f"cannot have such a character: {value!r}"
        has_blank = " " in value and not self.blanks
        return "cannot have blanks" if has_blank else ""

    def _is_of_kind(self, value: Any) -> bool:
        kind = type(self.default)
        if isinstance(value, bool) or kind is bool:
            return isinstance(value, bool) and kind is bool
        if kind is list:
            return isinstance(value, list) and all(isinstance(v, str) for v in value)
        if self.or_number and isinstance(value, int):
            return True
        return isinstance(value, (int, float) if kind is float else kind)

    def _kind(self) -> str:
        more = " or a whole number" if self.or_number else ""
        return WORDS[type(self.default)] + more


def _quoted(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return f'"{value}"' if isinstance(value, str) else str(value)


Table = dict[str, Key]


@dataclass(frozen=True)
class Schema:
    """Tables by their path; ("hosts", "*") stands for a host of any name."""

    tables: dict[tuple[str, ...], Table]

    def path_of(self, path: tuple[str, ...]) -> tuple[str, ...] | None:
        """Under which path the schema has that table; None if it has not."""
        for known in (path, (*path[:-1], ANY_NAME)):
            if path and known in self.tables:
                return known
        return () if path == () else None


@cache
def schema() -> Schema:
    text = example()
    data, lines = tomllib.loads(text), lines_of(text)
    tables: dict[tuple[str, ...], Table] = {(): _keys((), data, text, lines)}
    for path, line in lines.items():
        inside = _inside(data, path)
        if not isinstance(inside, dict) or _is_only_around(path, lines):
            continue
        if comment_above(text, line).startswith("One such table for each"):
            tables[(*path[:-1], ANY_NAME)] = _keys(path, inside, text, lines)
        elif (*path[:-1], ANY_NAME) not in tables:
            tables[path] = _keys(path, inside, text, lines)
    return Schema(tables)


def example() -> str:
    return files("bakery.deploy").joinpath(EXAMPLE).read_text(encoding="utf-8")


def _is_only_around(path: tuple[str, ...], lines: dict) -> bool:
    """Has it no header of its own, but one of a table inside it?"""
    return any(
        line == lines[path] and len(other) > len(path) and other[: len(path)] == path
        for other, line in lines.items()
    )


def _inside(data: Any, path: tuple[str, ...]) -> Any:
    for part in path:
        data = data[part]
    return data


def _keys(path: tuple, inside: dict, text: str, lines: dict) -> Table:
    """What is said above the table of command lines holds for each of them."""
    above = comment_above(text, lines[path]) if path else ""
    of_all = above if COMMAND_LINE.search(above) else ""
    return {
        name: _key(value, f"{of_all} {comment_above(text, lines[(*path, name)])}")
        for name, value in inside.items()
        if not isinstance(value, dict)
    }


def _key(value: Any, comment: str) -> Key:
    allowed, between = ALLOWED.search(comment), RANGE.search(comment)
    return Key(
        default=value,
        required="Required." in comment,
        allowed=tuple(allowed[1].split(", ")) if allowed else (),
        least=int(between[1]) if between else None,
        most=int(between[2]) if between else None,
        or_number=bool(OR_A_NUMBER.search(comment)),
        blanks=bool(COMMAND_LINE.search(comment)),
    )
