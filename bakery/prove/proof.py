"""A whole proof: rounds over the clones, then one through the balancer.

A round is two walks: of a guest, and of a shopper with an account.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from bakery.prove.account import AccountWalk
from bakery.prove.behind import reserved_goods
from bakery.prove.comparing import Difference
from bakery.prove.doors import Door, Shopper
from bakery.prove.walk import Done, Walk


@dataclass(frozen=True)
class Wanted:
    """What is to be proved. Without a balancer only the clones are asked."""

    site: str
    clones: Sequence[Door]
    chosen: Door | None = None
    balancer: Door | None = None
    rounds: int = 1
    certificate: Path | None = None


@dataclass
class Report:
    """How far it came. Without a difference everything was the same everywhere."""

    clones: list[str]
    chosen: str
    walks: list[list[Done]] = field(default_factory=list)
    compared: int = 0
    difference: Difference | None = None

    def as_dict(self) -> dict[str, Any]:
        return {
            "same": self.difference is None,
            "clones": self.clones,
            "chosen": self.chosen,
            "pages_compared": self.compared,
            "walks": [[asdict(done) for done in walk] for walk in self.walks],
            "difference": self.difference and self.difference.as_dict(),
        }

    def in_words(self) -> str:
        if self.difference:
            return self.difference.in_words()
        walks = "1 walk" if len(self.walks) == 1 else f"{len(self.walks)} walks"
        who = f"{self.chosen} like the others" if self.chosen else "each step elsewhere"
        return (
            f"The same everywhere: {walks}, {who}, {len(self.clones)} clones, "
            f"{self.compared} pairs of pages compared."
        )


def prove(wanted: Wanted, tell: Callable[[Done], None] = lambda done: None) -> Report:
    """Walk until the first difference, on reserved goods, and clean up.

    Raises NoAnswer when a clone or the balancer does not answer, and OtherProof.
    """
    chosen = str(wanted.chosen or "")
    report = Report([door.name for door in wanted.clones], chosen)
    greet(wanted)
    with reserved_goods():
        try:
            for walk in _walks(wanted, tell):
                report.walks.append(walk.done)
                try:
                    walk.go()
                finally:
                    report.compared += walk.compared
        except Difference as difference:
            report.difference = difference
    return report


def greet(wanted: Wanted) -> None:
    """Is everybody there? Raises NoAnswer before anything is begun."""
    shopper = Shopper(urlsplit(wanted.site), wanted.certificate, seconds=5)
    for door in [*wanted.clones, *([wanted.balancer] if wanted.balancer else [])]:
        shopper.get(door, "/up")


def _walks(wanted: Wanted, tell: Callable[[Done], None]) -> list[Walk]:
    doors = [wanted.chosen] if wanted.chosen else wanted.clones
    walks = [
        kind(_shopper(wanted), doors, wanted.clones, tell, turn=number)
        for number in range(wanted.rounds)
        for kind in (Walk, AccountWalk)
    ]
    if wanted.balancer:
        balancer = [wanted.balancer]
        walks += [
            kind(_shopper(wanted), balancer, wanted.clones, tell, twice=True)
            for kind in (Walk, AccountWalk)
        ]
    return walks


def _shopper(wanted: Wanted) -> Shopper:
    return Shopper(urlsplit(wanted.site), wanted.certificate)
