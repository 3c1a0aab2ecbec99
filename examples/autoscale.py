#!/usr/bin/env python3
"""Gives a fleet more clones when they are busy, and fewer when they are not.

    python3 examples/autoscale.py fleet.toml --least 2 --most 8 [--dry-run]

Needs Python 3.11 and runs where `deploy` runs: beside manage.py, with your ssh key, in
the network of the hosts (/metrics answers nobody who comes through a balancer). It asks
each clone how many requests it is working on (bakery_requests_in_flight); a clone can
work on workers x threads at once, and the share of that is how busy the fleet is.

    up      as soon as the last three looks all say busier than 0.7: by as many as bring
            it down to 0.5, but at most to twice as many
    down    by one, when twenty looks in a row (five minutes) say that the others would
            be less busy than 0.5 without it
    never   below --least or above --most; or while a clone does not answer, because
            then a number means little and the balancer has already sent shoppers on
            (up is still allowed: the missing one counts as busy as can be)

After each change it forgets what it has seen, so that the next one is about the new
fleet. `fleet scale` drains whoever leaves. When somebody else is changing the fleet
(exit code 5) or it fails, the next look decides anew.
"""

from __future__ import annotations

import argparse
import math
import re
import subprocess
import sys
import time
import tomllib
import urllib.parse
import urllib.request
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

BUSY = 0.7
WELL = 0.5  # what is aimed at
LOOKS_UP = 3
LOOKS_DOWN = 20
ANSWER_SECONDS = 3
WORKERS, THREADS, PORT = 3, 4, 8000  # as in fleet.example.toml
IN_FLIGHT = re.compile(r"^bakery_requests_in_flight ([0-9.]+)$", re.MULTILINE)
MANAGE = Path(__file__).resolve().parent.parent / "manage.py"


class Clone(NamedTuple):
    address: str
    slots: int  # requests that it can work on at once


class Look(NamedTuple):
    """What the clones said at one moment."""

    share: float  # of all slots, taken; those of silent clones count as taken
    silent: int  # clones that did not answer


def wanted(clones: int, looks: Sequence[Look], least: int, most: int) -> int:
    """How many clones there should be, by what was seen since the last change. Pure."""
    if not least <= clones <= most:
        return min(max(clones, least), most)
    lately = looks[-LOOKS_UP:]
    if len(lately) == LOOKS_UP and all(look.share > BUSY for look in lately):
        # The calmest of them: a peak of one moment is none.
        enough = math.ceil(clones * min(look.share for look in lately) / WELL)
        return min(enough, clones * 2, most)
    calm = looks[-LOOKS_DOWN:]
    fewer = clones - 1
    if len(calm) == LOOKS_DOWN and fewer >= least and all(
        not look.silent and look.share * clones < WELL * fewer for look in calm
    ):  # fmt: skip
        return fewer
    return clones


def clones_in(file: Path) -> tuple[str, list[Clone]]:
    """The shop's host name, and the web hosts of a fleet file."""
    facts = tomllib.loads(file.read_text())
    found = [
        Clone(
            where(host["address"], host.get("port", PORT)),
            host.get("workers", WORKERS) * host.get("threads", THREADS),
        )
        for host in facts["hosts"].values()
        if "web" in host["roles"]
    ]
    return urllib.parse.urlsplit(facts["site_url"]).netloc, found


def where(address: str, port: int) -> str:
    return f"[{address}]:{port}" if ":" in address else f"{address}:{port}"


def look(site: str, clones: Sequence[Clone]) -> Look:
    with ThreadPoolExecutor(len(clones)) as threads:
        found = list(threads.map(lambda clone: in_flight(site, clone), clones))
    pairs = list(zip(found, clones, strict=True))
    taken = sum(c.slots if n is None else min(n, c.slots) for n, c in pairs)
    return Look(taken / sum(clone.slots for clone in clones), found.count(None))


def in_flight(site: str, clone: Clone) -> float | None:
    """None: it did not say."""
    address = f"http://{clone.address}/metrics"
    asked = urllib.request.Request(address, headers={"Host": site})
    try:
        with urllib.request.urlopen(asked, timeout=ANSWER_SECONDS) as answer:
            said = IN_FLIGHT.search(answer.read().decode())
    except (OSError, ValueError):
        return None
    return float(said[1]) if said else None


def scale(file: Path, number: int, *, dry: bool) -> None:
    command = [sys.executable, str(MANAGE), "fleet", "scale", str(number)]
    command += ["--file", str(file)]
    tell(" ".join(command))
    if not dry:
        ended = subprocess.run(command, check=False, stdin=subprocess.DEVNULL)
        tell(f"that ended with {ended.returncode}")


def tell(words: str) -> None:
    sys.stdout.write(f"{time.strftime('%H:%M:%S')} {words}\n")
    sys.stdout.flush()


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("file", type=Path, help="the fleet file")
    parser.add_argument("--least", type=int, default=2, metavar="N")
    parser.add_argument("--most", type=int, default=8, metavar="N")
    parser.add_argument("--every", type=float, default=15, metavar="SECONDS")
    parser.add_argument("--looks", type=int, metavar="N", help="end after so many")
    parser.add_argument("--dry-run", action="store_true", help="only tell")
    given = parser.parse_args()
    if not 1 <= given.least <= given.most:
        parser.error("--least is at least 1, and not more than --most")
    looks: list[Look] = []
    done = 0
    while given.looks is None or done < given.looks:
        if done:
            time.sleep(given.every)
        done += 1
        site, clones = clones_in(given.file)  # anew: others change it too
        looks = [*looks[-LOOKS_DOWN:], look(site, clones)]
        tell(f"{len(clones)} clones, busy {looks[-1].share:.2f}, "
             f"silent {looks[-1].silent}")  # fmt: skip
        number = wanted(len(clones), looks, given.least, given.most)
        if number != len(clones):
            scale(given.file, number, dry=given.dry_run)
            looks = []


if __name__ == "__main__":
    main()
