"""Tests over ssh are skipped on a desk without sshd, and never where all is tested."""

from __future__ import annotations

import pytest

from tests.bakery.deploy.conftest import not_here


@pytest.mark.parametrize(
    ("variable", "user", "end"),
    [
        ("1", 0, pytest.fail.Exception),
        ("1", 1000, pytest.skip.Exception),
        ("", 0, pytest.skip.Exception),
    ],
)
def test_missing_programs_fail_in_ci(monkeypatch, variable, user, end):
    monkeypatch.setenv("CI", variable)
    monkeypatch.setattr("os.geteuid", lambda: user)
    with pytest.raises(end, match="no sshd"):
        not_here("no sshd here")
