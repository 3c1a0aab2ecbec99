"""Log records of a line that is written again and again, at little cost.

For each record logging finds out anew from which process, thread, file and module it
comes. For one and the same line in one thread that is always the same.
"""

from __future__ import annotations

import logging
import os
import threading
import time
from typing import Any


class _Thread(threading.local):
    """What all records of one thread have in common, by their level."""

    def __init__(self) -> None:
        self.common: dict[int, dict[str, Any]] = {}


class Records:
    """Of one line: each record is as logger.makeRecord() makes it, in every thread."""

    def __init__(
        self, logger: logging.Logger, words: str, file: str, function: str
    ) -> None:
        self._made_by = (logger, words, file, function)
        self._begin_anew()
        # The thread that forked goes on in another process.
        os.register_at_fork(after_in_child=self._begin_anew)

    def _begin_anew(self) -> None:
        self._thread = _Thread()

    def make(
        self, level: int, args: tuple[Any, ...], extra: dict[str, Any]
    ) -> logging.LogRecord:
        """The names in `extra` are the same each time."""
        common = self._thread.common.get(level)
        if common is None or logging.getLogRecordFactory() is not logging.LogRecord:
            return self._first(level, args, extra)
        now = time.time()
        since = now - common["created"]
        record = logging.LogRecord.__new__(logging.LogRecord)
        record.__dict__ = common | extra
        record.args = args
        record.created = now
        record.msecs = float(int((now - int(now)) * 1000))
        record.relativeCreated += since * 1000
        return record

    def _first(
        self, level: int, args: tuple[Any, ...], extra: dict[str, Any]
    ) -> logging.LogRecord:
        logger, words, file, function = self._made_by
        record = logger.makeRecord(
            logger.name, level, file, 0, words, args, None, function, extra
        )
        # A copy: whoever formats the record adds to it.
        self._thread.common[level] = dict(vars(record))
        return record
