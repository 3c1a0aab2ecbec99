"""What is told at the end of a deploy."""

from __future__ import annotations

from bakery.deploy.figures import AtBalancer
from bakery.deploy.report import Report


def front(requests: int, errors: int) -> dict[str, AtBalancer]:
    return {"FRONTEND": AtBalancer("OPEN", 0, 0, 0, requests, errors)}


def make_report(**facts) -> Report:
    return Report("deploy", "new", former={"app1": "old", "app2": "old"}, **facts)


def test_all_went_well():
    report = make_report()
    report.canary = "500 requests, 0 failed; the others: 1500, 0 failed"
    report.count({"front": front(1000, 4)}, {"front": front(3000, 4)})
    assert report.ok
    assert report.in_words() == (
        "new is on 2 hosts, after 0 s.\n"
        "Canary: 500 requests, 0 failed; the others: 1500, 0 failed\n"
        "Meanwhile the balancers answered 2000 requests; 0 failed (0.00 %)."
    )


def test_what_failed_where_how_many_requests_and_who_is_back():
    report = make_report()
    report.fail("watching", "app1", "3 of its 60 requests failed")
    report.fail("rolling", "app2", "which follows from it")
    report.switched = report.went_back = ["app1"]
    report.count({"front": front(1000, 4)}, {"front": front(3000, 7)})
    assert report.in_words() == (
        "new failed at watching on app1:\n"
        "  3 of its 60 requests failed\n"
        "Back on the former release: app1.\n"
        "Meanwhile the balancers answered 2000 requests; 3 failed (0.15 %)."
    )


def test_who_is_not_back_is_named_with_the_reason():
    report = make_report()
    report.fail("rolling", "app2", "it does not answer")
    report.switched = ["app1", "app2"]
    report.not_back = {"app2": "it does not answer"}
    assert "NOT back: app2: it does not answer" in report.in_words()


def test_nothing_was_changed():
    report = make_report()
    report.fail("check", "app1", "a rule is broken")
    assert "No host had been switched" in report.in_words()
    report.switched = ["app1"]
    assert "No host had been switched" not in report.in_words()


def test_a_balancer_that_was_started_anew_is_counted_from_nought():
    report = make_report()
    report.count({"a": front(1000, 4), "b": front(50, 0)}, {"a": front(30, 1)})
    assert (report.requests, report.failed_requests) == (30, 1)


def test_steps_are_told_as_they_come():
    told = []
    report = make_report(tell=told.append)
    report.say("installed", "app1")
    assert [(step.host, step.words) for step in told] == [("app1", "installed")]
    assert report.as_dict()["steps"][0]["words"] == "installed"
