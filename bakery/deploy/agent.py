"""The commands that a host runs on itself, asked for over ssh."""

from __future__ import annotations

import hashlib
import json
import shlex
import tempfile
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

from django.conf import settings

from bakery.deploy.connection import CommandFailed, HostAway, HostError, Remote, Said
from bakery.release.archive import write_host_program

COMMAND_SECONDS = 120
INSTALL_SECONDS = 600
SWITCH_SECONDS = 240
TRIES = 3  # when the connection dies while a host switches, which goes on by itself

# Steps of a switch, a drain or a start that went wrong (bakery.host.switch).
WRONG = ("not up", "not ready", "does not run", "nothing serves", "still working")

Step = dict[str, Any]


class AgentFailed(CommandFailed):
    """The host's own program ended with .code (bakery.host.codes) and says why."""

    def __init__(self, host: str, what: str, said: Said) -> None:
        HostError.__init__(self, host, f"{what}: {in_words(said)}")
        self.code = said.code
        self.said = said


@cache
def archive() -> tuple[str, bytes]:
    """The program's name on hosts, by what is in it, and the program.

    It is of the source tree from which is deployed: hosts may have none, or another.
    """
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "bakery-host.pyz")
        write_host_program(path, Path(settings.BASE_DIR))
        content = path.read_bytes()
    return f"bakery-host-{hashlib.sha256(content).hexdigest()[:12]}.pyz", content


def put_agent(remote: Remote) -> None:
    """Bring the program there, unless it is there already."""
    name, content = archive()
    path = _path(remote)
    if remote.dry or not remote.has(path):
        remote.run("mkdir", "-p", str(remote.base / "incoming"))
        remote.put(content, path)


def words(remote: Remote, *given: str) -> list[str]:
    """The command line of the host's program."""
    python = shlex.split(remote.fleet.python)
    return [*python, _path(remote), *given, "--base", str(remote.base)]


def state(remote: Remote) -> Step:
    """All about the host. Where the program is not yet there, only that."""
    if remote.dry and not remote.has(_path(remote)):
        return nothing_there(remote)
    return steps(remote.look(*words(remote, "state")))[-1]


def nothing_there(remote: Remote) -> Step:
    """What a host says that has never had a release, as far as it can be known."""
    python = remote.look(*shlex.split(remote.fleet.python), "--version").out.split()[-1]
    there = remote.has(str(remote.base / "shared/environment"))
    current = remote.look_line(f"readlink {remote.base}/current || true").out.strip()
    return {
        "current": current.rpartition("/")[2],
        "previous": "",
        "releases": [],
        "environments": [],
        "environment_file": "there" if there else "missing",
        "python": python,
        "services": {},
        "draining": False,
    }


def install(remote: Remote, release: str) -> None:
    _run(remote, "install", release, seconds=INSTALL_SECONDS)


def configure(remote: Remote) -> None:
    """Tell the host its name, its roles and the fleet."""
    path = str(remote.base / "incoming" / "fleet.toml")
    remote.put(remote.fleet.text.encode(), path)
    _run(remote, "configure", "--fleet", path, "--host", remote.name)


def prune(remote: Remote) -> None:
    _run(remote, "prune", "--keep", str(remote.fleet.keep))


def switch(remote: Remote, release: str, *, stay_drained: bool = False) -> None:
    """Let the host run this release; it has been drained and is ready again.

    With stay_drained it runs, but shoppers still go elsewhere. Raises CommandFailed,
    with .code WENT_BACK when the former release serves again, and HostAway.
    """
    more = ["--stay-drained"] if stay_drained else []
    given = ["switch", release, *more]
    _again_if_lost(lambda: _run(remote, *given, seconds=SWITCH_SECONDS))


def ready(remote: Remote) -> None:
    """Let shoppers come again."""
    _run(remote, "ready")


def drain(remote: Remote) -> None:
    """Send shoppers elsewhere; returns when the last request is answered."""
    _run(remote, "drain")


def manage_line(remote: Remote, release: str, *given: str) -> str:
    """One of the shop's commands in a release on the host."""
    program = remote.base / "releases" / release / "bakery/host/run/manage"
    return shlex.join([str(program), str(remote.base), *given])


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


def _run(remote: Remote, *given: str, seconds: float = COMMAND_SECONDS) -> Said:
    """Raises AgentFailed and HostAway."""
    try:
        return remote.run(*words(remote, *given), seconds=seconds)
    except CommandFailed as error:
        raise AgentFailed(remote.name, given[0], error.said) from error


def _path(remote: Remote) -> str:
    return str(remote.base / "incoming" / archive()[0])


def _again_if_lost(do: Callable[[], Said]) -> Said:
    """The second one waits for what the first began, and finds it done."""
    for left in reversed(range(TRIES)):
        try:
            return do()
        except HostAway:
            if not left:
                raise
    raise AssertionError("there is a last try")
