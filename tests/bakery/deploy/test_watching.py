"""The first host at a balancer, against all others there."""

from __future__ import annotations

from dataclasses import replace

from bakery.deploy.figures import FRONT, AtBalancer
from bakery.deploy.fleet_file import Canary
from bakery.deploy.watching import at_one_balancer, figures_of

NOTHING = Canary(share=50, seconds=20.0, errors=0.0, slower=2.0)
NOW = AtBalancer("UP", 100, 0, 0, 1000, 50)


def rows(**counted: tuple[int, int]) -> dict[str, AtBalancer]:
    return {
        name: replace(NOW, requests=NOW.requests + more, errors=NOW.errors + errors)
        for name, (more, errors) in counted.items()
    }


BEFORE = rows(app1=(0, 0), app2=(0, 0), app3=(0, 0), FRONTEND=(0, 0))


def verdict(after: dict[str, AtBalancer]):
    return at_one_balancer("app1", BEFORE, after, NOTHING, final=True)


def test_a_database_that_hiccups_for_all_stops_no_deploy():
    after = rows(app1=(100, 2), app2=(200, 4), app3=(200, 3), FRONTEND=(500, 9))
    assert not verdict(after).bad


def test_control_the_same_errors_at_the_canary_alone_stop_it():
    after = rows(app1=(100, 2), app2=(200, 0), app3=(200, 0), FRONTEND=(500, 2))
    found = verdict(after)
    assert found.bad
    assert found.words == (
        "the balancer got 2 errors from it of 100 requests; from the others 0 of 400"
    )


def test_the_front_is_no_clone():
    """It counts the canary's errors as well: they would excuse themselves."""
    assert FRONT in BEFORE
    after = rows(app1=(100, 9), app2=(100, 0), app3=(0, 0), FRONTEND=(200, 9))
    assert verdict(after).words.endswith("from the others 0 of 100")


def test_a_balancer_that_does_not_know_the_canary_says_nothing():
    assert verdict(rows(app2=(100, 0))) is None


def test_a_balancer_that_was_reloaded_has_counted_from_nought():
    after = {name: replace(NOW, requests=10, errors=0) for name in BEFORE}
    assert verdict(after).words.startswith(
        "the balancer got 0 errors from it of 10 requests"
    )


def test_a_clone_is_asked_by_the_fleet_s_python_at_its_own_address(app1, tmp_path):
    """A program that answers for no other address."""
    python = tmp_path / "python"
    python.write_text(
        '#!/bin/sh\n[ "$3" = "http://[fd00::1]:8000/metrics" ] || exit 1\n'
        "echo 'bakery_requests_total{status=\"2xx\"} 7.0'\n"
    )
    python.chmod(0o755)
    app1.fleet = replace(app1.fleet, python=str(python))
    app1.host = replace(app1.host, bind="fd00::1")
    assert figures_of(app1).requests == 7
