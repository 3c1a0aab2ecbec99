"""The same on many hosts at once, each in a thread of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from bakery.deploy.connection import HostError, Remote

AT_ONCE = 16
T = TypeVar("T")


class Failures(HostError):
    """It did not work on some hosts; .errors has what each of them said."""

    def __init__(self, errors: dict[str, HostError]) -> None:
        words = "\n".join(str(error) for error in errors.values())
        super().__init__(", ".join(errors), words)
        self.errors = errors

    def __str__(self) -> str:
        return self.words


def outcomes(
    remotes: Iterable[Remote], do: Callable[[Remote], T]
) -> tuple[dict[str, T], dict[str, HostError]]:
    """What it gave and what it raised, by host. Waits for all of them."""
    remotes = list(remotes)
    if not remotes:
        return {}, {}

    def attempt(remote: Remote) -> T | HostError:
        try:
            return do(remote)
        except HostError as error:
            return error
        except Exception as error:  # noqa: BLE001 - one host's trouble is not all hosts'
            told = f"{type(error).__name__}: {error}"
            return _caused_by(error, HostError(remote.name, told))

    # In a dry run in order, so that it can be read.
    at_once = 1 if remotes[0].dry else min(AT_ONCE, len(remotes))
    with ThreadPoolExecutor(at_once) as threads:
        found = dict(
            zip([r.name for r in remotes], threads.map(attempt, remotes), strict=True)
        )
    errors = {n: e for n, e in found.items() if isinstance(e, HostError)}
    return {n: e for n, e in found.items() if n not in errors}, errors


def _caused_by(cause: Exception, error: HostError) -> HostError:
    error.__cause__ = cause
    return error


def on_all(remotes: Iterable[Remote], do: Callable[[Remote], T]) -> dict[str, T]:
    """By host. Raises Failures when it did not work on one of them."""
    given, errors = outcomes(remotes, do)
    if errors:
        raise Failures(errors)
    return given
