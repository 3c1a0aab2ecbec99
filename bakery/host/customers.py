"""Keeps customers away from a host's web server, and lets them come again."""

from __future__ import annotations

from bakery.host.codes import DONE, FAILED
from bakery.host.layout import Layout
from bakery.host.serving import Patience, Say, WebServer


def ready(layout: Layout, say: Say, seconds: float) -> int:
    """Let customers come again. FAILED if the server is not ready in time."""
    web = WebServer(layout, layout.host_facts())
    web.undrain()
    if web.wait_until_ready("", seconds):
        say(step="ready", release=web.ask("/ready").release)
        return DONE
    say(step="not ready", answer=web.ask("/ready").body[:500])
    return FAILED


def drain(layout: Layout, say: Say, patience: Patience) -> int:
    """Send customers elsewhere. FAILED if it still works on something after all."""
    web = WebServer(layout, layout.host_facts())
    web.drain()
    left = web.wait_until_idle(patience.settle, patience.drain)
    say(step="drained" if not left else "still working", requests_left=left)
    return FAILED if left else DONE
