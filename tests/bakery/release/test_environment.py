"""A release is not made with other packages than it names."""

from __future__ import annotations

from importlib.metadata import version

import pytest

from bakery.release.environment import NotLocked, demand_locked
from tests.processes import ROOT


def test_this_environment_is_the_locked_one():
    demand_locked(ROOT.joinpath("requirements.txt").read_text())


def test_another_version_is_named():
    with pytest.raises(NotLocked) as refused:
        demand_locked(
            f"django==1.0 \\\n    --hash=sha256:aa\npytest=={version('pytest')}\n"
        )
    assert f"django {version('django')} instead of 1.0" in str(refused.value)
    assert "pytest" not in str(refused.value)


def test_a_package_without_static_files_may_be_another():
    demand_locked("gunicorn==1.0 \\\n    --hash=sha256:aa\n")


def test_what_is_not_installed_here_is_for_the_hosts():
    demand_locked("no-such-package==1.0 \\\n    --hash=sha256:aa\n")
