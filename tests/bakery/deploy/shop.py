"""A fleet in memory that sells by one release, and deploys to it."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NoReturn

from bakery.deploy.connection import HostAway, Remote, Said
from bakery.deploy.deploying import Deploy
from bakery.deploy.fleet_file import Fleet, parse_fleet
from bakery.deploy.report import Report
from bakery.deploy.signals import stopped_by_signals
from tests.bakery.deploy.machines import Machine, World

HEAD = """
name = "f"
site_url = "http://shop.example"
supervisor = "runit"
{more}
[canary]
seconds = 0
"""
SMALL = {
    "front": ["balancer"],
    "app1": ["web"],
    "app2": ["web"],
    "app3": ["web", "work"],
}
FIFTY = {"front1": ["balancer"], "front2": ["balancer"]} | {
    f"app{n}": ["web"] for n in range(1, 49)
}


def fleet_of(hosts: dict[str, list[str]], more: str = "", **ports: int) -> Fleet:
    if not any("work" in roles for roles in hosts.values()):
        hosts = hosts | {"jobs": ["work"]}
    tables = [
        f'[hosts.{name}]\naddress = "10.0.{n // 200}.{n % 200 + 1}"\n'
        f"roles = {json.dumps(roles)}\nport = {ports.get(name, 8000)}\n"
        for n, (name, roles) in enumerate(hosts.items())
    ]
    return parse_fleet(HEAD.format(more=more) + "\n".join(tables))


@dataclass
class Channel:
    """The open command that holds the lock."""

    answer: bytes
    is_cut: bool = False

    def recv(self, size: int) -> bytes:
        return self.answer

    def exit_status_ready(self) -> bool:
        return self.is_cut

    def settimeout(self, seconds: float) -> None: ...

    def recv_stderr_ready(self) -> bool:
        return False

    def sendall(self, words: bytes) -> None: ...

    def shutdown_write(self) -> None: ...

    def recv_exit_status(self) -> int:
        return 0


@dataclass
class InMemory(Remote):
    """A Remote whose host is a Machine."""

    machine: Machine | None = None

    def _run(self, line: str, seconds: float) -> Said:
        return self.machine.answer(line)

    def _connected(self) -> NoReturn:
        raise AssertionError("no host in memory is spoken to over a network")

    def put(self, content: object, path: str, mode: int = 0o644) -> None:
        if isinstance(content, bytes):
            self.machine.put[path] = content

    @contextlib.contextmanager
    def channel(self, *words: str) -> Iterator[Channel]:
        world = self.machine.world
        world.happens(self.name, "hold")
        owner = world.holder or "me"
        facts = {
            "held": not world.holder,
            "owner": owner,
            "since": f"when {owner} came",
        }
        channel = Channel(f"{world.greeting}{json.dumps(facts)}\n".encode())
        world.channels.append(channel)
        try:
            yield channel
        finally:
            world.happens(self.name, "let go")


def machines_of(fleet: Fleet, world: World) -> dict[str, Machine]:
    """All of them run "old" by that very file, and balancers know every clone."""
    return {
        host.name: Machine(
            host.name,
            world,
            text=fleet.text,
            served_by=fleet.text,
            configuration="old" if "balancer" in host.roles else "",
            weights={web.name: 100 for web in fleet.web},
        )
        for host in fleet.hosts.values()
    }


def remotes_of(fleet: Fleet, machines: dict[str, Machine]) -> dict[str, InMemory]:
    return {
        name: InMemory(fleet, host, None, machines[name])
        for name, host in fleet.hosts.items()
    }


class Shop:
    """A fleet that runs "old", and deploys to it."""

    def __init__(self, hosts: dict[str, list[str]] = SMALL, more: str = "") -> None:
        self.world = World()
        self.fleet = fleet_of(hosts, more)
        self.machines: dict[str, Machine] = machines_of(self.fleet, self.world)

    def deploy(self, release: str = "new", **facts: object) -> Report:
        deploy = self.prepared(release, **facts)
        with stopped_by_signals():
            return deploy.go()

    def prepared(
        self, release: str = "new", fleet: Fleet | None = None, **facts: object
    ) -> Deploy:
        """A deploy that has not begun; hosts have the release's archive already."""
        fleet = fleet or self.fleet
        for host in fleet.hosts:
            new = Machine(host, self.world, current="", releases=[])
            self.machines.setdefault(host, new)
        kind = "rollback" if facts.get("careful") is False else "deploy"
        remotes = remotes_of(fleet, self.machines)
        deploy = Deploy(fleet, remotes, release, None, Report(kind, release), **facts)
        for name in fleet.hosts:
            if release not in self.machines[name].releases:
                self.machines[name].releases.append(release)
        return deploy

    def on(self) -> dict[str, str]:
        return {name: machine.current for name, machine in self.machines.items()}

    def told(self, *words: str) -> list[tuple[str, str]]:
        """What hosts were told, of the commands that begin with these words."""
        return [each for each in self.world.said if each[1].split()[0] in words]

    def events(self) -> list[str]:
        record = next(iter(self.machines.values())).record
        return [json.loads(line)["event"] for line in record]


def away(host: str) -> HostAway:
    return HostAway(host, "it does not answer over ssh")


def everywhere(shop: Shop, release: str) -> bool:
    return set(shop.on().values()) == {release}
