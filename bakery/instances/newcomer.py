"""What a bare host needs before shoppers may come: the fleet's secrets, and warmth."""

from __future__ import annotations

import shlex

from bakery.deploy.addresses import url_of
from bakery.deploy.connection import Remote

SECRETS = "shared/environment"
ROUNDS = 2  # through its pages: the first request of each is the slow one
WARM_SECONDS = 120


def bring_secrets(new: Remote, model: Remote) -> None:
    """From another host to this one; this machine keeps none of it."""
    secret = model.look("cat", str(model.base / SECRETS)).out
    new.run_line(f"umask 077 && mkdir -p {new.base}/shared")
    new.put(secret.encode(), f"{new.base}/{SECRETS}", mode=0o600)


def warm_up(new: Remote, release: str) -> None:
    """Ask its pages as shoppers will. Raises CommandFailed for a page it cannot show.

    From the host itself: the network of the fleet may let nobody else ask it.
    """
    clone = f"{new.name}={url_of(new.host.address, new.host.port)}"
    words = ["--site", new.fleet.site_url, "--warm", str(ROUNDS), clone]
    line = shlex.join([".venv/bin/python", "-B", "-m", "bakery.deploy.pages", *words])
    folder = shlex.quote(str(new.base / "releases" / release))
    new.run_line(f"cd {folder} && {line}", seconds=WARM_SECONDS)
