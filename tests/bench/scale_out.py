"""How much more a fleet sells with each clone: python -m tests.bench.scale_out

Hosts on this machine, each of which may use a tenth of a processor, behind one
balancer, with one PostgreSQL. At each size the same shoppers read their baskets, which
no cache answers, as fast as they get them. Prints a table and a plot, and what balancer
and database have used meanwhile. Needs root, and a machine that has nothing else to do.
"""

from __future__ import annotations

import shlex
import sys
import tempfile
import threading
import time
from dataclasses import dataclass
from pathlib import Path

import django
import psutil

SIZES = (1, 2, 3, 4, 6, 8)
SHARE = 0.1  # of a processor, for each host
SECONDS = 12.0
SHOPPERS_EACH = 2  # for every clone: as many as it has room for, and they queue little


@dataclass(frozen=True)
class Row:
    """What one size of the fleet did."""

    clones: int
    per_second: float
    p50: float
    failed: int
    balancer: float  # processors that it used
    database: float

    def linear(self, one: Row) -> float:
        """How much of what so many clones could do if nothing limited them."""
        return self.per_second / (one.per_second * self.clones)


def main() -> None:
    from tests.hosts.machines import why_not
    from tests.hosts.shop import selling_fleet

    if reason := why_not():
        sys.exit(f"No hosts here: {reason}")
    with (
        tempfile.TemporaryDirectory() as folder,
        selling_fleet(Path(folder), max(SIZES)) as fleet,
    ):
        rows = measured(fleet)
    sys.stdout.write(table(rows) + "\n\n" + plot(rows) + "\n")


def measured(fleet) -> list[Row]:
    """One row for each size; the first half second of each does not count."""
    for host in fleet.fleet.web:
        fleet.ssh(host.name, "sv down bakery-work || true")
    time.sleep(3)
    for host in fleet.fleet.web:
        fleet[host.name].limit(SHARE)
    return [measure(fleet, size) for size in SIZES]


def measure(fleet, size: int) -> Row:
    """Only the first clones get shoppers; the others wait."""
    _choose(fleet, size)
    lines = [_basket(fleet) for _ in range(size * SHOPPERS_EACH)]
    stop = threading.Event()
    threads = [threading.Thread(target=_read, args=(line, stop)) for line in lines]
    for thread in threads:
        thread.start()
    time.sleep(2)
    for line in lines:
        line.done.clear()
    front, database = fleet["front"], fleet.backends.postgres.program.process.pid
    used = front.used_seconds(), _seconds_of(database)
    began = time.monotonic()
    time.sleep(SECONDS)
    took = time.monotonic() - began
    spent = front.used_seconds() - used[0], _seconds_of(database) - used[1]
    done = [each for line in lines for each in list(line.done)]
    stop.set()
    for thread in threads:
        thread.join()
    times = sorted(each.seconds for each in done)
    row = Row(
        clones=size,
        per_second=len(done) / took,
        p50=times[len(times) // 2],
        failed=sum(each.failed for each in done),
        balancer=spent[0] / took,
        database=spent[1] / took,
    )
    sys.stderr.write(f"{row}\n")
    return row


def _choose(fleet, size: int) -> None:
    from bakery.deploy.balancers import TELL

    words = [
        f"set server clones/{host.name} state {'ready' if n < size else 'maint'}"
        for n, host in enumerate(fleet.fleet.web)
    ]
    words += [
        f"set server clones/{host.name}-unchecked state maint"
        for host in fleet.fleet.web
    ]
    tell = ["python3", "-c", TELL, "/srv/bakery/var/balancer.sock", *words]
    fleet.ssh("front", shlex.join(tell))
    time.sleep(3)  # until the checks have found those up that come back


def _basket(fleet):
    """A shopper with three breads in the basket."""
    from tests.hosts.shoppers import BREADS, Line, _operation

    line = Line(fleet.url, [])
    line.get("/")
    for bread in BREADS[:3]:
        line.post("/basket/lines/", {"sku": bread, "quantity": 1} | _operation())
    return line


def _read(line, stop: threading.Event) -> None:
    while not stop.is_set():
        line.get("/basket/")


def _seconds_of(pid: int) -> float:
    """Of a process and all that it has started, the ended ones too."""
    server = psutil.Process(pid)
    own = server.cpu_times()
    total = own.user + own.system + own.children_user + own.children_system
    for child in server.children(recursive=True):
        times = child.cpu_times()
        total += times.user + times.system
    return total


def table(rows: list[Row]) -> str:
    """For the docs."""
    lines = [
        "| clones | requests/s | of linear | median | failed | balancer | database |",
        "| ---: | ---: | ---: | ---: | ---: | ---: | ---: |",
    ]
    for row in rows:
        lines.append(
            f"| {row.clones} | {row.per_second:.1f} | {row.linear(rows[0]):.0%} "
            f"| {row.p50 * 1000:.0f} ms | {row.failed} | {row.balancer:.3f} CPU "
            f"| {row.database:.3f} CPU |"
        )
    return "\n".join(lines)


def plot(rows: list[Row]) -> str:
    """One bar for each size; | is where a linear one would end."""
    top = rows[0].per_second * rows[-1].clones
    lines = []
    for row in rows:
        bar = "#" * round(60 * row.per_second / top)
        ideal = round(60 * row.clones / rows[-1].clones)
        lines.append(f"{row.clones:2} {bar:<{ideal}}|")
    return "\n".join(lines)


if __name__ == "__main__":
    import os

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "settings.prod")
    django.setup()
    main()
