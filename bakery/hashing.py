"""Password hashing that cannot eat a server up.

A hash is made to be costly: 100 MB and a good part of a second of one core. A crowd of
log-ins, or somebody who plays one, would otherwise hold every core, every thread and
all memory of a process that also has bread to sell.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from threading import BoundedSemaphore
from typing import Any

from django.conf import settings
from django.contrib.auth.hashers import Argon2PasswordHasher

from shop.exceptions import InAMoment

logger = logging.getLogger(__name__)

LONGEST_WAIT = 2.0  # seconds
RETRY_SECONDS = 5


class Turns:
    """Lets one through at a time, few wait, the others are told to come back.

    Those who wait hold a thread of the process each, so they are never all of them.
    """

    def __init__(self, waiting: int, longest_wait: float = LONGEST_WAIT) -> None:
        self._room = BoundedSemaphore(1 + waiting)
        self._turn = BoundedSemaphore(1)
        self._longest_wait = longest_wait

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Raises InAMoment at once without room, or after the longest wait."""
        if not self._room.acquire(blocking=False):
            raise _in_a_moment()
        try:
            if not self._turn.acquire(timeout=self._longest_wait):
                raise _in_a_moment()
            try:
                yield
            finally:
                self._turn.release()
        finally:
            self._room.release()


def _in_a_moment() -> InAMoment:
    return InAMoment(
        "A lot of people are logging in just now. Please try again in a moment.",
        retry_seconds=RETRY_SECONDS,
    )


# Of this process: what has to be spared is its cores and its memory.
turns = Turns(waiting=max(1, settings.WEB_THREADS // 2))


class OneAtATimeArgon2(Argon2PasswordHasher):
    """Django's Argon2id on one core, one hash at a time in each process.

    Raises InAMoment when too many ask at once; nothing was checked or changed then.
    Each hash leaves a line in the log: how often somebody guessed can be counted there.
    """

    parallelism = 1

    def encode(self, password: str, salt: str) -> str:
        with turns.turn():
            logger.info("password hashed")
            return super().encode(password, salt)

    def verify(self, password: str, encoded: str) -> bool:
        with turns.turn():
            logger.info("password hashed")
            return super().verify(password, encoded)

    def harden_runtime(self, *args: Any) -> None:
        """Nothing: log-ins rehash what was made with other parameters."""
