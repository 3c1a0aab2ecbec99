"""The page that the floors answer with: its bytes and headers, from a file."""

from __future__ import annotations

import json
import os
from functools import cache
from pathlib import Path
from typing import NamedTuple


class Page(NamedTuple):
    headers: list[tuple[str, str]]
    body: bytes


@cache
def page() -> Page:
    """Of the file that the variable FLOOR_PAGE names. Read once in a process."""
    told = json.loads(Path(os.environ["FLOOR_PAGE"]).read_text())
    headers = [(name, value) for name, value in told["headers"]]
    return Page(headers, bytes.fromhex(told["body"]))
