"""Many changes at the same moment, through few threads, each with its connection."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from django.db import connection, connections, transaction

THREADS = 16

Job = Callable[[int], Any]


def all_at_once(job: Job, times: int, threads: int = THREADS) -> list[Any]:
    """job(0) ... job(times - 1) in threads that begin together, each with its own
    connection; what they gave, in that order."""
    start = threading.Barrier(threads)
    jobs = iter(range(times))
    answers: dict[int, Any] = {}
    taking = threading.Lock()

    def work(_: int) -> None:
        try:
            start.wait()
            while True:
                with taking:
                    number = next(jobs, None)
                if number is None:
                    return
                answers[number] = job(number)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(work, range(threads)))
    return [answers[number] for number in range(times)]


def while_another_waits(first: Callable[[], Any], second: Callable[[], Any]) -> Any:
    """Do first, and commit it only when second, begun meanwhile, waits for it; what
    second gave."""

    def work() -> Any:
        try:
            return second()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            first()
            waiting = pool.submit(work)
            while not waiting.done() and not somebody_waits():
                pass
        return waiting.result()


def while_others_queue(hold: Callable[[], Any], *others: Callable[[], Any]) -> list:
    """Hold something until each of the others, begun one after another, waits for it
    or for one before; what they gave or raised. On PostgreSQL only: it has row locks.
    """

    def work(other: Callable[[], Any]) -> Any:
        try:
            return other()
        except Exception as error:  # the test looks at it
            return error
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(others)) as pool:
        with transaction.atomic():
            hold()
            queue = []
            for number, other in enumerate(others):
                queue.append(pool.submit(work, other))
                while not queue[-1].done() and not somebody_waits(more_than=number):
                    pass
        return [each.result() for each in queue]


def somebody_waits(more_than: int = 0) -> bool:
    """SQLite cannot tell; there the second begins after the first, which is enough."""
    if connection.vendor == "sqlite":
        return True
    with connection.cursor() as cursor:
        # In this database only: other tests wait for locks on the same server. And as
        # it is now: a transaction goes on seeing what it saw first.
        cursor.execute("SELECT pg_stat_clear_snapshot()")
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity "
            "WHERE datname = current_database() AND wait_event_type = 'Lock'"
        )
        return cursor.fetchone()[0] > more_than
