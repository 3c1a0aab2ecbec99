"""What is read out of /metrics and out of HAProxy's statistics."""

from __future__ import annotations

import pytest

from bakery.deploy.figures import Figures, of_metrics, of_statistics, together

METRICS = """# HELP bakery_requests_total requests answered, by class of status
# TYPE bakery_requests_total counter
bakery_requests_total{status="2xx"} 90.0
bakery_requests_total{status="4xx"} 7.0
bakery_requests_total{status="5xx"} 3.0
bakery_request_seconds_bucket{le="0.1"} 60.0
bakery_request_seconds_bucket{le="0.5"} 95.0
bakery_request_seconds_bucket{le="+Inf"} 100.0
bakery_request_seconds_sum 12.5
bakery_database_up 1.0
"""
STATISTICS = (
    "# pxname,svname,qcur,scur,stot,status,weight,econ,eresp,hrsp_5xx,req_tot,\n"
    "shop,FRONTEND,,4,80,OPEN,,,,5,1200,\n"
    "clones,app1,0,2,600,UP,100,1,2,3,,\n"
    "clones,app2,1,0,590,NOLB,0,0,0,0,,\n"
    "clones,app1-unchecked,0,0,9,no check,1,0,0,9,,\n"
    "clones,BACKEND,0,2,1190,UP,100,1,2,3,1190,\n"
)


def test_a_clone_s_figures():
    found = of_metrics(METRICS)
    assert (found.requests, found.errors) == (100, 3)
    assert found.by_bound == {0.1: 60, 0.5: 95, float("inf"): 100}
    assert found.share_of_errors == 0.03


def test_nothing_is_read_out_of_nothing():
    assert of_metrics("") == Figures()
    assert Figures().share_of_errors == 0
    assert Figures().quantile(0.5) == 0


@pytest.mark.parametrize(
    ("part", "seconds"), [(0.3, 0.05), (0.6, 0.1), (0.95, 0.5), (0.99, 0.5)]
)
def test_times_between_two_bounds_are_taken_as_even(part, seconds):
    assert of_metrics(METRICS).quantile(part) == pytest.approx(seconds)


def test_what_came_since():
    later = Figures(150, 4, {0.1: 100, 0.5: 140, float("inf"): 150})
    since = later.since(of_metrics(METRICS))
    assert since == Figures(50, 1, {0.1: 40, 0.5: 45, float("inf"): 50})


def test_a_server_that_was_started_anew_has_counted_from_nought():
    assert Figures(20, 1).since(Figures(100, 3)) == Figures(20, 1)


def test_clones_together():
    assert together([Figures(10, 1, {0.1: 5}), Figures(20, 2, {0.1: 7})]) == Figures(
        30, 3, {0.1: 12}
    )


def test_a_balancer_s_front_and_clones():
    found = of_statistics(STATISTICS)
    assert list(found) == ["FRONTEND", "app1", "app2"]
    assert (found["FRONTEND"].requests, found["FRONTEND"].errors) == (1200, 5)
    assert (found["app1"].requests, found["app1"].errors) == (600, 6)
    assert (found["app1"].is_up, found["app2"].is_up) == (True, False)
    assert (found["app2"].waiting, found["app2"].weight) == (1, 0)
