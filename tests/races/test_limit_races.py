"""Many servers at the limits at the same moment. Each race has a control: the same
crowd without the guard, which goes wrong."""

from __future__ import annotations

import threading

import pytest
from django.db import OperationalError, connection, transaction
from django.db.models import F, Sum

from shop.draws import draws_for
from shop.drift import limit_drift
from shop.limits import LimitReached, give_back, hand_on, take
from shop.models import BakeDay, Capacity, Draw, Slot
from shop.opening import open_days
from shop.reconcile import reconcile
from tests.races.rivals import PATIENCE_SECONDS, errors_in, race
from tests.shop import make

pytestmark = pytest.mark.django_db(transaction=True)


def try_to_take(units, hold):
    """Whether everything was taken."""
    try:
        with transaction.atomic():
            take(units, hold=hold)
    except LimitReached:
        return False
    return True


def taken(*capacities):
    return [Capacity.objects.get(pk=capacity.pk).taken for capacity in capacities]


# --- the last pieces ---------------------------------------------------------------

RIVALS, LEFT = 64, 10


def test_the_last_10_pieces_go_to_exactly_10_of_64_rivals():
    loaves = make.make_capacity(limit=30, taken=20)
    holds = [make.make_hold() for _ in range(RIVALS)]
    outcomes = race(
        *(lambda hold=hold: try_to_take({loaves.pk: 1}, hold) for hold in holds)
    )
    assert errors_in(outcomes) == []
    assert outcomes.count(True) == LEFT
    assert taken(loaves) == [30]
    assert Draw.objects.count() == LEFT


def test_control_reading_first_sells_the_last_10_pieces_to_all():
    loaves = make.make_capacity(limit=30, taken=20)
    rivals = 16
    all_have_read = threading.Barrier(rivals)

    def read_then_write():
        seen = Capacity.objects.get(pk=loaves.pk)
        all_have_read.wait(PATIENCE_SECONDS)
        if seen.left < 1:
            return False
        Capacity.objects.filter(pk=loaves.pk).update(taken=seen.taken + 1)
        return True

    outcomes = race(*[read_then_write] * rivals)
    assert errors_in(outcomes) == []
    assert outcomes.count(True) == rivals > LEFT
    assert taken(loaves) == [21]


def test_the_last_place_in_a_slot_is_given_once():
    slot = make.make_slot(places=8, taken=7)
    bread = make.make_capacity(bake_day=slot.bake_day, limit=100)
    variant = bread.product.variants.get()
    units = draws_for([(variant, 2)], slot.bake_day, slot)
    assert set(units.values()) == {1, 2}
    holds = [make.make_hold(slot=slot) for _ in range(20)]
    outcomes = race(*(lambda hold=hold: try_to_take(units, hold) for hold in holds))
    assert errors_in(outcomes) == []
    assert outcomes.count(True) == 1
    assert taken(bread, slot.capacity) == [2, 8]
    assert Draw.objects.values("hold").distinct().count() == 1


# --- several limits at once --------------------------------------------------------


def test_baskets_in_opposite_order_never_deadlock_and_take_all_or_nothing():
    limits = [make.make_capacity(limit=limit) for limit in (60, 25, 60)]
    forwards = {limit.pk: 1 for limit in limits}
    backwards = dict(reversed(forwards.items()))
    holds = [make.make_hold() for _ in range(40)]
    outcomes = race(
        *(
            lambda hold=hold, units=units: try_to_take(units, hold)
            for hold, units in zip(holds, [forwards, backwards] * 20, strict=True)
        )
    )
    assert errors_in(outcomes) == []
    assert outcomes.count(True) == 25
    assert taken(*limits) == [25, 25, 25]
    assert Draw.objects.count() == 3 * 25


def test_control_one_update_for_each_limit_deadlocks():
    if connection.vendor == "sqlite":
        pytest.skip(
            "SQLite lets one transaction write at a time: no row locks to cross"
        )
    one, other = make.make_capacity(), make.make_capacity()
    both_hold_one = threading.Barrier(2)

    def in_this_order(*capacities):
        with transaction.atomic():
            for number, capacity in enumerate(capacities):
                rows = Capacity.objects.filter(pk=capacity.pk, limit__gt=F("taken"))
                rows.update(taken=F("taken") + 1)
                if number == 0:
                    both_hold_one.wait(PATIENCE_SECONDS)

    outcomes = race(
        lambda: in_this_order(one, other), lambda: in_this_order(other, one)
    )
    [error] = errors_in(outcomes)
    assert isinstance(error, OperationalError)
    assert "deadlock detected" in str(error)


