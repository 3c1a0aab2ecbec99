"""Which release each host is on, and whether that can be explained. Pure.

A mixture is what an interrupted deploy has left, or who was left out of the last one.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator
from dataclasses import dataclass

from bakery.deploy.preflight import Fault, States
from bakery.deploy.record import Entry


@dataclass(frozen=True)
class Situation:
    """Which release the hosts are on, and to which a failure goes back."""

    former: dict[str, str]  # by host; "" for a new one
    interrupted: Entry | None = None

    def before(self, host: str, release: str) -> str:
        """Where this host goes back to: not to what is being brought, where any host
        has another. After an interrupted deploy it is the release of before that one.
        """
        own = self.former[host]
        if own and own != release:
            return own
        if self.interrupted and self.interrupted.former != release:
            return self.interrupted.former
        others = Counter(
            each for each in self.former.values() if each not in ("", release)
        )
        # With the same release everywhere it is the fleet file that was changed.
        return others.most_common(1)[0][0] if others else own

    def has_former(self, release: str) -> bool:
        """Does any host run another release than the one that is being brought?"""
        return any(each not in ("", release) for each in self.former.values())


def faults_of_mixture(
    states: States,
    release: str,
    interrupted: Entry | None,
    left_out: Collection[str] = (),
) -> Iterator[Fault]:
    """Hosts on several releases, unless an interrupted deploy explains them all, or
    they were left out of the last one.

    It is finished by deploying its release, and undone by deploying the former one.
    """
    known = {n: r for n, r in releases_by_host(states).items() if n not in left_out}
    present = {each for each in known.values() if each}
    if len(present) < 2:
        return
    explained = {interrupted.release, interrupted.former} if interrupted else set()
    told = _told(known)
    if not present <= explained:
        yield Fault(
            "fleet",
            f"hosts run different releases, and no deploy of ours explains it: {told}",
            "Find out who did that. `deploy --mixed` brings them to one release.",
        )
    elif release not in explained:
        yield Fault(
            "fleet",
            f"a {interrupted.kind} of {interrupted.owner} was interrupted at "
            f"{interrupted.at}: {told}",
            f"Finish it (`deploy {interrupted.release}`), or undo it (`rollback`).",
        )


def _told(known: dict[str, str]) -> str:
    return "; ".join(
        f"{each} on {', '.join(n for n, r in known.items() if r == each)}"
        for each in sorted({*known.values()} - {""})
    )


def releases_by_host(states: States) -> dict[str, str]:
    return {name: str(state.get("current") or "") for name, state in states.items()}
