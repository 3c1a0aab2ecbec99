"""Takes services away of roles that the host has no longer."""

from __future__ import annotations

from bakery.host.layout import Layout
from bakery.host.services import ROLES, supervisor_of
from bakery.host.serving import Patience, Say, WebServer
from bakery.host.switching import switching


def retire(layout: Layout, say: Say, patience: Patience) -> None:
    """By shared/host, not by what the next switch brings. Repeatable.

    The web server gets no new customers before it is stopped, and finishes what it
    works on; balancers that ask it notice by themselves.
    """
    with switching(layout):
        facts = layout.host_facts()
        services = supervisor_of(layout, facts)
        kept = facts["ROLES"].split(",")
        for role in (role for role in ROLES if role not in kept):
            if not services.has(role):
                continue
            web = WebServer(layout, facts) if role == "web" else None
            if web and services.process(role):
                _drain(web, say, patience)
            services.forget(role)
            if web:
                web.undrain()  # of nothing; should the role come back, so do customers
            say(step="retired", role=role)


def _drain(web: WebServer, say: Say, patience: Patience) -> None:
    web.drain()
    say(step="draining")
    left = web.wait_until_idle(patience.settle, patience.drain)
    say(step="drained", requests_left=left)
