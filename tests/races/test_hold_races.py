"""Many tabs and networks in checkout at once. Each race has its control."""

from __future__ import annotations

from functools import partial

import pytest

from shop.exceptions import TooManyHolds
from shop.holds import (
    MAX_HOLDS_PER_NETWORK,
    extend_hold,
    live_hold,
)
from shop.models import (
    Hold,
)
from tests.races.rivals import errors_in, meeting, network, race
from tests.shop import make
from tests.shop.baskets import drift, make_basket, taken
from tests.shop.checkout_stage import enter

pytestmark = pytest.mark.django_db(transaction=True)


def test_many_tabs_entering_at_once_share_one_hold(slot, bread, loaves):
    """From several networks, as a phone does that leaves the house."""
    contents = make_basket({bread: 2}, slot)
    outcomes = race(*[partial(enter, contents, network=network(n)) for n in range(8)])
    assert errors_in(outcomes) == []
    assert {hold.pk for hold in outcomes} == {Hold.objects.get().pk}
    assert taken(loaves, slot.capacity) == [2, 1]
    assert drift() == []


def test_tabs_that_enter_again_at_once_all_count_as_extensions(slot, bread, loaves):
    contents = make_basket({bread: 2}, slot)
    enter(contents, network=network(1))
    outcomes = race(*[partial(enter, contents, network=network(n)) for n in range(3)])
    assert errors_in(outcomes) == []
    assert live_hold(contents.token).extensions == 3
    assert taken(loaves, slot.capacity) == [2, 1]


def test_one_network_never_has_more_than_its_holds(slot, bread, loaves):
    baskets = [make_basket({bread: 1}, slot) for _ in range(20)]
    outcomes = race(*[partial(enter, basket, network=network(1)) for basket in baskets])
    assert errors_in(outcomes, TooManyHolds) == []
    assert Hold.objects.count() == MAX_HOLDS_PER_NETWORK
    assert taken(loaves) == [MAX_HOLDS_PER_NETWORK]


def test_control_counting_and_then_holding_passes_the_cap(slot):
    all_have_counted = meeting(8)

    def enter(_):
        held = Hold.objects.filter(network=network(1)).count()
        all_have_counted()
        if held < MAX_HOLDS_PER_NETWORK:
            make.make_hold(slot=slot, network=network(1))

    assert errors_in(race(*[partial(enter, number) for number in range(8)])) == []
    assert Hold.objects.count() == 8


def test_a_hold_is_never_extended_a_fourth_time(slot, bread):
    contents = make_basket({bread: 1}, slot)
    enter(contents, network=network(1))
    assert errors_in(race(*[partial(extend_hold, contents.token)] * 12)) == []
    assert live_hold(contents.token).extensions == 3
