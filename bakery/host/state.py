"""What a host is and has, for `deploy` and for people."""

from __future__ import annotations

import os
import platform
import shutil
import time
from typing import Any

from bakery.host.codes import HostError
from bakery.host.content import FACTS
from bakery.host.install import is_complete
from bakery.host.layout import Layout
from bakery.host.locking import holder
from bakery.host.services import supervisor
from bakery.host.serving import WebServer


def state(layout: Layout) -> dict[str, Any]:
    """Never fails on a host that has nothing yet: what is not there is empty."""
    return {
        "base": str(layout.base),
        "current": layout.named_by(layout.current),
        "previous": layout.named_by(layout.previous),
        "releases": _releases(layout),
        "environments": _environments(layout),
        "environment_file": _environment_file(layout),
        "lock": holder(layout),
        "python": platform.python_version(),
        "clock": time.time(),
        "disk_free_bytes": _disk_free(layout),
        "user": _user(),
        **_services(layout),
    }


def _releases(layout: Layout) -> list[str]:
    """The one installed or switched to last comes first."""
    found = [path for path in layout.releases.glob("*") if (path / FACTS).exists()]
    found.sort(key=lambda path: path.stat().st_mtime, reverse=True)
    return [path.name for path in found]


def _environments(layout: Layout) -> list[str]:
    return sorted(p.name for p in layout.environments.glob("*") if is_complete(p))


def _environment_file(layout: Layout) -> str:
    """ "there", "missing", or "readable by others"."""
    path = layout.shared / "environment"
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
        return {"name": "", "roles": [], "services": {}, "draining": False, "ready": {}}
    roles = facts["ROLES"].split(",")
    services = supervisor(facts["SUPERVISOR"], layout, layout.base.owner())
    web = WebServer(layout, facts)
    return {
        "name": facts["CLONE_ID"],
        "roles": roles,
        "services": {role: services.process(role) for role in roles},
        "draining": web.is_draining,
        "ready": _ready(web) if "web" in roles else {},
    }


def _ready(web: WebServer) -> dict[str, Any]:
    """What /ready says, and by which status; {"code": 0} if nobody answers."""
    answer = web.ask("/ready")
    return {"code": answer.status, **answer.facts}
