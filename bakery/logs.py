"""One line per log record: JSON for a fleet's collector, readable on one machine.

Whatever a record holds, it stays one line: an address with a line break in it cannot
write a line of its own. Secrets in paths are left out; names, addresses and mails are
nobody's to log in the first place.
"""

from __future__ import annotations

import json
import logging
import re
import time
from contextvars import ContextVar
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

# The request that is being answered in this thread; set by IdentityMiddleware.
request_id: ContextVar[str] = ContextVar("request_id", default="")

# Asked several times a second by machines.
PROBES = ("/up", "/ready", "/metrics")
# Who knows an order's address may open it.
SECRET_IN_PATH = re.compile(r"(/order/)[^/\s?\"']+")
CONTROL = re.compile(r"[\x00-\x1f\x7f\x85\u2028\u2029]")
PLAIN = (str, int, float, bool, type(None))
USUAL = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}


class ReadableLines(logging.Formatter):
    """Time, level, module, words; a traceback follows, indented."""

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s %(message)s")

    def format(self, record: logging.LogRecord) -> str:
        if record.exc_info or record.exc_text or record.stack_info:
            return super().format(record)
        record.message = record.getMessage()
        record.asctime = self.formatTime(record)
        return self.formatMessage(record)

    def formatTime(self, record: logging.LogRecord, datefmt: str | None = None) -> str:
        return f"{_local_second(int(record.created))},{int(record.msecs):03d}"

    def formatMessage(self, record: logging.LogRecord) -> str:
        words = f"{record.asctime} {record.levelname} {record.name} {record.message}"
        line = one_line(words)
        request = request_id.get()
        return f"{line} request={request}" if request else line

    def formatException(self, ei: Any) -> str:
        trace = super().formatException(ei)
        return "\n".join(f"  | {one_line(line)}" for line in trace.splitlines())


class JsonLines(logging.Formatter):
    """time, level, logger, message, request, clone, release, and the event's fields.

    The fields are the plain values of `extra`; objects in it, as Django's own records
    carry the request, stay out.
    """

    def __init__(self, clone: str, release: str) -> None:
        super().__init__()
        self.clone = clone
        self.release = release

    def format(self, record: logging.LogRecord) -> str:
        line = _fields(record) | {
            "time": _instant(record.created),
            "level": record.levelname,
            "logger": record.name,
            "message": without_secrets(record.getMessage()),
            "request": request_id.get(),
            "clone": self.clone,
            "release": self.release,
        }
        if record.exc_info:
            line["trace"] = without_secrets(self.formatException(record.exc_info))
        return json.dumps(line)


class WithoutProbes(logging.Filter):
    """Leaves out Django's words about a 503 of /ready: the balancer asks on and on."""

    def filter(self, record: logging.LogRecord) -> bool:
        request = getattr(record, "request", None)
        return getattr(request, "path", None) not in PROBES


def one_line(text: str) -> str:
    """The text without secrets, and with every control character spelled out."""
    clean = without_secrets(text)
    return clean if clean.isprintable() else CONTROL.sub(_spelled_out, clean)


def without_secrets(text: str) -> str:
    """The text with the secret of an order's address left out."""
    return SECRET_IN_PATH.sub(r"\1-", text) if "/order/" in text else text


def _spelled_out(found: re.Match[str]) -> str:
    return found[0].encode("unicode_escape").decode()


def _fields(record: logging.LogRecord) -> dict[str, Any]:
    return {
        name: without_secrets(value) if isinstance(value, str) else value
        for name, value in vars(record).items()
        if name not in USUAL and isinstance(value, PLAIN)
    }


@lru_cache(maxsize=2)
def _local_second(second: int) -> str:
    return time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(second))


def _instant(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="milliseconds")
