"""A fleet of hosts that sells: the source's own release, deployed, with demo data."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bakery.image.folders import IMAGES, own_folder
from bakery.image.superclone import Image, make_image
from bakery.release.make import make_release
from bakery.release.store import Release
from tests.hosts.machines import Hosts, fleet_of_hosts, roles_of
from tests.processes import ROOT

# Kept between runs: wheels are fetched once for each list of requirements.
RELEASES = IMAGES.with_name("releases")


def manage(*words: str, check: bool = True) -> subprocess.CompletedProcess[str]:
    """One of the shop's commands as the operator runs it, on this machine."""
    answer = subprocess.run(
        [sys.executable, "manage.py", *words],
        check=False,
        cwd=ROOT,
        env=os.environ | {"DJANGO_SETTINGS_MODULE": "settings.prod"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
    )
    if check and answer.returncode:
        raise AssertionError(f"{words}: {answer.returncode}\n{answer.stderr}")
    return answer


def say(words: str) -> None:
    """A figure for whoever reads the tests' output (pytest -s, or a failure)."""
    sys.stdout.write(f"{words}\n")


def release() -> Release:
    """Of the source as it is."""
    return make_release(own_folder(RELEASES))


def image() -> Image:
    """With that release in it."""
    return make_image(IMAGES, release())


@contextmanager
def selling_fleet(folder: Path, number: int) -> Iterator[Hosts]:
    """So many hosts and a balancer, behind which the demo bakery sells."""
    archive = release()
    with fleet_of_hosts(folder, roles_of(number)) as fleet:
        places = ("--file", str(fleet.fleet_file), "--into", str(RELEASES))
        manage("deploy", archive.id, *places)
        program = "/srv/bakery/current/bakery/host/run/manage /srv/bakery"
        fleet.ssh("app1", f"{program} prepare --demo --no-pictures", seconds=300)
        yield fleet
