"""Programs of the operator's own, at the steps that Capistrano has named."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable, Mapping

SECONDS = 600
# What each moment of a deploy is called in a rollback; "" is no moment of that.
IN_A_ROLLBACK = {
    "starting": "starting",
    "started": "started",
    "updating": "",
    "updated": "",
    "publishing": "reverting",
    "published": "reverted",
    "finishing": "finishing_rollback",
    "finished": "finished_rollback",
}
# When a deploy fails; a rollback that fails is reverting already.
GOING_BACK = {"deploy": ("reverting", "reverted"), "rollback": ("", "")}
FAILED = "failed"
# From here on the fleet is being changed: who fails then is only told of.
TOO_LATE = {"published", "finishing", "finished", "finishing_rollback"} | {
    *("finished_rollback", "reverting", "reverted", FAILED)
}


class HookFailed(Exception):
    """A program of the operator's ended with an error before anything was changed."""


def called(kind: str, moment: str) -> str:
    """The hook's name at that moment of a deploy or a rollback; "" if there is none."""
    return IN_A_ROLLBACK[moment] if kind == "rollback" else moment


def run_hook(
    hooks: Mapping[str, str],
    name: str,
    facts: Mapping[str, str],
    *,
    dry: bool = False,
    tell: Callable[[str], None] = lambda line: None,
) -> None:
    """Run the program for this step, if there is one, in the operator's own shell.

    It finds the facts as BAKERY_... variables. Raises HookFailed where the fleet is
    still as it was; later an error is only told.
    """
    line = hooks.get(name)
    if not line:
        return
    tell(f"hook {name}: {line}")
    if dry:
        return
    code, said = _run(line, {"BAKERY_STEP": name} | dict(facts))
    if not code:
        return
    words = f"The hook {name} (`{line}`) ended with {code}: {said}"
    if name in TOO_LATE:
        tell(words)
    else:
        raise HookFailed(words)


def _run(line: str, facts: dict[str, str]) -> tuple[int, str]:
    try:
        answer = subprocess.run(  # noqa: S602 - the operator's own line, from their file
            line,
            shell=True,  # nosec B602
            env=os.environ | facts,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",  # a program may say what it likes, in any encoding
            timeout=SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return -1, f"no end after {SECONDS} s"
    return answer.returncode, (answer.stderr or answer.stdout).strip()[-1000:]
