"""Tells a host what it is: its own facts, the fleet's, and its services."""

from __future__ import annotations

from bakery.deploy.fleet_file import Fleet, Host, parse_fleet
from bakery.host.codes import NOT_SET_UP, HostError
from bakery.host.layout import Layout, write_whole
from bakery.host.services import ROLES, supervisor

EVERYWHERE = "0.0.0.0"  # nosec B104: written for gunicorn; the operator may narrow it
SHARED_ENVIRONMENT = "environment"


def configure(layout: Layout, text: str, name: str) -> bool:
    """Write shared/fleet.toml, shared/host and the services of the host's roles.

    Starts nothing. Repeatable; says whether shared/host changed, which services read
    when they start. Raises FleetFileError, and HostError if root has to do something.
    """
    fleet = parse_fleet(text)
    if name not in fleet.hosts:
        raise HostError(f"The fleet file knows no host called {name!r}.")
    host = fleet.hosts[name]
    layout.make()
    _demand_environment(layout)
    write_whole(layout.shared / "fleet.toml", text)
    lines = [f"{key}={value}" for key, value in host_facts(layout, fleet, host).items()]
    changed = write_whole(layout.shared / "host", "\n".join([*lines, ""]))
    _set_up_services(layout, fleet, host)
    return changed


def _set_up_services(layout: Layout, fleet: Fleet, host: Host) -> None:
    """All of them are looked at before anything is missed: root comes only once."""
    services = supervisor(fleet.supervisor, layout, fleet.user)
    missed = []
    for role in ROLES:
        try:
            if role in host.roles:
                services.define(role)
            else:
                services.forget(role)
        except HostError as error:
            missed.append(error)
    if missed:
        raise HostError("\n".join(map(str, missed)), missed[0].code)


def host_facts(layout: Layout, fleet: Fleet, host: Host) -> dict[str, str]:
    """The variables in which this host differs from others, and the fleet's own."""
    balancers = [each.address for each in fleet.balancers]
    return {
        "CLONE_ID": host.name,
        "ROLES": ",".join(sorted(host.roles)),
        "SUPERVISOR": fleet.supervisor,
        "FLEET": fleet.name,
        "SITE_URL": fleet.site_url,
        "BIND": host.bind or EVERYWHERE,
        "PORT": str(host.port),
        "WEB_CONCURRENCY": str(host.workers),
        "WEB_THREADS": str(host.threads),
        "TRUSTED_PROXIES": ",".join(["127.0.0.1", "::1", *balancers]),
        "VAR_DIR": str(layout.var),
    }


def _demand_environment(layout: Layout) -> None:
    path = layout.shared / SHARED_ENVIRONMENT
    if not path.exists():
        raise HostError(
            f"There is no {path}: KEY=VALUE lines with what all hosts share and no "
            "release may hold (SECRET_KEY, DATABASE_URL, ...), mode 600.",
            NOT_SET_UP,
        )
    if path.stat().st_mode & 0o077:
        raise HostError(
            f"Others may read {path}, and it holds secrets: chmod 600 {path}",
            NOT_SET_UP,
        )
