"""The first hold of a basket in one statement, and when it is not taken that way."""

from __future__ import annotations

import pytest
from django.db import connection

from shop.first_hold import keep_first
from shop.holds import HOLD_MINUTES, MAX_HOLDS_PER_NETWORK, live_hold, units_of
from shop.models import Capacity, Hold
from shop.shopping import priced
from tests.shop import make
from tests.shop.baskets import drift, everything, make_basket, taken
from tests.shop.checkout_stage import HOME, enter, expire

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(
        connection.vendor != "postgresql", reason="SQLite keeps it in several steps"
    ),
]


@pytest.fixture
def slot():
    return make.make_slot(places=8)


@pytest.fixture
def loaves(slot):
    return make.make_capacity(
        bake_day=slot.bake_day, product=make.make_product(), limit=10
    )


@pytest.fixture
def contents(slot, loaves):
    return make_basket({loaves.product.variants.get(): 3}, slot)


def keep(contents) -> bool:
    basket = priced(contents)
    units = units_of(basket)
    limits = {"minutes": HOLD_MINUTES, "most": MAX_HOLDS_PER_NETWORK}
    return keep_first(basket, HOME, units, **limits)


def test_it_is_the_hold_that_the_long_way_takes(contents, slot, loaves):
    assert keep(contents)
    hold = Hold.objects.get()
    assert (hold.basket_token, hold.basket_version) == (
        contents.token,
        contents.version,
    )
    assert (hold.slot, hold.network) == (slot, HOME)
    assert (hold.extensions, hold.contact) == (0, {})
    lasts = (hold.expires_at - hold.created_at).total_seconds()
    assert abs(lasts - 60 * HOLD_MINUTES) < 5
    assert live_hold(contents.token) == hold
    assert taken(loaves, slot.capacity) == [3, 1]
    assert sorted(hold.draws.values_list("units", flat=True)) == [1, 3]
    assert drift() == []


def sold_out(contents, slot):
    Capacity.objects.filter(slot=None).update(limit=2)


def no_place(contents, slot):
    Capacity.objects.filter(slot=slot).update(limit=0)


def has_a_hold(contents, slot):
    enter(contents)


def has_a_dead_hold(contents, slot):
    expire(enter(contents))


def network_is_full(contents, slot):
    for _ in range(MAX_HOLDS_PER_NETWORK):
        make.make_hold(slot=slot, network=HOME)


@pytest.mark.parametrize(
    "spoil", [sold_out, no_place, has_a_hold, has_a_dead_hold, network_is_full]
)
def test_anything_else_is_left_as_it_is(contents, slot, spoil):
    spoil(contents, slot)
    unchanged = everything()
    assert not keep(contents)
    assert everything() == unchanged


def test_an_overbooked_limit_has_always_enough(contents, loaves):
    Capacity.objects.filter(pk=loaves.pk).update(limit=1, overbook_reason="a party")
    assert keep(contents)
    assert taken(loaves) == [3]


def test_dead_holds_of_the_network_do_not_count(contents, slot):
    for _ in range(MAX_HOLDS_PER_NETWORK):
        expire(make.make_hold(slot=slot, network=HOME))
    assert keep(contents)
