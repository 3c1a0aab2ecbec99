"""What processes have used: processor time and memory, as the kernel counts them."""

from __future__ import annotations

import psutil

MB = 1024 * 1024


def family(pid: int) -> list[psutil.Process]:
    """The process and all that it has started."""
    server = psutil.Process(pid)
    return [server, *server.children(recursive=True)]


def cpu_seconds(pid: int) -> float:
    """Of a process and all that it has started, the ended ones too.

    The kernel counts in hundredths: measure what takes a second or longer.
    """
    own = psutil.Process(pid).cpu_times()
    total = own.user + own.system + own.children_user + own.children_system
    for child in psutil.Process(pid).children(recursive=True):
        times = child.cpu_times()
        total += times.user + times.system
    return total


def worker_megabytes(pid: int) -> list[float]:
    """PSS of each process that the server has started: memory that several share
    counts for each of them by its part."""
    children = psutil.Process(pid).children(recursive=True)
    return [child.memory_full_info().pss / MB for child in children]
