"""The first host of a release proves itself before any other one gets it.

It runs without shoppers at first: it is warmed up, timed beside a clone of the former
release, and walked through by `prove`. Then it takes a part of the traffic and is
watched. At the first sign of trouble shoppers go elsewhere again, at once.
"""

from __future__ import annotations

import contextlib
import shlex

from bakery.deploy import agent, rolling
from bakery.deploy.addresses import url_of
from bakery.deploy.answers import json_of
from bakery.deploy.balancers import Balancers
from bakery.deploy.canary import Verdict, compare
from bakery.deploy.connection import CommandFailed, HostError, Remote
from bakery.deploy.report import Report
from bakery.deploy.watching import Watch

PAGES_SECONDS = 180
PROVE_SECONDS = 300
TRIES = 3  # of a comparison that finds it slower: anything may happen once


class CanaryFailed(HostError):
    """The release is not fit for the fleet; .at says at which test."""

    def __init__(self, host: str, at: str, words: str) -> None:
        super().__init__(host, words)
        self.at = at


def prove_canary(
    canary: Remote,
    others: list[Remote],
    release: str,
    balancers: Balancers,
    report: Report,
) -> None:
    """Switch one host and let it prove itself. `others` are clones of the former one.

    Raises CanaryFailed and HostError; then no shopper is sent there, and whoever
    called lets it go back.
    """
    rolling.switch(canary, release, balancers, report, stay_drained=True)
    _time(canary, others, release, report)
    _walk(canary, others, release, report)
    _let_some_in(canary, others, balancers, report)


def _time(canary: Remote, others: list[Remote], release: str, report: Report) -> None:
    verdict = Verdict(False, "")
    for _ in range(TRIES):
        verdict = _timed(canary, others, release)
        if not verdict.bad:
            break
    if verdict.bad:
        raise CanaryFailed(canary.name, "timing", f"it is slow: {verdict.words}")
    report.say(f"warm; {verdict.words or 'nothing to compare it with'}", canary)


def _timed(canary: Remote, others: list[Remote], release: str) -> Verdict:
    remotes = [canary, *others[:1]]
    program = ["bakery.deploy.pages", "--site", canary.fleet.site_url]
    clones = [f"{each.name}={_url_of(each)}" for each in remotes]
    folder = shlex.quote(str(canary.base / "releases" / release))
    line = shlex.join([".venv/bin/python", "-B", "-m", *program, *clones])
    try:
        said = canary.run_line(f"cd {folder} && {line}", seconds=PAGES_SECONDS)
    except CommandFailed as error:
        told = error.said.err.strip()[-1000:]
        raise CanaryFailed(canary.name, "warm-up", told) from error
    seconds = {} if canary.dry else json_of(canary.name, said)["seconds"]
    if len(remotes) < 2 or not seconds:
        return Verdict(False, "")
    return compare(seconds[canary.name], seconds[remotes[1].name], canary.fleet.canary)


def _walk(canary: Remote, others: list[Remote], release: str, report: Report) -> None:
    if not others:
        report.say("no other clone to prove it by", canary)
        return
    words = ["prove", "--clone", canary.name, "--no-balancer", "--json"]
    for each in [canary, *others[:2]]:
        words += ["--at", f"{each.name}={_url_of(each)}"]
    line = agent.manage_line(canary, release, *words)
    try:
        canary.run_line(line, seconds=PROVE_SECONDS)
    except CommandFailed as error:
        raise CanaryFailed(canary.name, "prove", _difference(error)) from error
    report.say("proved: baskets and orders are the same there", canary)


def _difference(error: CommandFailed) -> str:
    try:
        found = json_of(error.host, error.said)["difference"]
        return f"{found['what']} (step “{found['step']}”)"
    except (HostError, KeyError, TypeError):
        return (error.said.err or error.said.out).strip()[-1000:]


def _let_some_in(
    canary: Remote, others: list[Remote], balancers: Balancers, report: Report
) -> None:
    limits = canary.fleet.canary
    balancers.weigh(canary.name, limits.share)
    agent.ready(canary)
    balancers.send_to(canary.name, limits.share)
    report.say(f"takes {limits.share} % of a clone's traffic", canary)
    if canary.dry:
        return
    try:
        verdict = Watch(canary, others, balancers).until_the_end()
    except HostError as error:
        _send_away_now(canary, balancers)
        raise CanaryFailed(canary.name, "watching", error.words) from error
    if verdict.bad:
        _send_away_now(canary, balancers)
        raise CanaryFailed(canary.name, "watching", verdict.words)
    report.canary = verdict.words
    balancers.send_to(canary.name)
    report.say(f"watched for {limits.seconds:.0f} s: {verdict.words}", canary)


def _send_away_now(canary: Remote, balancers: Balancers) -> None:
    with contextlib.suppress(HostError):
        balancers.weigh(canary.name, 0)


def _url_of(remote: Remote) -> str:
    """Where other hosts reach the clone itself."""
    return url_of(remote.host.address, remote.host.port)
