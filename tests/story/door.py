"""A clone asked at its own door, as the balancer asks it: for whoever is elsewhere."""

from __future__ import annotations

import http.client
from dataclasses import dataclass

from tests.story.visitor import Visitor


@dataclass
class Door(Visitor):
    """The port is the clone's. It trusts who asks from this machine."""

    address: str = "198.51.100.7"

    def _connection(self) -> http.client.HTTPConnection:
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=self.seconds)

    def _headers(self, at: str) -> dict[str, str]:
        forwarded = {"X-Forwarded-For": self.address, "X-Forwarded-Proto": "https"}
        return super()._headers(at) | forwarded
