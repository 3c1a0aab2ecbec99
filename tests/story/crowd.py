"""Many requests at once, and what came of them."""

from __future__ import annotations

import http.client
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from tests.story.visitor import Answer

BROKEN = (OSError, http.client.HTTPException)


@dataclass
class Outcome:
    """Statuses (0 for no answer at all) and how long each request took."""

    statuses: list[int] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)

    def failed(self) -> list[int]:
        return [status for status in self.statuses if status == 0 or status >= 500]

    def slower_than(self, seconds: float) -> int:
        return sum(each >= seconds for each in self.seconds)


def at_once(number: int, request: Callable[[int], Answer], threads: int) -> Outcome:
    """So many requests by so many threads, which start together."""
    outcome = Outcome()
    numbers = iter(range(number))
    lock, together = threading.Lock(), threading.Barrier(threads)

    def work() -> None:
        together.wait()
        while True:
            with lock:
                mine = next(numbers, None)
            if mine is None:
                return
            _ask(outcome, lambda mine=mine: request(mine))

    workers = [threading.Thread(target=work) for _ in range(threads)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    return outcome


def _ask(outcome: Outcome, request: Callable[[], Answer]) -> None:
    began = time.monotonic()
    try:
        status = request().status
    except BROKEN as error:
        status = 0
        outcome.problems.append(repr(error))
    outcome.seconds.append(time.monotonic() - began)
    outcome.statuses.append(status)
