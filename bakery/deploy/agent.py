"""The commands that a host runs on itself, asked for over ssh."""

from __future__ import annotations

import hashlib
import shlex
import tempfile
import uuid
from collections.abc import Callable
from functools import cache
from pathlib import Path

from django.conf import settings

from bakery.deploy.connection import CommandFailed, HostAway, HostError, Remote, Said
from bakery.deploy.steps import Step, in_words, steps
from bakery.release.archive import write_host_program

COMMAND_SECONDS = 120
INSTALL_SECONDS = 600
# One way: settle, drain, stop both that are stopped, be up, take customers, and be
# steady in the two other roles. It may go all of it, and all of it back again.
ONE_WAY_SECONDS = 1.5 + 30 + 2 * 60 + 60 + 60 + 2 * 62
SWITCH_SECONDS = 2 * ONE_WAY_SECONDS
TRIES = 3  # when the connection dies while a host switches, which goes on by itself


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
    said = remote.look(*words(remote, "state"))
    known = steps(said)
    if not known:
        told = f"its own program said nothing that can be read: {said.out[-300:]!r}"
        raise HostError(remote.name, told)
    return known[-1]


def nothing_there(remote: Remote) -> Step:
    """What a host says that has never had a release, as far as it can be known."""
    said = remote.look(*shlex.split(remote.fleet.python), "--version").out
    there = remote.has(str(remote.base / "shared/environment"))
    current = remote.look_line(f"readlink {remote.base}/current || true").out.strip()
    return {
        "current": current.rpartition("/")[2],
        "previous": "",
        "releases": [],
        "environments": [],
        "environment_file": "there" if there else "missing",
        "python": said.rpartition(" ")[2].strip(),
        "services": {},
        "draining": False,
        "fleet_id": "",
        "hosts": [],
    }


def install(remote: Remote, release: str) -> None:
    _run(remote, "install", release, seconds=INSTALL_SECONDS)


def fleet_id(text: str) -> str:
    """What a host calls the fleet file of that text (`state`)."""
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def configure(remote: Remote, text: str = "") -> None:
    """Tell the host its name, its roles and the fleet, by our fleet file or another's
    text. It takes effect with the next switch.
    """
    path = str(remote.base / "incoming" / "fleet.toml")
    remote.put((text or remote.fleet.text).encode(), path)
    _run(remote, "configure", "--fleet", path, "--host", remote.name)


def prune(remote: Remote) -> None:
    _run(remote, "prune", "--keep", str(remote.fleet.keep))


def retire(remote: Remote) -> None:
    """Stop and take away the services of roles that the host has no longer."""
    _run(remote, "retire", seconds=ONE_WAY_SECONDS)


def switch(remote: Remote, release: str, *, stay_drained: bool = False) -> None:
    """Let the host run this release; it has been drained and is ready again.

    With stay_drained it runs, but shoppers still go elsewhere. Raises CommandFailed,
    with .code WENT_BACK when the former release serves again, and HostAway.

    The token makes all tries one switch: one that failed is told, and not repeated.
    """
    more = ["--stay-drained"] if stay_drained else []
    given = ["switch", release, *more, "--once", uuid.uuid4().hex]
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


def _run(remote: Remote, *given: str, seconds: float = COMMAND_SECONDS) -> Said:
    """Raises AgentFailed and HostAway."""
    try:
        return remote.run(*words(remote, *given), seconds=seconds)
    except CommandFailed as error:
        raise AgentFailed(remote.name, given[0], error.said) from error


def _path(remote: Remote) -> str:
    return str(remote.base / "incoming" / archive()[0])


def _again_if_lost(do: Callable[[], Said]) -> Said:
    """The second one waits for what the first began, and learns how that ended."""
    for left in reversed(range(TRIES)):
        try:
            return do()
        except HostAway:
            if not left:
                raise
    raise AssertionError("there is a last try")
