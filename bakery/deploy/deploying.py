"""A release on all hosts, or on none: the whole way of `deploy` and of `rollback`."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field, replace

from bakery.deploy import agent, record, rolling
from bakery.deploy.balancers import Balancers
from bakery.deploy.balancing import configure_balancers
from bakery.deploy.bringing import bring
from bakery.deploy.connection import Remote
from bakery.deploy.failing import failing
from bakery.deploy.finishing import finish
from bakery.deploy.fleet_file import Fleet
from bakery.deploy.hooks import called, run_hook
from bakery.deploy.lock import Held, hold
from bakery.deploy.looking import Refused, done_hosts, look
from bakery.deploy.preflight import faults_of_absence
from bakery.deploy.proving import prove_canary
from bakery.deploy.report import Report
from bakery.deploy.situation import Situation
from bakery.deploy.together import on_all
from bakery.release.store import Release


@dataclass
class Deploy:
    """One deploy or rollback. go() does all of it and can be called once.

    `careful`: assets, migrations and the canary, as for a release that is new.
    `mixed`, `fewer` and `without` are what the commands' options of that name say.
    """

    fleet: Fleet
    remotes: dict[str, Remote]
    release: str
    archive: Release | None
    report: Report
    careful: bool = True
    mixed: bool = False
    fewer: bool = False
    without: Collection[str] = ()
    dry: bool = False
    switched: list[str] = field(default_factory=list)
    reconfigured: list[str] = field(default_factory=list)  # balancers

    def __post_init__(self) -> None:
        self.whole = self.fleet
        self.fleet = _without(self.fleet, self.without)
        self.remotes = {n: self.remotes[n] for n in self.fleet.hosts}
        self.states: dict[str, agent.Step] = {}
        self.situation = Situation({})
        self.taken_away: set[str] = set()  # hosts, by the new fleet file
        self.former_files: dict[str, str] = {}  # fleet files that hosts had, by host
        self.balancers = Balancers([])
        self.before: dict = {}
        self.at = "starting"
        self.is_recorded = False  # that it has begun
        self.held: Held | None = None

    # --- the way -------------------------------------------------------------------

    def go(self) -> Report:
        """Raises Refused, LockTaken and HostError as long as nothing was changed."""
        if faults := list(faults_of_absence(self.whole, self.without)):
            raise Refused(faults)
        self.first = next(iter(self.remotes.values()))
        self.hook("starting")
        on_all(self.remotes.values(), agent.put_agent)
        with hold(self.first, self.release) as self.held:
            self.hook("started")
            look(self)
            is_done = self.is_done()
            with failing(self):
                if not is_done:
                    bring(self)
                    self._publish()
                finish(self, anew=not is_done)
        return self.report

    def is_done(self) -> bool:
        return (
            not self.dry
            and not self.situation.interrupted
            and len(done_hosts(self)) == len(self.remotes)
        )

    def where_the_shop_runs(self) -> Remote:
        return self.remotes[rolling.canary_of(self.fleet).name]

    # --- what shoppers could notice ------------------------------------------------

    def _publish(self) -> None:
        self.hook("publishing")
        self.before = self.balancers.look_where_possible()
        self.held.demand()
        self.is_recorded = True
        self.note("begun")
        done = done_hosts(self)
        if self._has_to_prove_itself(done):
            self._prove()
            done.append(self.where_the_shop_runs().name)
        self.at = "rolling"
        for batch in rolling.batches(self.fleet, done=done):
            self.held.demand()
            self._switch_together([self.remotes[host.name] for host in batch])
        configure_balancers(self)
        self.at = "finishing"  # from here on nothing goes back
        self.hook("published")

    def _has_to_prove_itself(self, done: list[str]) -> bool:
        if not self.careful or not self.situation.has_former(self.release):
            return False
        # Who was left out of a deploy that came to its end only follows.
        proved = self.where_the_shop_runs().name in done
        return not proved or self.situation.interrupted is not None

    def _prove(self) -> None:
        canary = self.where_the_shop_runs()
        others = [
            self.remotes[host.name]
            for host in self.fleet.web
            if host.name != canary.name
            and self.situation.former[host.name] not in ("", self.release)
        ]
        self.at = "canary"
        self.held.demand()
        self.switched.append(canary.name)
        prove_canary(canary, others, self.release, self.balancers, self.report)

    def _switch_together(self, remotes: list[Remote]) -> None:
        self.switched += [remote.name for remote in remotes]
        if any("web" not in remote.host.roles for remote in remotes):
            self.count()
        on_all(
            remotes,
            lambda r: rolling.switch(r, self.release, self.balancers, self.report),
        )

    # --- what is told --------------------------------------------------------------

    def count(self) -> None:
        if self.report.requests is None:
            self.report.count(self.before, self.balancers.look_where_possible())

    def note(self, event: str) -> None:
        """In the fleet's record. Raises HostError."""
        kind, former = self.report.kind, self.former()
        record.write(self.first, event, kind, self.release, former, self.without)

    def former(self) -> str:
        canary = rolling.canary_of(self.fleet).name
        return self.situation.before(canary, self.release)

    def hook(self, moment: str) -> None:
        """The program for a moment of a deploy, by its name in a rollback for one."""
        self.run_hook(called(self.report.kind, moment))

    def run_hook(self, name: str) -> None:
        facts = {
            "BAKERY_RELEASE": self.release,
            "BAKERY_FLEET": self.fleet.name,
            "BAKERY_HOST": self.report.failed_on,
        }
        tell = self.report.say
        run_hook(self.fleet.hooks, name, facts, dry=self.dry, tell=lambda t: tell(t))


def _without(fleet: Fleet, names: Collection[str]) -> Fleet:
    """The fleet as if it had only the others; its text tells hosts of all."""
    hosts = {name: host for name, host in fleet.hosts.items() if name not in names}
    return replace(fleet, hosts=hosts)
