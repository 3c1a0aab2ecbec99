"""Hosts that exist in memory only: they answer commands as real ones do.

So a deploy to fifty of them takes a second, and any of them may fail at any step.
"""

from __future__ import annotations

import hashlib
import json
import shlex
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from bakery.deploy import agent
from bakery.deploy.connection import Said
from bakery.deploy.fleet_file import parse_fleet
from bakery.host import codes

METRICS = 'bakery_requests_total{status="2xx"} 9\n'
COLUMNS = "# pxname,svname,status,weight,scur,qcur,req_tot,stot,hrsp_5xx,econ,eresp\n"


@dataclass
class World:
    """What hosts share: what was said to them, in order, and who holds the lock."""

    said: list[tuple[str, str]] = field(default_factory=list)
    greeting: str = ""  # what a login says by itself
    holder: str = ""  # of the lock; "me" is this deploy, not noticed to be gone
    channels: list[Any] = field(default_factory=list)
    lock: threading.RLock = field(default_factory=threading.RLock)
    on: Callable[[str, str], None] = lambda host, what: None  # before it is done

    def happens(self, host: str, what: str) -> None:
        with self.lock:
            self.said.append((host, what))
        self.on(host, what)

    def of(self, word: str) -> list[tuple[str, str]]:
        return [each for each in self.said if each[1].split()[0] == word]


@dataclass
class Machine:
    """One host. `bad` are releases that do not start on it."""

    name: str
    world: World
    current: str = "old"
    text: str = ""  # of its fleet file
    served_by: str = ""  # the file by which its services were started
    environment: str = "secret"
    served_environment: str = "secret"
    bad: tuple[str, ...] = ()
    free: int = 10**10
    is_draining: bool = False
    configuration: str = ""  # HAProxy's: the release and the file that it is by
    weights: dict[str, int] = field(default_factory=dict)
    record: list[str] = field(default_factory=list)
    releases: list[str] = field(default_factory=lambda: ["old"])
    put: dict[str, bytes] = field(default_factory=dict)

    def state(self) -> agent.Step:
        host = self._host(self.served_by)
        serves = bool(host and self.current)
        roles = sorted(host.roles) if host else []
        code = 200 if serves and not self.is_draining else 0
        return {
            "current": self.current,
            "previous": "",
            "releases": list(self.releases),
            "environments": [],
            "environment_id": hashlib.sha256(self.environment.encode()).hexdigest(),
            "disk_free_bytes": self.free,
            "roles": roles,
            "services": dict.fromkeys(roles, 7 if serves else 0),
            "draining": self.is_draining,
            "ready": {"code": code} if "web" in roles else {},
            "fleet_id": agent.fleet_id(self.text) if self.text else "",
            "hosts": list(parse_fleet(self.text).hosts) if self.text else [],
            "served_id": f"{host} {self.served_environment}",
            "wanted_id": f"{self._host(self.text)} {self.environment}",
            "port": host.port if host else 0,
        }

    def _host(self, text: str) -> object:
        return parse_fleet(text).hosts.get(self.name) if text else None

    def answer(self, line: str) -> Said:
        words = shlex.split(line)
        if words[1:2] and words[1].endswith(".pyz"):
            return self._agent(words[2], words[3:])
        if words[0].endswith("run/manage"):
            return self._manage(words[0].split("/releases/")[1][:3], words[2:])
        if words[:2] == ["python3", "-c"]:
            return Said(0, METRICS if "metrics" in line else self._haproxy(words), "")
        if "bakery.deploy.pages" in line:
            clones = [each.partition("=")[0] for each in words if "=http" in each]
            return Said(
                0, json.dumps({"seconds": {n: {"/": [0.1]} for n in clones}}), ""
            )
        if "printf" in words:
            self.record.append(next(each for each in words if each.startswith("{")))
        known = {"tail": "\n".join(self.record), "cat": self.text}
        return Said(0, known.get(words[0], ""), "")

    def _agent(self, what: str, words: list[str]) -> Said:
        given = words[: words.index("--base")] if "--base" in words else words
        if what == "state":
            return Said(0, json.dumps(self.state()), "")
        self.world.happens(self.name, " ".join([what, *given]))
        return getattr(self, f"_{what}", lambda words: Said(0, "{}", ""))(given)

    def _install(self, words: list[str]) -> Said:
        if words[0] not in self.releases:
            self.releases.append(words[0])
        return Said(0, "", "")

    def _configure(self, words: list[str]) -> Said:
        self.text = self.put[words[1]].decode()
        return Said(0, "", "")

    def _switch(self, words: list[str]) -> Said:
        if words[0] in self.bad:
            step = {"step": "not up", "release": words[0], "log": "no"}
            return Said(codes.WENT_BACK, json.dumps(step), "")
        self.current, self.served_by = words[0], self.text
        self.served_environment = self.environment
        self.is_draining = "--stay-drained" in words
        return Said(0, "", "")

    def _ready(self, words: list[str]) -> Said:
        self.is_draining = False
        return Said(0, "", "")

    def _drain(self, words: list[str]) -> Said:
        self.is_draining = True
        return Said(0, "", "")

    def _prune(self, words: list[str]) -> Said:
        self.free = 10**10
        return Said(0, "", "")

    def _manage(self, release: str, words: list[str]) -> Said:
        self.world.happens(self.name, f"manage {release} {' '.join(words)}")
        if words[0] == "balancer_config":
            self.configuration = f"{release} {agent.fleet_id(self.text)}"
            self.weights = {host.name: 100 for host in parse_fleet(self.text).web}
        return Said(0, "", "")

    def _haproxy(self, words: list[str]) -> str:
        answers = []
        for command in words[4:]:
            if command == "show stat":
                answers.append(self._statistics())
                continue
            clone, percent = command.split("/")[1].split()
            self.world.happens(self.name, f"weigh {clone} {percent}")
            self.weights[clone] = int(percent.rstrip("%"))
            answers.append("")
        return json.dumps(answers)

    def _statistics(self) -> str:
        rows = ["shop,FRONTEND,OPEN,,0,,1000,,0,,"]
        rows += [f"clones,{n},UP,{w},0,0,,9,0,0,0" for n, w in self.weights.items()]
        return COLUMNS + "\n".join(rows)
