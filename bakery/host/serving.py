"""Asks the host's own web server: what it serves, whether it may, what it works on."""

from __future__ import annotations

import http.client
import json
import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from bakery.host.disk import write_whole
from bakery.host.layout import Layout

ANSWER_SECONDS = 3
KEPT_SECONDS = 900  # so long a start leaves a drain as it is that a switch has begun
HERE = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # nosec B104: asked, not bound
IN_FLIGHT = re.compile(r"^bakery_requests_in_flight ([0-9.]+)$", re.M)
Say = Callable[..., object]


@dataclass
class Patience:
    """Seconds for each step."""

    settle: float = 1.5  # until balancers have noticed a drain
    drain: float = 30  # until the last request is answered
    ready: float = 60  # until the new release is ready


@dataclass(frozen=True)
class Answer:
    status: int  # 0: nobody answered
    release: str
    body: str

    @property
    def facts(self) -> dict[str, Any]:
        try:
            return dict(json.loads(self.body))
        except ValueError:
            return {}


class WebServer:
    """The one of this host, by what shared/host says."""

    def __init__(self, layout: Layout, facts: Mapping[str, str]) -> None:
        name = re.sub(r"[^A-Za-z0-9.-]", "_", facts["CLONE_ID"])
        self.flag = layout.var / f"drain.{name}"
        self.address = HERE.get(facts["BIND"], facts["BIND"])
        self.port = int(facts["PORT"])
        self.host = urlsplit(facts["SITE_URL"]).netloc

    def ask(self, path: str) -> Answer:
        asked = http.client.HTTPConnection(self.address, self.port, ANSWER_SECONDS)
        try:
            asked.request("GET", path, headers={"Host": self.host})
            answer = asked.getresponse()
            body = answer.read().decode(errors="replace")
            return Answer(answer.status, answer.headers.get("X-Release", ""), body)
        except (OSError, http.client.HTTPException):
            return Answer(0, "", "")
        finally:
            asked.close()

    @property
    def is_draining(self) -> bool:
        return self.flag.exists()

    def drain(self, *, through_a_start: bool = False) -> None:
        """Customers go elsewhere; with the next start they come again, or not."""
        until = f"{time.time() + KEPT_SECONDS:.0f}" if through_a_start else ""
        write_whole(self.flag, until)

    def undrain(self) -> None:
        self.flag.unlink(missing_ok=True)

    def wait_until_idle(self, settle: float, seconds: float) -> int | None:
        """What it still works on after so many seconds at most; None: it cannot say.

        First of all the balancers get the time to notice.
        """
        time.sleep(settle)
        until = time.monotonic() + seconds
        while (left := self.in_flight()) and time.monotonic() < until:
            time.sleep(0.1)
        return left

    def in_flight(self) -> int | None:
        found = IN_FLIGHT.search(self.ask("/metrics").body)
        return int(float(found[1])) if found else None

    def wait_until_it_is(self, release: str, seconds: float) -> bool:
        """Does a server of that release answer in time, draining or not?"""
        return self._in_time(seconds, lambda: self.ask("/up").release == release)

    def wait_until_ready(self, release: str, seconds: float) -> bool:
        """May it have customers in time? Any release counts for ""."""

        def is_ready() -> bool:
            answer = self.ask("/ready")
            return answer.status == 200 and release in ("", answer.release)

        return self._in_time(seconds, is_ready)

    def _in_time(self, seconds: float, true: Callable[[], bool]) -> bool:
        until = time.monotonic() + seconds
        while not true():
            if time.monotonic() > until:
                return False
            time.sleep(0.1)
        return True
