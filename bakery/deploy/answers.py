"""What a program on a host has printed, read as JSON."""

from __future__ import annotations

import json
from typing import Any

from bakery.deploy.said import HostError, Said


def json_of(host: str, said: Said) -> Any:
    """The last line of it: a login shell may have printed something before.

    Raises HostError when that is no JSON.
    """
    lines = said.out.strip().splitlines() or [""]
    try:
        return json.loads(lines[-1])
    except ValueError as error:
        told = (
            f"its answer cannot be read: {lines[-1][:200]!r}. Does its shell print "
            "something of its own? Let ~/.bashrc be silent where no terminal is."
        )
        raise HostError(host, told) from error
