"""How much of the processors a host may use: control groups of either version."""

from __future__ import annotations

import time
from contextlib import suppress
from pathlib import Path

PERIOD = 100_000  # microseconds
V2 = Path("/sys/fs/cgroup")


class NoQuota(Exception):
    """The machine lets nobody limit processors; the message says why."""


def group_of_processors() -> Path:
    """Where groups of processes can be limited. Raises NoQuota."""
    controllers = V2 / "cgroup.controllers"
    if controllers.exists():
        if "cpu" not in controllers.read_text().split():
            raise NoQuota("the control groups of this machine have no cpu controller")
        try:
            (V2 / "cgroup.subtree_control").write_text("+cpu")
        except OSError as error:
            raise NoQuota(f"the cpu controller cannot be handed on: {error}") from error
        return V2
    for line in Path("/proc/mounts").read_text().splitlines():
        _, where, kind, options, *_ = line.split()
        if kind == "cgroup" and "cpu" in options.split(","):
            return Path(where)
    raise NoQuota("no control group of processors is mounted")


def join(name: str, pid: int) -> None:
    """Put a process, and all that it will start, into the group of this name."""
    folder = group_of_processors() / name
    folder.mkdir(exist_ok=True)
    (folder / "cgroup.procs").write_text(str(pid))


def limit(name: str, processors: float | None) -> None:
    """0.5 is half a processor; None takes the limit away. Raises NoQuota."""
    folder = group_of_processors() / name
    quota = None if processors is None else int(processors * PERIOD)
    if (folder / "cpu.max").exists():
        (folder / "cpu.max").write_text(f"{quota or 'max'} {PERIOD}")
    else:
        (folder / "cpu.cfs_period_us").write_text(str(PERIOD))
        (folder / "cpu.cfs_quota_us").write_text(str(quota or -1))


def members(name: str) -> list[int]:
    """The processes in the group; none when there is no such group."""
    try:
        processes = (group_of_processors() / name / "cgroup.procs").read_text()
    except (NoQuota, OSError):
        return []
    return [int(pid) for pid in processes.split()]


def used_seconds(name: str) -> float:
    """Processor time that the group has used so far. Raises NoQuota."""
    folder = group_of_processors() / name
    if (folder / "cpu.max").exists():
        facts = dict(
            line.split() for line in (folder / "cpu.stat").read_text().splitlines()
        )
        return int(facts["usage_usec"]) / 1e6
    ticks = 0.0
    for pid in members(name):
        with suppress(OSError):
            words = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
            ticks += sum(int(word) for word in words[11:15])
    return ticks / 100


def forget_quota(name: str, seconds: float = 5) -> None:
    """Remove the group as soon as its last process has ended. Repeatable."""
    try:
        folder = group_of_processors() / name
    except NoQuota:
        return
    until = time.monotonic() + seconds
    while folder.exists() and time.monotonic() < until:
        with suppress(OSError):
            folder.rmdir()
            return
        time.sleep(0.02)
