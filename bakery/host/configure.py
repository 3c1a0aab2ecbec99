"""Tells a host what it is: its own facts, the fleet's, and its services."""

from __future__ import annotations

from bakery.deploy.fleet_file import Fleet, Host, parse_fleet
from bakery.host.codes import NOT_SET_UP, HostError
from bakery.host.disk import write_whole
from bakery.host.keeping import wanted_id
from bakery.host.layout import Layout
from bakery.host.services import ROLES, supervisor


def configure(layout: Layout, text: str, name: str) -> bool:
    """Write shared/fleet.toml, shared/host.next and the services of the host's roles.

    Touches nothing that runs: the next switch makes host.next the host's own file, and
    `retire` takes services of former roles away. Repeatable; says whether the services
    would start by something else than so far. Raises FleetFileError, and HostError if
    root has to do something.
    """
    fleet = parse_fleet(text)
    if name not in fleet.hosts:
        raise HostError(f"The fleet file knows no host called {name!r}.")
    host = fleet.hosts[name]
    layout.make()
    _demand_environment(layout)
    before = wanted_id(layout)
    write_whole(layout.fleet_file, text)
    lines = [f"{key}={value}" for key, value in host_facts(layout, fleet, host).items()]
    facts = "\n".join([*lines, ""])
    write_whole(layout.host_next, facts)
    if not _is_configured(layout):
        write_whole(layout.host, facts)
    _define_services(layout, fleet, host)
    return wanted_id(layout) != before


def _is_configured(layout: Layout) -> bool:
    """A file that is damaged is no better than none."""
    try:
        layout.host_facts()
    except HostError:
        return False
    return True


def _define_services(layout: Layout, fleet: Fleet, host: Host) -> None:
    """All of them are looked at before anything is missed: root comes only once."""
    services = supervisor(fleet.supervisor, layout, fleet.user)
    missed = []
    for role in (role for role in ROLES if role in host.roles):
        try:
            services.define(role)
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
        "BIND": host.bind or _everywhere(host.address),
        "PORT": str(host.port),
        "WEB_CONCURRENCY": str(host.workers),
        "WEB_THREADS": str(host.threads),
        "TRUSTED_PROXIES": ",".join(["127.0.0.1", "::1", *balancers]),
        "VAR_DIR": str(layout.var),
    }


def _everywhere(address: str) -> str:
    """Of the address's own kind; the operator may narrow it (`bind`)."""
    return "::" if ":" in address else "0.0.0.0"  # nosec B104: for gunicorn


def _demand_environment(layout: Layout) -> None:
    path = layout.environment_file
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
