"""What is wrong in a fleet file: where it stands, and what to write instead."""

from __future__ import annotations

import difflib
import re
import tomllib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from bakery.deploy.schema import ANY_NAME, Key, schema
from bakery.deploy.where import Path, line_of, lines_of


@dataclass(frozen=True)
class Fault:
    """One thing that is wrong, for the person who wrote the file."""

    line: int
    wrong: str
    remedy: str

    def __str__(self) -> str:
        return f"line {self.line}: {self.wrong}\n  {self.remedy}"


class FleetFileError(Exception):
    """The fleet file cannot be used; .faults has all that was found."""

    def __init__(self, path: object, faults: Iterable[Fault]) -> None:
        self.faults = sorted(faults, key=lambda fault: fault.line)
        super().__init__(
            "\n".join(
                [f"The fleet file {path} cannot be used.", *map(str, self.faults)]
            )
        )


def parsed(text: str, name: object) -> dict[str, Any]:
    """The file's data. Raises FleetFileError for what is no TOML."""
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        place = re.search(r"line (\d+)", str(error))
        line = int(place[1]) if place else len(text.splitlines()) or 1
        remedy = "Compare it with fleet.example.toml; texts stand in quotes."
        fault = Fault(line, f"this is no TOML: {error}", remedy)
        raise FleetFileError(name, [fault]) from error


def faults_in(data: dict[str, Any], text: str) -> Iterator[Fault]:
    """What the schema says against the data: names, kinds, values, what is missing."""
    yield from _in_table((), data, lines_of(text))


def _in_table(path: Path, inside: dict[str, Any], lines: dict) -> Iterator[Fault]:
    keys = schema().tables.get(schema().path_of(path), {})
    for name, key in keys.items():
        if key.required and name not in inside:
            wrong, line = f"{dotted((*path, name))} is missing", line_of(lines, path)
            yield Fault(line, wrong, f"For example: {_shown(name, key)}")
    for name, value in inside.items():
        here = (*path, name)
        line = line_of(lines, here)
        if isinstance(value, dict) and _is_table(here):
            yield from _in_table(here, value, lines)
        elif _is_table(here):
            remedy = f"Write the header of a table: [{dotted(here)}]"
            yield Fault(line, f"{dotted(here)} has to be a table", remedy)
        elif name in keys and keys[name].wrong(value):
            yield _wrong_value(line, here, keys[name], value)
        elif name not in keys:
            yield _unknown(line, here)


def _is_table(path: Path) -> bool:
    known = schema().tables
    return schema().path_of(path) is not None or any(
        table[: len(path)] == path and len(table) > len(path) for table in known
    )


def _wrong_value(line: int, path: Path, key: Key, value: Any) -> Fault:
    wrong = f"{dotted(path)} {key.wrong(value)}"
    if key.allowed:
        return Fault(line, wrong, f"One of: {', '.join(key.allowed)}.")
    return Fault(line, wrong, f"For example: {_shown(path[-1], key)}")


def _unknown(line: int, path: Path) -> Fault:
    table = schema().path_of(path[:-1])
    known = set(schema().tables.get(table, {}))
    known |= {
        each[len(path) - 1]
        for each in schema().tables
        if len(each) >= len(path) and each[: len(path) - 1] == path[:-1]
    } - {ANY_NAME}
    near = difflib.get_close_matches(path[-1], known, n=1)
    remedy = (
        f"Did you mean {near[0]!r}?"
        if near
        else f"Known here: {', '.join(sorted(known)) or 'nothing'}."
    )
    return Fault(line, f"nothing is called {dotted(path)}", remedy)


def _shown(name: str, key: Key) -> str:
    shown = str(key.default).lower() if isinstance(key.default, bool) else key.default
    if isinstance(shown, list):
        return f"{name} = [{', '.join(map(_quoted, shown))}]"
    return f"{name} = {_quoted(shown) if isinstance(key.default, str) else shown}"


def _quoted(text: str) -> str:
    return f'"{text}"'


def dotted(path: Path) -> str:
    return ".".join(path)