def test_taking_and_giving_back_cross_without_deadlock():
    limits = [make.make_capacity(limit=100) for _ in range(4)]
    units = {limit.pk: 1 for limit in limits}
    leaving = [make.make_hold() for _ in range(15)]
    coming = [make.make_hold() for _ in range(15)]
    # The draws of half of them were written in the opposite order.
    for number, hold in enumerate(leaving):
        for pk in sorted(units, reverse=number % 2):
            try_to_take({pk: 1}, hold)
    assert taken(*limits) == [15] * 4

    def leave(hold):
        with transaction.atomic():
            give_back(hold=hold)

    outcomes = race(
        *(lambda hold=hold: leave(hold) for hold in leaving),
        *(lambda hold=hold: try_to_take(units, hold) for hold in coming),
    )
    assert errors_in(outcomes) == []
    assert taken(*limits) == [15] * 4
    assert list(limit_drift()) == []


# --- giving back -------------------------------------------------------------------


def drawn_hold(units=3):
    loaves, oven = make.make_capacity(taken=4), make.make_capacity(taken=4)
    hold = make.make_hold()
    try_to_take({loaves.pk: units, oven.pk: units}, hold)
    return hold, (loaves, oven)


def test_units_given_back_by_eight_servers_at_once_go_back_once():
    hold, limits = drawn_hold()

    def drop():
        with transaction.atomic():
            give_back(hold=hold)

    assert race(*[drop] * 8) == [None] * 8
    assert taken(*limits) == [4, 4]
    assert not Draw.objects.exists()


def test_control_reading_the_draws_first_gives_them_back_twice():
    hold, limits = drawn_hold(units=2)
    both_have_read = threading.Barrier(2)

    def read_then_give_back():
        draws = list(hold.draws.all())
        both_have_read.wait(PATIENCE_SECONDS)
        for draw in draws:
            rows = Capacity.objects.filter(pk=draw.capacity_id)
            rows.update(taken=F("taken") - draw.units)
        hold.draws.all().delete()

    assert errors_in(race(*[read_then_give_back] * 2)) == []
    assert taken(*limits) == [2, 2]


@pytest.mark.parametrize("attempt", range(3))
def test_a_hold_swept_while_it_becomes_an_order_is_one_or_the_other(attempt):
    hold, limits = drawn_hold()
    order = make.make_order()

    def become():
        with transaction.atomic():
            return hand_on(hold, order)

    def sweep():
        with transaction.atomic():
            give_back(hold=hold)

    handed_on, *rest = race(become, *[sweep] * 4)
    assert rest == [None] * 4
    assert handed_on in (0, 2)
    assert taken(*limits) == ([7, 7] if handed_on else [4, 4])
    drawn = Draw.objects.filter(order=order).aggregate(Sum("units"))["units__sum"]
    assert (drawn or 0) == 3 * handed_on
    assert Draw.objects.count() == handed_on


# --- opening and mending -----------------------------------------------------------


def test_days_opened_by_many_servers_at_once_are_opened_once():
    make.make_place()
    make.make_product(daily_limit=5)
    outcomes = race(*[lambda: open_days(make.day_from_today(1), 7)] * 6)
    assert errors_in(outcomes) == []
    assert BakeDay.objects.count() == 7
    assert Slot.objects.count() == 7 * 22
    assert Capacity.objects.count() == 7 * 23


def test_mending_while_the_shop_sells_loses_nothing():
    loaves = make.make_capacity(limit=100)
    Capacity.objects.update(taken=9)
    holds = [make.make_hold() for _ in range(20)]
    Capacity.objects.filter(slot__isnull=False).update(taken=0)
    outcomes = race(
        *(lambda hold=hold: try_to_take({loaves.pk: 1}, hold) for hold in holds),
        *[lambda: reconcile(fix=True)] * 3,
    )
    assert errors_in(outcomes) == []
    reconcile(fix=True)
    assert taken(loaves) == [20]
