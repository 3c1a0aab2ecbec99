"""The release that the fleet runs becomes the one that new clones fetch by themselves.

A host of the fleet does it: it has the storage's address and the key that signs, and
this machine need not.
"""

from __future__ import annotations

from bakery.deploy import agent
from bakery.deploy.connection import CommandFailed, HostError, Remote
from bakery.deploy.report import Report
from bakery.release.publishing import note_of
from bakery.release.store import Release

SECONDS = 600
MISSING = 3  # exit code of `shelf put`


def on_shelf(
    remote: Remote, name: str, release: Release | None, report: Report
) -> None:
    """Let it be the latest; archives travel only if the storage lacks them. Repeatable.

    Never raises HostError: shoppers have the release already, and the report says that
    new clones would begin with another one.
    """
    try:
        if release is None:
            _shelf(remote, name, "latest", name)
        else:
            _bring(remote, release)
        report.say(f"new clones fetch {name}", remote)
    except HostError as error:
        said = error.said.err if isinstance(error, CommandFailed) else error.words
        report.leave(
            f"new clones do not fetch {name}, for it could not be put into the "
            f"storage: {said.strip()[-500:]} (`deploy` again, or `shelf`)",
            remote,
        )


def _bring(remote: Remote, release: Release) -> None:
    note = note_of(release)
    folder = remote.base / "incoming"
    path = str(folder / f"{release.id}.note")
    remote.put(note.to_json(signed=False), path)
    brought = [path]
    try:
        for name in _lacking(remote, release.id, path):
            brought.append(str(folder / name))
            remote.put(release.path.with_name(name), brought[-1])
        if len(brought) > 1:
            _shelf(remote, release.id, "put", path)
    finally:
        remote.run("rm", "-f", *brought)


def _lacking(remote: Remote, name: str, path: str) -> list[str]:
    """The archives that are not in the storage; if none is, it is done."""
    try:
        _shelf(remote, name, "put", path)
    except CommandFailed as error:
        if error.code != MISSING:
            raise
        return error.said.out.split()
    return []


def _shelf(remote: Remote, release: str, *words: str) -> None:
    line = agent.manage_line(remote, release, "shelf", *words)
    remote.run_line(line, seconds=SECONDS)
