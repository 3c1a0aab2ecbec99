"""When the balancers of a fleet get their configuration in a deploy, and back again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bakery.deploy import agent
from bakery.deploy.connection import HostError, Remote
from bakery.deploy.looking import running_balancers

if TYPE_CHECKING:
    from bakery.deploy.deploying import Deploy


def introduce_clones(deploy: Deploy) -> None:
    """A balancer that does not know one could not be told to send it shoppers; one
    that does not run yet could not be started.
    """
    deploy.at = "balancers"
    running = running_balancers(deploy)
    known = deploy.balancers.look_where_possible()
    for host in deploy.fleet.balancers:
        here = known.get(host.name, {})
        knows_all = all(clone.name in here for clone in deploy.fleet.web)
        if host.name not in running or not knows_all:
            _configure(deploy, deploy.remotes[host.name], deploy.release)


def configure_balancers(deploy: Deploy) -> None:
    """After all hosts, one by one: it gives each clone its whole weight again."""
    deploy.at = "balancers"
    for host in deploy.fleet.balancers:
        _configure(deploy, deploy.remotes[host.name], deploy.release)


def configure_back(deploy: Deploy) -> None:
    """As the former release would have it. Where there was none it does not matter."""
    for name in dict.fromkeys(deploy.reconfigured):
        former = deploy.situation.former[name] and deploy.situation.before(
            name, deploy.release
        )
        if not former:
            continue
        try:
            _configure(deploy, deploy.remotes[name], former)
        except HostError as error:
            told = f"the balancer has the new configuration: {error.words}"
            deploy.report.leave(told, error.host)


def _configure(deploy: Deploy, remote: Remote, release: str) -> None:
    deploy.held.demand()
    deploy.reconfigured.append(remote.name)
    words = ["balancer_config", "--file", str(remote.base / "shared/fleet.toml")]
    words += ["--base", str(remote.base), "--reload"]
    remote.run_line(agent.manage_line(remote, release, *words))
    deploy.report.say("has the balancer's configuration", remote)
