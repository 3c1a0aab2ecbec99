"""What a host is and has, for `deploy` and for people."""

from __future__ import annotations

import os
import platform
import shutil
import time
from typing import Any

from bakery.host.codes import HostError
from bakery.host.install import is_complete
from bakery.host.keeping import environment_id, fleet_facts, served_id, wanted_id
from bakery.host.layout import Layout, releases_of
from bakery.host.locking import holder
from bakery.host.services import supervisor_of
from bakery.host.serving import WebServer

NOT_CONFIGURED = {
    "configured": False, "name": "", "port": 0, "roles": [], "services": {},
    "draining": False, "ready": {},
}  # fmt: skip


def state(layout: Layout) -> dict[str, Any]:
    """Never fails on a host that has nothing yet: what is not there is empty."""
    return {
        "base": str(layout.base),
        "current": layout.named_by(layout.current),
        "previous": layout.named_by(layout.previous),
        "releases": releases_of(layout),
        "environments": _environments(layout),
        "environment_file": _environment_file(layout),
        "environment_id": environment_id(layout),
        **fleet_facts(layout),
        "served_id": served_id(layout),
        "wanted_id": wanted_id(layout),
        "lock": holder(layout),
        "python": platform.python_version(),
        "clock": time.time(),
        "disk_free_bytes": _disk_free(layout),
        "user": _user(),
        **_services(layout),
    }


def _environments(layout: Layout) -> list[str]:
    return sorted(p.name for p in layout.environments.glob("*") if is_complete(p))


def _environment_file(layout: Layout) -> str:
    """ "there", "missing", or "readable by others"."""
    path = layout.environment_file
    if not path.exists():
        return "missing"
    return "readable by others" if path.stat().st_mode & 0o077 else "there"


def _disk_free(layout: Layout) -> int:
    base = layout.base
    while not base.exists():
        base = base.parent
    return shutil.disk_usage(base).free


def _user() -> str:
    import pwd

    try:
        return pwd.getpwuid(os.geteuid()).pw_name
    except KeyError:
        return str(os.geteuid())


def _services(layout: Layout) -> dict[str, Any]:
    try:
        facts = layout.host_facts()
    except HostError:
        return NOT_CONFIGURED
    roles = facts["ROLES"].split(",")
    services = supervisor_of(layout, facts)
    web = WebServer(layout, facts)
    return {
        "configured": True,
        "name": facts["CLONE_ID"],
        "port": web.port,
        "roles": roles,
        "services": {role: services.process(role) for role in roles},
        "draining": web.is_draining,
        "ready": _ready(web) if "web" in roles else {},
    }


def _ready(web: WebServer) -> dict[str, Any]:
    """What /ready says, and by which status; {"code": 0} if nobody answers."""
    answer = web.ask("/ready")
    return {"code": answer.status, **answer.facts}
