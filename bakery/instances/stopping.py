"""Steps that a signal must not part: it counts when they are done."""

from __future__ import annotations

import contextlib
import signal
from collections.abc import Iterator

from bakery.deploy.signals import NUMBERS, Stopped


@contextlib.contextmanager
def to_the_end() -> Iterator[None]:
    """What is told to stop meanwhile stops afterwards. In the main thread alone."""
    heard: list[int] = []

    def hear(number: int, *_: object) -> None:
        heard.append(number)

    before = {number: signal.getsignal(number) for number in NUMBERS}
    for number, handler in before.items():
        if handler != signal.SIG_IGN:
            signal.signal(number, hear)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
    if heard:
        raise Stopped
