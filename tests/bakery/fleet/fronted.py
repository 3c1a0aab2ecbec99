"""A real HAProxy with the fleet's configuration, and a clone that is told its answers.

The clone answers as a test tells it to and notes what it is asked.
"""

from __future__ import annotations

import http.client
import threading
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from bakery.servers.process import Program
from basket import tokens

PUBLIC = {
    "Content-Type": "text/html; charset=utf-8",
    "Cache-Control": "public, max-age=0, s-maxage=60",
    "ETag": 'W/"as-it-is"',
}


class Told(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        clone: Behind = self.server.clone
        headers = {} if self.path.startswith("/ready") else clone.answers
        if headers:
            clone.asked.append(self.headers)
        self.send_response(int(headers.get(":status", 200)))
        for name, value in headers.items():
            if not name.startswith(":"):
                self.send_header(name, value)
        self.send_header("Content-Length", "4")
        self.end_headers()
        if self.command != "HEAD":
            with suppress(ConnectionError):  # a probe asks for no more than the head
                self.wfile.write(b"page")

    do_POST = do_HEAD = do_GET

    def log_message(self, *words: object) -> None:
        """Nobody reads it."""


class Listening(ThreadingHTTPServer):
    request_queue_size = 128  # of as many as come at once
    daemon_threads = True


class Behind:
    """The clone: what it answers, and what it was asked."""

    def __init__(self) -> None:
        self.answers: dict[str, str] = dict(PUBLIC)
        self.asked: list[http.client.HTTPMessage] = []
        self.server = Listening(("127.0.0.1", 0), Told)
        self.server.clone = self
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    @property
    def mark(self) -> str | None:
        """What the balancer has told with the last request."""
        return self.asked[-1][tokens.BALANCER_HEADER]


class Front:
    """The balancer, from outside."""

    def __init__(self, program: Program) -> None:
        self.program = program

    def get(
        self, path: str, method: str = "GET", **headers: str
    ) -> http.client.HTTPResponse:
        line = self.line()
        answer = ask(line, path, method, **headers)
        line.close()
        return answer

    def line(self) -> http.client.HTTPConnection:
        return http.client.HTTPConnection("127.0.0.1", self.program.port, timeout=10)


def ask(
    line: http.client.HTTPConnection, path: str, method: str = "GET", **headers: str
) -> http.client.HTTPResponse:
    """One request on this connection, which is kept. The answer has been read."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    line.request(method, path, headers={"Accept": "text/html"} | named)
    answer = line.getresponse()
    answer.read()
    return answer
