"""The same on many hosts: one that goes wrong in its own way harms no other."""

from __future__ import annotations

import pytest

from bakery.deploy.together import Failures, on_all, outcomes
from tests.bakery.deploy.shop import remotes_of


def fails_on(name: str, error: Exception):
    def do(remote):
        if remote.name == name:
            raise error
        return remote.name

    return do


@pytest.mark.parametrize("error", [KeyError("app2"), ValueError("no JSON"), OSError()])
def test_an_error_that_nobody_foresaw_is_that_host_s(shop, error):
    remotes = remotes_of(shop.fleet, shop.machines).values()
    done, errors = outcomes(remotes, fails_on("app2", error))
    assert list(done) == ["front", "app1", "app3"]
    assert list(errors) == ["app2"]
    assert type(error).__name__ in errors["app2"].words
    assert errors["app2"].__cause__ is error
    with pytest.raises(Failures, match="app2: "):
        on_all(remotes, fails_on("app2", error))
