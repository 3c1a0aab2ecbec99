"""A deploy that goes wrong, however it does: whoever was switched goes back."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import TYPE_CHECKING

from bakery.deploy import agent
from bakery.deploy.back import go_back
from bakery.deploy.balancing import configure_back
from bakery.deploy.connection import HostError
from bakery.deploy.hooks import FAILED, GOING_BACK, HookFailed
from bakery.deploy.lock import LockLost, LockTaken, taken_anew
from bakery.deploy.proving import CanaryFailed
from bakery.deploy.signals import Stopped, ignore_signals
from bakery.deploy.together import outcomes

if TYPE_CHECKING:
    from bakery.deploy.deploying import Deploy


@contextlib.contextmanager
def failing(deploy: Deploy) -> Iterator[None]:
    """Keep what failed where; then every host that was switched goes back.

    Nothing escapes it and nothing interrupts it: half a fleet on either release would
    be left. In "finishing" shoppers have the release; then it is only told of.
    """
    try:
        try:
            yield
        finally:
            ignore_signals()
    except CanaryFailed as error:
        _fail(deploy, error.at, error.host, error.words)
    except HostError as error:
        _fail(deploy, deploy.at, error.host, error.words)
    except (LockLost, HookFailed) as error:
        _fail(deploy, deploy.at, "", str(error))
    except (Stopped, KeyboardInterrupt):
        _fail(deploy, deploy.at, "", "it was told to stop")
    except Exception as error:  # noqa: BLE001 - the fleet comes first
        deploy.report.unexpected = error
        _fail(deploy, deploy.at, "", f"{type(error).__name__}: {error}")


def _fail(deploy: Deploy, at: str, host: str, why: str) -> None:
    if deploy.at == "finishing":
        deploy.report.leave(f"it was not finished: {why} (`deploy` again)", host)
        return
    deploy.report.fail(at, host, why)
    deploy.report.switched = list(deploy.switched)
    try:
        with _locked(deploy):
            _undo(deploy)
    except (LockTaken, LockLost, HostError) as error:
        _give_up(deploy, f"nothing more was changed, for the lock is lost: {error}")
    except Exception as error:  # noqa: BLE001 - the report has to come, whatever is
        deploy.report.unexpected = error
        _give_up(deploy, f"going back broke off: {type(error).__name__}: {error}")
    deploy.run_hook(FAILED)


def _give_up(deploy: Deploy, why: str) -> None:
    report = deploy.report
    settled = {*report.went_back, *report.not_back}
    report.not_back |= {n: why for n in deploy.switched if n not in settled}
    report.leave(why)


@contextlib.contextmanager
def _locked(deploy: Deploy) -> Iterator[None]:
    """Nothing is changed without the lock, not even back. Raises what hold() does."""
    if not deploy.held.lost.is_set():
        yield
        return
    with taken_anew(deploy.first, deploy.release, deploy.held) as deploy.held:
        deploy.report.say("has the lock again", deploy.first)
        yield


def _undo(deploy: Deploy) -> None:
    """As it was before, as far as hosts can be reached; the report says how far."""
    report = deploy.report
    _give_files_back(deploy)
    if deploy.switched:
        before, after = GOING_BACK[report.kind]
        former = {n: _before(deploy, n) for n in deploy.switched}
        deploy.run_hook(before)
        go_back(deploy.fleet, deploy.remotes, former, deploy.balancers, report)
        deploy.run_hook(after)
        report.requests = None
        deploy.count()
    configure_back(deploy)
    if deploy.is_recorded:
        _record(deploy)
    # A release that failed is not to fill the disks.
    outcomes([] if deploy.dry else deploy.remotes.values(), agent.prune)


def _give_files_back(deploy: Deploy) -> None:
    """The fleet file that hosts had: services start by it, and the next deploy asks."""
    there = deploy.former_files
    remotes = [deploy.remotes[name] for name in there]
    _, errors = outcomes(remotes, lambda r: agent.configure(r, there[r.name]))
    for error in errors.values():
        told = f"it may have the new fleet file: {error.words}"
        deploy.report.leave(told, error.host)


def _before(deploy: Deploy, name: str) -> str:
    return deploy.situation.before(name, deploy.release)


def _record(deploy: Deploy) -> None:
    event = "left" if deploy.report.not_back else "went back"
    try:
        deploy.note(event)
    except HostError as error:
        deploy.report.leave(f"the record does not say so: {error.words}", error.host)
