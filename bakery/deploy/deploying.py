"""A release on all hosts, or on none: the whole way of `deploy` and of `rollback`."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass, field

from bakery.deploy import agent, record, rolling
from bakery.deploy.back import go_back
from bakery.deploy.balancers import Balancers
from bakery.deploy.connection import CommandFailed, HostError, Remote
from bakery.deploy.fleet_file import Fleet
from bakery.deploy.hooks import HookFailed, run_hook
from bakery.deploy.lock import Held, LockLost, hold
from bakery.deploy.preflight import (
    Fault,
    Situation,
    faults_of_hosts,
    faults_of_mixture,
    releases_by_host,
)
from bakery.deploy.proving import CanaryFailed, prove_canary
from bakery.deploy.report import Report
from bakery.deploy.shelving import on_shelf
from bakery.deploy.together import on_all, outcomes
from bakery.deploy.upload import upload
from bakery.release.store import Release

COMMAND_SECONDS = 1800  # for a migration that takes its time


class Refused(Exception):
    """Nothing was changed; .faults say what is wrong and what to do."""

    def __init__(self, faults: list[Fault]) -> None:
        super().__init__("\n".join(str(fault) for fault in faults))
        self.faults = faults


class Stopped(BaseException):
    """Whoever started it wants it to end; hosts go back first."""


@dataclass
class Deploy:
    """One deploy or rollback. go() does all of it and can be called once.

    `careful`: assets, migrations and the canary, as for a release that is new.
    """

    fleet: Fleet
    remotes: dict[str, Remote]
    release: str
    archive: Release | None
    report: Report
    careful: bool = True
    mixed: bool = False
    dry: bool = False
    switched: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.first = next(iter(self.remotes.values()))
        self.states: dict[str, agent.Step] = {}
        self.situation = Situation({})
        self.balancers = Balancers([])
        self.before: dict = {}
        self.at = "starting"

    # --- the way -------------------------------------------------------------------

    def go(self) -> Report:
        """Raises Refused, LockTaken and HostError as long as nothing was changed."""
        self._hook("starting")
        on_all(self.remotes.values(), agent.put_agent)
        with hold(self.first, self.release) as held:
            self._hook("started")
            self._look()
            if self.is_done():
                self._set_right()
                self._let_new_clones_fetch_it()
                self.report.say(f"{self.release} is on all hosts already")
                return self.report
            with self._failing():
                self._bring()
                self._publish(held)
                self._finish()
        return self.report

    def is_done(self) -> bool:
        return (
            not self.dry
            and not self.situation.interrupted
            and all(runs(self.states[name], self.release) for name in self.remotes)
        )

    def _look(self) -> None:
        """What is there? Raises Refused."""
        self.at = "preflight"
        self.states = on_all(self.remotes.values(), agent.state)
        interrupted = record.interrupted(record.read(self.first))
        self.situation = Situation(releases_by_host(self.states), interrupted)
        self.report.former = dict(self.situation.former)
        python = self.archive.python if self.archive else ""
        faults = list(faults_of_hosts(self.states, python))
        if not self.mixed:
            faults += faults_of_mixture(self.states, self.release, interrupted)
        if faults:
            raise Refused(faults)
        running = [
            self.remotes[host.name]
            for host in self.fleet.balancers
            if self.states[host.name].get("services", {}).get("balancer")
        ]
        self.balancers = Balancers(running)
        self.report.say(f"{len(self.remotes)} hosts are ready for it")
        if interrupted:
            told = f"the {interrupted.kind} of {interrupted.at} was interrupted"
            self.report.say(f"{told}: going on from there")

    def _set_right(self) -> None:
        """What an interrupted deploy may have left at the balancers."""
        if not self.dry:
            self.balancers.set_right(host.name for host in self.fleet.web)

    def _bring(self) -> None:
        """Everything that does not touch what serves."""
        self._set_right()
        self._hook("updating")
        self.at = "upload"
        upload(
            list(self.remotes.values()),
            self.archive,
            self.release,
            self.states,
            self.report,
        )
        self._hook("updated")
        if not self.careful:
            return
        self._manage("check", "check", "--deploy")
        self._manage("assets", "vault_assets")
        self._manage("migrations", "safemigrate", "--expand")
        self._introduce_new_clones()

    def _manage(self, at: str, *words: str) -> None:
        """One of the shop's commands in the new release, once for the fleet."""
        self.at = at
        remote = self._where_the_shop_runs()
        line = agent.manage_line(remote, self.release, *words)
        try:
            remote.run_line(line, seconds=COMMAND_SECONDS)
        except CommandFailed as error:
            told = (error.said.err or error.said.out).strip()[-2000:]
            raise HostError(remote.name, f"{' '.join(words)}: {told}") from error
        self.report.say(" ".join(words), remote)

    def _where_the_shop_runs(self) -> Remote:
        return self.remotes[rolling.canary_of(self.fleet).name]

    def _introduce_new_clones(self) -> None:
        """A balancer that does not know one could not be told to send it shoppers."""
        self.at = "balancers"
        known = self.balancers.look_where_possible()
        for remote in self.balancers.remotes:
            here = known.get(remote.name, {})
            if any(host.name not in here for host in self.fleet.web):
                self._configure_balancer(remote)

    def _configure_balancer(self, remote: Remote) -> None:
        words = ["balancer_config", "--file", str(remote.base / "shared/fleet.toml")]
        words += ["--base", str(remote.base), "--reload"]
        remote.run_line(agent.manage_line(remote, self.release, *words))
        self.report.say("has the balancer's configuration", remote)

    # --- what shoppers could notice ------------------------------------------------

    def _publish(self, held: Held) -> None:
        self._hook("publishing" if self.careful else "reverting")
        self.before = self.balancers.look_where_possible()
        record.write(
            self.first, "begun", self.report.kind, self.release, self._former()
        )
        done = [n for n, state in self.states.items() if runs(state, self.release)]
        if self.careful and self._has_former():
            canary = self.remotes[rolling.canary_of(self.fleet).name]
            others = [
                self.remotes[host.name]
                for host in self.fleet.web
                if host.name != canary.name
                and self.situation.former[host.name] not in ("", self.release)
            ]
            self.at = "canary"
            held.demand()
            self.switched.append(canary.name)
            prove_canary(canary, others, self.release, self.balancers, self.report)
            done.append(canary.name)
        self.at = "rolling"
        for batch in rolling.batches(self.fleet, done=done):
            held.demand()
            self._switch_together([self.remotes[host.name] for host in batch])
        self._hook("published" if self.careful else "reverted")

    def _has_former(self) -> bool:
        return any(
            each not in ("", self.release) for each in self.situation.former.values()
        )

    def _switch_together(self, remotes: list[Remote]) -> None:
        self.switched += [remote.name for remote in remotes]
        if any("web" not in remote.host.roles for remote in remotes):
            self._count()
        on_all(remotes, self._switch)

    def _switch(self, remote: Remote) -> None:
        if "balancer" in remote.host.roles:
            self._configure_balancer(remote)
        rolling.switch(remote, self.release, self.balancers, self.report)

    def _count(self) -> None:
        if self.report.requests is None:
            self.report.count(self.before, self.balancers.look_where_possible())

    def _finish(self) -> None:
        """Shoppers have the release: from here on nothing goes back."""
        self.at = "finishing"
        name = "finishing" if self.careful else "finishing_rollback"
        self._hook(name)
        self._count()
        _, errors = outcomes(self.remotes.values(), agent.prune)
        for error in errors.values():
            self.report.leave(
                f"old releases are still there: {error.words}", error.host
            )
        self._let_new_clones_fetch_it()
        record.write(self.first, "done", self.report.kind, self.release, self._former())
        self._hook(name.replace("finishing", "finished"))

    def _let_new_clones_fetch_it(self) -> None:
        """What the fleet runs is the latest: not before, and after a rollback too."""
        self.at = "finishing"
        on_shelf(self._where_the_shop_runs(), self.release, self.archive, self.report)

    # --- what goes wrong -----------------------------------------------------------

    @contextlib.contextmanager
    def _failing(self) -> Iterator[None]:
        """Keep what failed where; then every host that was switched goes back."""
        try:
            yield
        except CanaryFailed as error:
            self._fail(error.at, error.host, error.words)
        except HostError as error:
            self._fail(self.at, error.host, error.words)
        except (LockLost, HookFailed) as error:
            self._fail(self.at, "", str(error))
        except Stopped:
            self._fail(self.at, "", "it was told to stop")

    def _fail(self, at: str, host: str, why: str) -> None:
        self.report.fail(at, host, why)
        if self.switched and self.at != "finishing":
            self._go_back()
        self._hook("failed")

    def _go_back(self) -> None:
        self._hook("reverting")
        former = {n: self.situation.before(n, self.release) for n in self.switched}
        go_back(self.remotes, self.switched, former, self.balancers, self.report)
        self._hook("reverted")
        self.report.requests = None
        self._count()
        event = "left" if self.report.not_back else "went back"
        with contextlib.suppress(HostError):
            record.write(
                self.first, event, self.report.kind, self.release, self._former()
            )

    def _former(self) -> str:
        canary = rolling.canary_of(self.fleet).name
        return self.situation.before(canary, self.release)

    def _hook(self, name: str) -> None:
        facts = {
            "BAKERY_RELEASE": self.release,
            "BAKERY_FLEET": self.fleet.name,
            "BAKERY_HOST": self.report.failed_on,
        }
        run_hook(
            self.fleet.hooks,
            name,
            facts,
            dry=self.dry,
            tell=lambda t: self.report.say(t),
        )


def runs(state: agent.Step, release: str) -> bool:
    """Does the host serve that release, in all its roles and to everybody?"""
    answers = "web" not in state.get("roles", []) or (
        state.get("ready", {}).get("code") == 200 and not state.get("draining")
    )
    up = all(state.get("services", {}).values()) and bool(state.get("services"))
    return state.get("current") == release and up and answers
