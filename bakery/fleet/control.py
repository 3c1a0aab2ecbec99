"""How a second command talks to the one that runs the local fleet.

A unix socket in the fleet's folder: one line of JSON in, one line of JSON out.
"""

from __future__ import annotations

import contextlib
import json
import os
import socket
import socketserver
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

SOCKET = "fleet.sock"

Answer = dict[str, Any]


class NoFleet(Exception):
    """No fleet runs in that folder; the message says how to start one."""


def ask(folder: Path, **question: Any) -> Answer:
    """Send a question to the running fleet. Raises NoFleet."""
    with socket.socket(socket.AF_UNIX) as connection:
        try:
            connection.connect(str(folder / SOCKET))
        except OSError as error:
            raise NoFleet(
                "No fleet is running here. Start one with `make fleet`."
            ) from error
        connection.sendall(json.dumps(question).encode() + b"\n")
        with connection.makefile() as answer:
            return json.loads(answer.readline())


@contextlib.contextmanager
def listening(folder: Path, answer: Callable[[Answer], Answer]) -> Iterator[None]:
    """Answer questions, one at a time, for as long as the block lasts."""
    path = folder / SOCKET
    path.unlink(missing_ok=True)
    # Whoever may ask learns the fleet's secret key: this user and nobody else.
    mask = os.umask(0o177)

    class Handler(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            question = json.loads(self.rfile.readline())
            self.wfile.write(json.dumps(answer(question)).encode() + b"\n")

    try:
        server = socketserver.UnixStreamServer(str(path), Handler)
    finally:
        os.umask(mask)
    with server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield
        finally:
            server.shutdown()
            path.unlink(missing_ok=True)
