"""Shoppers in a process of their own: python -m tests.bench.client < work.json

One thread and a selector keep some connections busy with visits, each a generator that
yields a request and is given its answer. The work names the visits, says how many of
them and how many connections; what they found, and how long each request took, goes to
standard output as JSON.
"""

from __future__ import annotations

import importlib
import json
import selectors
import socket
import sys
import time
from collections import Counter, deque
from collections.abc import Generator, Iterator
from contextlib import suppress
from typing import Any, NamedTuple

HEADERS_END = b"\r\n\r\n"
CHUNK = 262_144
PATIENCE = 60  # seconds without any answer, until the run is given up


class Answer(NamedTuple):
    status: int
    headers: bytes  # as they came, the status line too
    body: bytes

    def header(self, name: bytes) -> bytes:
        """Of the first header of this name (in the server's own case); else b""."""
        found = self.headers.partition(b"\r\n" + name + b": ")[2]
        return found.partition(b"\r\n")[0]


Visit = Generator[bytes, Answer, Any]


class Run:
    """All connections of one run, and what they have found."""

    def __init__(self, port: int, visits: Iterator[Visit], ahead: int) -> None:
        self.address = ("127.0.0.1", port)
        self.visits = visits
        self.ahead = ahead  # requests on their way on one connection
        self.selector = selectors.DefaultSelector()
        self.statuses: Counter[int] = Counter()
        self.milliseconds: list[float] = []
        self.results: list[Any] = []

    def go(self, connections: int) -> float:
        """Until there is no visit left. Seconds. Raises TimeoutError."""
        began = time.perf_counter()
        for _ in range(connections):
            Line(self).fill()
        while self.selector.get_map():
            ready = self.selector.select(PATIENCE)
            if not ready:
                raise TimeoutError(f"No answer for {PATIENCE} seconds.")
            for key, _ in ready:
                key.data.read()
        return time.perf_counter() - began


class Line:
    """One kept connection; made anew when the server closes it."""

    def __init__(self, run: Run) -> None:
        self.run = run
        self.under_way: deque[tuple[Visit, bytes, float]] = deque()
        self.received = b""
        self._connect()

    def _connect(self) -> None:
        self.socket = socket.create_connection(self.run.address)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.run.selector.register(self.socket, selectors.EVENT_READ, self)

    def _close(self) -> None:
        self.run.selector.unregister(self.socket)
        self.socket.close()

    def fill(self) -> None:
        """Begin visits until enough is under way; without any left, close."""
        requests = []
        while len(self.under_way) < self.run.ahead:
            visit = next(self.run.visits, None)
            if visit is None:
                break
            request = next(visit)
            self.under_way.append((visit, request, time.perf_counter()))
            requests.append(request)
        if requests:
            self._send(b"".join(requests))
        elif not self.under_way:
            self._close()

    def read(self) -> None:
        try:
            received = self.socket.recv(CHUNK)
        except ConnectionError:
            received = b""
        if not received:
            self._again()
            return
        self.received = self.received + received if self.received else received
        closes, start = False, 0
        while answer_and_end := answer_in(self.received, start):
            answer, start = answer_and_end
            closes = closes or b"\r\nconnection: close" in answer.headers.lower()
            self._take(answer)
        self.received = self.received[start:]
        if closes:
            self._again()
        else:
            self.fill()

    def _take(self, answer: Answer) -> None:
        visit, _, began = self.under_way.popleft()
        self.run.milliseconds.append((time.perf_counter() - began) * 1000)
        self.run.statuses[answer.status] += 1
        try:
            request = visit.send(answer)
        except StopIteration as end:
            if end.value is not None:
                self.run.results.append(end.value)
            return
        self.under_way.append((visit, request, time.perf_counter()))
        self._send(request)

    def _send(self, request: bytes) -> None:
        """If the server has closed meanwhile, reading says so next, and it is asked
        again on another connection."""
        with suppress(ConnectionError):
            self.socket.sendall(request)

    def _again(self) -> None:
        """The server has closed: what has no answer yet is asked again elsewhere."""
        self._close()
        self.received = b""
        self._connect()
        for _, request, _ in self.under_way:
            self.socket.sendall(request)
        self.fill()


def answer_in(received: bytes, start: int) -> tuple[Answer, int] | None:
    """The first whole answer from there on, and where it ends."""
    end = received.find(HEADERS_END, start)
    if end < 0:
        return None
    headers = received[start:end]
    status = int(headers[9:12])
    body_from = end + len(HEADERS_END)
    body_to = body_from + (0 if status in (204, 304) else _length(headers))
    if len(received) < body_to:
        return None
    return Answer(status, headers, received[body_from:body_to]), body_to


def _length(headers: bytes) -> int:
    found = headers.lower().partition(b"\r\ncontent-length:")[2]
    if not found:
        raise ValueError(f"An answer without a length: {headers[:500]!r}")
    return int(found.partition(b"\r\n")[0])


def main() -> None:
    work = json.load(sys.stdin)
    module, _, name = work["visits"].partition(":")
    visits = getattr(importlib.import_module(module), name)(**work["arguments"])
    run = Run(work["port"], visits, work["ahead"])
    seconds = run.go(work["connections"])
    found = {"seconds": seconds, "statuses": run.statuses, "results": run.results}
    json.dump(found | {"milliseconds": run.milliseconds}, sys.stdout)


if __name__ == "__main__":
    main()
