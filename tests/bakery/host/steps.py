"""Reads what the host's program says, step by step."""

from __future__ import annotations

import json
import subprocess


def steps(said: list[dict]) -> list[str]:
    return [line["step"] for line in said]


def heard(process: subprocess.Popen, step: str) -> dict:
    """The line of that step, as soon as it is said."""
    for line in process.stdout:
        said = json.loads(line)
        if said["step"] == step:
            return said
    raise AssertionError(f"{step} was never said")
