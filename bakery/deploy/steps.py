"""What a host's own program says: its steps, and what went wrong in words."""

from __future__ import annotations

import json
from typing import Any

from bakery.deploy.connection import Said

# Steps of a switch, a drain or a start that went wrong (bakery.host.switch).
WRONG = ("not up", "not ready", "does not run", "nothing serves", "still working")

Step = dict[str, Any]


def steps(said: Said) -> list[Step]:
    """What the program said, line by line."""
    found = []
    for line in said.out.splitlines():
        try:
            found.append(json.loads(line))
        except ValueError:
            continue
    return [each for each in found if isinstance(each, dict)]


def in_words(said: Said) -> str:
    """What went wrong by the program's own words; else what it did last."""
    known = steps(said)
    wrong = [step for step in known if "error" in step or step.get("step") in WRONG]
    told = [_told(step) for step in wrong or known[-3:]]
    return "; ".join(told) or said.err.strip()[-500:] or "it said nothing"


def _told(step: Step) -> str:
    names = ("error", "step", "role", "release", "answer", "log", "requests_left")
    return " ".join(str(step[name]).strip() for name in names if step.get(name))
