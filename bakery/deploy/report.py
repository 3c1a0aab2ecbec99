"""What a deploy has done: kept while it goes, told at the end."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from typing import Any

from bakery.deploy.figures import AtBalancer


@dataclass(frozen=True)
class Step:
    """Something that was done, on one host or ("") on none in particular."""

    seconds: float  # since the beginning
    host: str
    words: str


@dataclass
class Report:
    """`failed_at` is empty when all went well."""

    kind: str  # deploy, rollback
    release: str
    tell: Callable[[Step], None] = lambda step: None
    former: dict[str, str] = field(default_factory=dict)  # releases by host, before
    steps: list[Step] = field(default_factory=list)
    switched: list[str] = field(default_factory=list)  # or were about to be
    failed_at: str = ""
    failed_on: str = ""
    why: str = ""
    unexpected: Exception | None = None  # a fault of ours, and no host's
    went_back: list[str] = field(default_factory=list)
    not_back: dict[str, str] = field(default_factory=dict)  # and what is wrong there
    left: list[str] = field(default_factory=list)  # to be done by hand; nothing fails
    requests: int | None = None  # that the balancers answered meanwhile
    failed_requests: int | None = None
    canary: str = ""
    began: float = field(default_factory=time.monotonic)

    def say(self, words: str, host: object = "") -> None:
        """Keep a step, and let who watches see it."""
        step = Step(round(time.monotonic() - self.began, 1), str(host), words)
        self.steps.append(step)
        self.tell(step)

    def leave(self, words: str, host: object = "") -> None:
        """Something that nobody needs for selling could not be done."""
        self.say(words, host)
        self.left.append(f"{host}: {words}" if host else words)

    def fail(self, at: str, host: str, why: str) -> None:
        """Remember the first failure: what comes after follows from it."""
        self.say(f"failed at {at}: {why}", host)
        if not self.failed_at:
            self.failed_at, self.failed_on, self.why = at, host, why

    def count(self, before: Statistics, after: Statistics) -> None:
        """How many requests there were and how many failed, by the balancers' front."""
        pairs = [
            (before[name]["FRONTEND"], at["FRONTEND"])
            for name, at in after.items()
            if "FRONTEND" in at and "FRONTEND" in before.get(name, {})
        ]
        if pairs:
            self.requests = sum(_more(a.requests, b.requests) for a, b in pairs)
            self.failed_requests = sum(_more(a.errors, b.errors) for a, b in pairs)

    @property
    def ok(self) -> bool:
        return not self.failed_at

    @property
    def seconds(self) -> float:
        return round(time.monotonic() - self.began, 1)

    def as_dict(self) -> dict[str, Any]:
        shown = {
            name: getattr(self, name)
            for name in (
                *("kind", "release", "ok", "seconds", "former", "canary", "failed_at"),
                *("failed_on", "why", "switched", "went_back", "not_back", "left"),
                *("requests", "failed_requests"),
            )
        }
        return shown | {"steps": [asdict(step) for step in self.steps]}

    def in_words(self) -> str:
        left = [f"Left to you: {words}" for words in self.left]
        return "\n".join([*self._outcome(), *left, *self._traffic()])

    def _outcome(self) -> list[str]:
        number = len(self.former)
        hosts = "1 host" if number == 1 else f"{number} hosts"
        if self.ok:
            told = f"{self.release} is on {hosts}, after {self.seconds:.0f} s."
            return [told, *([f"Canary: {self.canary}"] if self.canary else [])]
        where = f" on {self.failed_on}" if self.failed_on else ""
        lines = [f"{self.release} failed at {self.failed_at}{where}:", f"  {self.why}"]
        if self.went_back:
            lines.append(f"Back on the former release: {', '.join(self.went_back)}.")
        lines += [f"NOT back: {name}: {words}" for name, words in self.not_back.items()]
        if not self.switched:
            lines.append("No host had been switched: the fleet is as it was.")
        return lines

    def _traffic(self) -> list[str]:
        if self.requests is None:
            return []
        share = self.failed_requests / self.requests * 100 if self.requests else 0
        return [
            f"Meanwhile the balancers answered {self.requests} requests; "
            f"{self.failed_requests} failed ({share:.2f} %)."
        ]


Statistics = dict[str, dict[str, AtBalancer]]


def _more(before: int, after: int) -> int:
    """Since then; a balancer that was started anew counts from nought."""
    return after - before if after >= before else after
