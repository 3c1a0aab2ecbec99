"""How a command on a host ended, and what may go wrong there."""

from __future__ import annotations

from typing import NamedTuple


class HostError(Exception):
    """Something went wrong on a host; .host says on which."""

    def __init__(self, host: str, words: str) -> None:
        super().__init__(f"{host}: {words}")
        self.host = host
        self.words = words


class HostAway(HostError):
    """The host does not answer over ssh, or no longer does."""


class CommandFailed(HostError):
    """A command ended with .code; what it said is in .said."""

    def __init__(self, host: str, command: str, said: Said) -> None:
        told = (said.err or said.out).strip()[-2000:] or "It said nothing."
        super().__init__(host, f"`{command}` ended with {said.code}: {told}")
        self.code = said.code
        self.said = said


class Said(NamedTuple):
    """How a command ended and what it said."""

    code: int
    out: str
    err: str
