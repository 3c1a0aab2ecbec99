"""Runs the host's own programs."""

from __future__ import annotations

import os
import subprocess

from bakery.host.codes import NOT_SET_UP, HostError

MORE_PLACES = ":/usr/local/sbin:/usr/sbin:/sbin"  # not in the PATH of all users


def run(*words: str, check: bool = True) -> subprocess.CompletedProcess[str]:
    """Raises HostError, with what it said, if it is to be checked and fails."""
    path = os.environ.get("PATH", os.defpath) + MORE_PLACES
    try:
        answer = subprocess.run(
            words,
            env=os.environ | {"PATH": path},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            check=False,
        )
    except FileNotFoundError as error:
        raise HostError(f"{words[0]} is not on this host.", NOT_SET_UP) from error
    if check and answer.returncode:
        said = (answer.stderr or answer.stdout).strip()[-1000:]
        raise HostError(f"{' '.join(words)} failed: {said}")
    return answer
