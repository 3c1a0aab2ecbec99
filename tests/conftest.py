"""Fixtures that every area uses."""

from __future__ import annotations

import hypothesis
import pytest
from xdist.scheduler import LoadScopeScheduling

from bakery.pages import middleware
from shop import remembered

# What fills a machine: a browser, or a fleet. They run one after the other on one of
# the workers, and share what they have started, while the other runs all the rest.
FILL_A_MACHINE = ("tests/bakery/fleet/", "tests/browser/", "tests/story/")
# Share what takes long to start or to make, within the file.
SHARE_SERVERS = (
    "tests/bakery/release/test_fleets_shelf.py",
    "tests/bakery/release/test_real_release.py",
    "tests/bakery/test_static.py",
    "tests/bakery/test_storages.py",
)

# How long an example takes says nothing here: the machine may be busy.
hypothesis.settings.register_profile("house", deadline=None)
hypothesis.settings.load_profile("house")


@pytest.fixture(autouse=True)
def _nothing_kept() -> None:
    """Each test has a database of its own, and neither pages nor facts of another."""
    middleware.kept.forget()
    remembered.forget()


class Scheduling(LoadScopeScheduling):
    """Which tests go to the same worker, in the order they were found."""

    def _split_scope(self, nodeid: str) -> str:
        if nodeid.startswith(FILL_A_MACHINE):
            return "fills a machine"
        if nodeid.startswith(SHARE_SERVERS):
            return nodeid.partition("::")[0]
        return nodeid


def pytest_xdist_make_scheduler(config: pytest.Config, log) -> Scheduling:
    return Scheduling(config, log)
