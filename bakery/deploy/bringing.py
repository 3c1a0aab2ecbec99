"""A release gets to all hosts, and the database gets what it needs: nothing that
serves is touched.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bakery.deploy import agent
from bakery.deploy.balancing import introduce_clones
from bakery.deploy.connection import CommandFailed, HostError, Remote
from bakery.deploy.together import on_all
from bakery.deploy.upload import former_files, upload

if TYPE_CHECKING:
    from bakery.deploy.deploying import Deploy

COMMAND_SECONDS = 1800  # for a migration that takes its time


def bring(deploy: Deploy) -> None:
    """Everything that does not touch what serves."""
    if not deploy.dry:
        deploy.balancers.set_right(host.name for host in deploy.fleet.web)
    deploy.hook("updating")
    deploy.former_files = former_files(deploy.remotes, deploy.states, deploy.fleet.text)
    remotes = list(deploy.remotes.values())
    if deploy.careful:
        shop = deploy.where_the_shop_runs()
        remotes.remove(shop)
        _upload(deploy, [shop])
        _manage(deploy, "check", "check", "--deploy")
        # A migration that must not be: found before all hosts have the release.
        _manage(deploy, "migrations", "safemigrate", "--expand", "--dry-run")
    _upload(deploy, remotes)
    deploy.hook("updated")
    if deploy.careful:
        _manage(deploy, "assets", "vault_assets")
        _manage(deploy, "migrations", "safemigrate", "--expand")
    introduce_clones(deploy)


def _upload(deploy: Deploy, remotes: list[Remote]) -> None:
    deploy.at = "upload"
    deploy.held.demand()
    upload(remotes, deploy.archive, deploy.release, deploy.states, deploy.report)
    if not deploy.dry:
        deploy.states |= on_all(remotes, agent.state)


def _manage(deploy: Deploy, at: str, *words: str) -> None:
    """One of the shop's commands in the new release, once for the fleet."""
    deploy.at = at
    deploy.held.demand()
    remote = deploy.where_the_shop_runs()
    line = agent.manage_line(remote, deploy.release, *words)
    try:
        said = remote.run_line(line, seconds=COMMAND_SECONDS)
    except CommandFailed as error:
        told = (error.said.err or error.said.out).strip()[-2000:]
        raise HostError(remote.name, f"{' '.join(words)}: {told}") from error
    deploy.report.say(" ".join(words), remote)
    if "--dry-run" in words and said.out.strip():
        told = ", ".join(said.out.split())
        deploy.report.say(f"migrations to come: {told}", remote)
