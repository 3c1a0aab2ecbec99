"""Which packages go along: what any host may need, not what this machine needs."""

from __future__ import annotations

import re

import pytest

from bakery.release.wheels import for_hosts
from tests.processes import ROOT

LOCKED = """\
argon2-cffi==25.1.0 \\
    --hash=sha256:aa \\
    --hash=sha256:bb
    # via fadu-bakery (pyproject.toml)
async-timeout==5.0.1 ; python_full_version < '3.11.3' \\
    --hash=sha256:cc
    # via redis
psycopg[binary,pool]==3.3.9 \\
    --hash=sha256:dd
    # via
    #   fadu-bakery
tzdata==2026.1 ; sys_platform == 'win32' \\
    --hash=sha256:ee
"""


def test_a_host_with_an_older_patch_release_gets_what_only_that_needs():
    assert for_hosts(LOCKED) == (
        "argon2-cffi==25.1.0 --hash=sha256:aa --hash=sha256:bb\n"
        "async-timeout==5.0.1 --hash=sha256:cc\n"
        "psycopg[binary,pool]==3.3.9 --hash=sha256:dd"
    )


@pytest.mark.parametrize(
    ("marker", "wanted"),
    [
        ("python_version < '3.11'", False),
        ("python_version >= '3.11'", True),
        ("platform_python_implementation != 'PyPy'", True),
        ("os_name == 'nt'", False),
        ("platform_machine == 'arm64'", False),
    ],
)
def test_what_no_host_needs_stays_here(marker, wanted):
    found = for_hosts(f"loaf==1.0 ; {marker} \\\n    --hash=sha256:aa\n")
    assert bool(found) is wanted


def test_our_own_list_pins_the_pip_that_hosts_run():
    ours = for_hosts((ROOT / "requirements.txt").read_text())
    assert re.search(r"^pip==\S+ --hash=sha256:[0-9a-f]{64}", ours, re.MULTILINE)
