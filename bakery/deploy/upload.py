"""Brings a release to the hosts: only what each of them does not have yet."""

from __future__ import annotations

from collections.abc import Mapping

from bakery.deploy import agent
from bakery.deploy.connection import HostError, Remote
from bakery.deploy.report import Report
from bakery.deploy.together import on_all
from bakery.release.store import Release


def upload(
    remotes: list[Remote],
    release: Release | None,
    name: str,
    states: Mapping[str, agent.Step],
    report: Report,
) -> None:
    """On all hosts at once: copy, install, configure. Repeatable. Raises Failures.

    Without `release`, which is not on this machine, each host must have it already.
    Nothing that serves is touched: what is configured takes effect with the switch.
    """

    def on_one(remote: Remote) -> None:
        _demand_source(remote, release, name, states)
        if release is not None:
            _send(remote, release, states[remote.name], report)
        agent.install(remote, name)
        agent.configure(remote)
        report.say("installed", remote)

    on_all(remotes, on_one)


def former_files(
    remotes: Mapping[str, Remote], states: Mapping[str, agent.Step], text: str
) -> dict[str, str]:
    """The fleet files of the hosts that have another one, for the way back."""
    ours = agent.fleet_id(text)
    others = [
        remotes[name]
        for name, state in states.items()
        if state.get("fleet_id") not in (None, "", ours)
        and name in state.get("hosts", ())
    ]
    return on_all(others, lambda r: r.look("cat", f"{r.base}/shared/fleet.toml").out)


def _demand_source(
    remote: Remote,
    release: Release | None,
    name: str,
    states: Mapping[str, agent.Step],
) -> None:
    if release is None and name not in states[remote.name]["releases"]:
        raise HostError(
            remote.name,
            f"it does not have {name}, and neither does this machine: `manage.py "
            "release --list` lists what could be brought there.",
        )


def _send(remote: Remote, release: Release, state: agent.Step, report: Report) -> None:
    incoming = remote.base / "incoming"
    if release.id not in state["releases"]:
        remote.put(release.path, str(incoming / f"{release.id}.tar.gz"))
        report.say(f"has got {release.path.stat().st_size / 1e6:.1f} MB", remote)
    if release.lock not in state["environments"]:
        remote.put(release.wheels, str(incoming / f"{release.lock}.tar"))
        report.say(
            f"has got {release.wheels.stat().st_size / 1e6:.0f} MB of wheels", remote
        )
