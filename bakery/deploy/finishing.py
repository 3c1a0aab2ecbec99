"""The end of a deploy: shoppers have the release, and nothing goes back any more."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from bakery.deploy import agent
from bakery.deploy.connection import HostError, Remote
from bakery.deploy.shelving import on_shelf
from bakery.deploy.together import outcomes

if TYPE_CHECKING:
    from bakery.deploy.deploying import Deploy


def finish(deploy: Deploy, *, anew: bool) -> None:
    """What cannot be done is left to people, in words; nothing of it fails.

    Unless it is anew, all hosts had the release before: what a deploy that broke off
    may have left undone is done now.
    """
    deploy.at = "finishing"
    if anew:
        _record(deploy)
        deploy.hook("finishing")
        deploy.count()
    elif not deploy.dry:
        deploy.balancers.set_right(host.name for host in deploy.fleet.web)
    _on_each(deploy, agent.retire, "services of its former roles may run still")
    _on_each(deploy, agent.prune, "old releases are still there")
    shop = deploy.where_the_shop_runs()
    on_shelf(shop, deploy.release, deploy.archive, deploy.report)
    _tell_who_was_left_out(deploy)
    if anew:
        deploy.hook("finished")
    else:
        deploy.report.say(f"{deploy.release} is on all hosts already")


def _record(deploy: Deploy) -> None:
    try:
        deploy.note("done")
    except HostError as error:
        told = f"the record does not say that it is done: {error.words}"
        deploy.report.leave(f"{told} (`deploy` again)", error.host)


def _on_each(deploy: Deploy, do: Callable[[Remote], None], otherwise: str) -> None:
    deploy.held.demand()
    _, errors = outcomes(deploy.remotes.values(), do)
    for error in errors.values():
        deploy.report.leave(f"{otherwise}: {error.words}", error.host)


def _tell_who_was_left_out(deploy: Deploy) -> None:
    for name in deploy.without:
        told = f"it was left out and runs what it ran: `deploy {deploy.release}` brings"
        deploy.report.leave(f"{told} it along when it is well", name)
    for name in sorted(deploy.taken_away):
        told = "it is not in the fleet file any more, and nobody has stopped it"
        deploy.report.leave(told, name)
