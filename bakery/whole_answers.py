"""Gunicorn's answers in one piece: a server that stops has sent all of one, or none.

Gunicorn hands the head of an answer to the kernel, and then its body. A server that is
killed or frozen in between leaves a balancer with half an answer, and nothing can be
asked of another server any more. In one piece it is also one call of the kernel less.
"""

from __future__ import annotations

import socket
from typing import Any

from gunicorn.http import wsgi


class HeadHeldBack:
    """A connection that keeps its first words until the next ones or let_go()."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection
        self._held: bytes | None = None

    def __getattr__(self, name: str) -> Any:
        return getattr(self._connection, name)

    def sendall(self, words: bytes) -> None:
        if self._held is None:
            self._held = words
        else:
            self._connection.sendall(self._held + words)
            self._held = b""

    def sendfile(self, *file: Any, **part: int) -> int:
        self.let_go()
        return self._connection.sendfile(*file, **part)

    def let_go(self) -> None:
        """Send what is still kept: an answer may have no body."""
        if self._held:
            self._connection.sendall(self._held)
        self._held = b""


class WholeAnswer(wsgi.Response):
    """Sends the head together with the first piece of the body."""

    def __init__(self, request: Any, connection: socket.socket, config: Any) -> None:
        super().__init__(request, HeadHeldBack(connection), config)

    def close(self) -> None:
        super().close()
        self.sock.let_go()


def answer_in_one_piece() -> None:
    """In this process from now on. Gunicorn has no setting for its class of answers."""
    wsgi.Response = WholeAnswer
