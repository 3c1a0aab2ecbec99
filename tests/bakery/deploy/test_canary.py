"""When the first host of a release is found bad, and when it is only unlucky."""

from __future__ import annotations

import pytest

from bakery.deploy.canary import (
    at_least,
    compare,
    judge,
    judge_at_balancer,
    judge_errors,
)
from bakery.deploy.figures import AtBalancer, Figures
from bakery.deploy.fleet_file import Canary

NOTHING = Canary(share=50, seconds=20.0, errors=0.0, slower=2.0)
ONE_PERCENT = Canary(share=50, seconds=20.0, errors=1.0, slower=2.0)


def within(seconds: float, requests: int = 200) -> dict[float, int]:
    """All requests took about so long."""
    bounds = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0]
    return {bound: requests if bound >= seconds else 0 for bound in bounds}


def test_the_first_error_is_one_too_many_where_nobody_else_has_any():
    verdict = judge_errors(Figures(1000, 1), Figures(5000, 0), NOTHING)
    assert verdict.bad
    assert verdict.words == (
        "1 of its 1000 requests failed; of the others' 5000 it was 0"
    )


def test_nothing_failed_so_nothing_is_bad():
    assert not judge(Figures(), Figures(), NOTHING).bad
    assert not judge(Figures(500, 0), Figures(500, 25), NOTHING).bad


@pytest.mark.parametrize(
    ("errors", "bad"), [(1, False), (3, False), (4, True), (10, True)]
)
def test_what_hits_all_clones_alike_is_not_the_release_s_fault(errors, bad):
    """Two in a hundred fail everywhere, of ten here: four are no accident."""
    assert judge_errors(Figures(10, errors), Figures(1000, 20), NOTHING).bad is bad


@pytest.mark.parametrize(
    ("errors", "bad"), [(1, False), (5, False), (8, True), (50, True)]
)
def test_the_fleet_file_may_grant_some(errors, bad):
    assert judge_errors(Figures(100, errors), Figures(1000, 0), ONE_PERCENT).bad is bad


def test_all_of_it_failing_is_bad_whatever_is_granted():
    assert judge_errors(Figures(5, 5), Figures(100, 0), ONE_PERCENT).bad


def test_three_times_as_slow_is_bad_and_says_by_how_much():
    slow = Figures(200, 0, within(0.1))
    quick = Figures(200, 0, within(0.025))
    verdict = judge(slow, quick, NOTHING)
    assert verdict.bad
    assert verdict.words == (
        "it answers half of its requests and 95 % of them in "
        "75 ms to 18 ms and 98 ms to 24 ms"
    )
    assert not judge(quick, slow, NOTHING).bad


def test_few_requests_tell_nothing_about_times():
    slow = Figures(20, 0, within(0.5, 20))
    assert not judge(slow, Figures(200, 0, within(0.025)), NOTHING).bad


def test_what_nobody_notices_is_not_slow():
    assert not judge(
        Figures(200, 0, within(0.005)), Figures(200, 0, within(0.0001)), NOTHING
    ).bad


def pages(kept: float, new: float, own: float) -> dict[str, list[float]]:
    found = {"/": kept, "/product/rye/": kept, "/search/?q=": new, "/basket/": own}
    return {page: [seconds] * 11 for page, seconds in found.items()}


def test_the_same_pages_at_the_same_pace_are_well():
    verdict = compare(pages(0.002, 0.03, 0.04), pages(0.002, 0.02, 0.03), NOTHING)
    assert not verdict.bad
    assert verdict.words == (
        "kept pages 2.0 ms, elsewhere 2.0 ms; new pages 30.0 ms, elsewhere 20.0 ms; "
        "own pages 40.0 ms, elsewhere 30.0 ms"
    )


@pytest.mark.parametrize("slow", [(0.02, 0.02, 0.03), (0.002, 0.09, 0.03)])
def test_one_kind_of_page_that_is_slow_is_enough(slow):
    assert compare(pages(*slow), pages(0.002, 0.02, 0.03), NOTHING).bad


def test_what_disturbs_most_requests_is_not_the_page_s_own_time():
    crowd = {"/basket/": [0.03] * 3 + [0.4] * 8}
    assert not compare(crowd, {"/basket/": [0.03] * 11}, NOTHING).bad


def seen(requests: int, errors: int) -> AtBalancer:
    return AtBalancer("UP", 50, 0, 0, requests, errors)


def test_the_balancer_sees_also_who_gives_no_answer_at_all():
    quiet = Figures(400, 0)
    verdict = judge_at_balancer(seen(100, 7), seen(180, 9), NOTHING, quiet)
    assert verdict.bad
    assert verdict.words == (
        "the balancer got 2 errors from it of 80 requests; from the others 0 of 400"
    )
    assert not judge_at_balancer(seen(100, 7), seen(180, 7), NOTHING, quiet).bad


def test_at_the_balancer_too_what_hits_all_alike_is_not_the_release_s_fault():
    others = Figures(400, 9)
    assert not judge_at_balancer(seen(100, 7), seen(180, 9), NOTHING, others).bad
    assert judge_at_balancer(seen(100, 7), seen(180, 57), NOTHING, others).bad


def test_that_nobody_else_fails_shows_after_a_while():
    one = Figures(20, 1)
    assert not judge_errors(one, Figures(60, 0), NOTHING, final=False).bad
    assert judge_errors(one, Figures(500, 0), NOTHING, final=False).bad
    assert judge_errors(one, Figures(60, 0), NOTHING, final=True).bad


def test_with_nobody_beside_it_the_first_error_is_one_too_many():
    assert judge_errors(Figures(20, 1), Figures(), NOTHING, final=False).bad
    assert judge_errors(Figures(5, 5), Figures(), ONE_PERCENT, final=False).bad


def test_chances_are_those_of_dice():
    assert at_least(0, of=10, chance=0.5) == 1
    assert at_least(1, of=10, chance=0) == 0
    assert at_least(1, of=2, chance=0.5) == pytest.approx(0.75)
    assert at_least(2, of=2, chance=0.5) == pytest.approx(0.25)
    assert at_least(10, of=10, chance=1) == 1
    assert at_least(11, of=10, chance=0.5) == pytest.approx(0, abs=1e-9)
    assert at_least(2100, of=10_000, chance=0.2) == pytest.approx(0.0064, abs=0.0005)
