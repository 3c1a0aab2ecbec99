"""What limits and holds leave for a day, and the answer as a whole."""

from __future__ import annotations

import datetime as dt

import pytest

from shop.availability import Wish, day_for, days_for, earliest_day
from shop.limits import LimitReached, take
from shop.models import BakeDay, Capacity, Draw, Variant
from tests.shop import make
from tests.shop.availability_stage import (
    FRI,
    MON,
    NOON,
    TUE,
    WED,
    ask,
    bread,
    cake,
    codes,
    limit,
    open_main_street,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def shop(db):
    return open_main_street()


# --- limits ------------------------------------------------------------------------


def test_a_product_without_a_limit_is_never_sold_out(shop):
    assert ask((bread(), 20)).can


def test_sold_out_and_not_enough_say_what_is_left(shop):
    variant = bread()
    loaves = limit(variant, 10, taken=7)
    assert ask((variant, 3)).can
    [reason] = ask((variant, 4)).reasons
    assert (reason.code, reason.sku, reason.left) == ("not_enough", variant.sku, 3)
    assert reason.sentence == "We have only 3 Milk bread left for Tue 24 Nov."
    Capacity.objects.filter(pk=loaves.pk).update(taken=10)
    [reason] = ask((variant, 4)).reasons
    assert (reason.code, reason.sku, reason.left) == ("sold_out", variant.sku, 0)
    assert reason.sentence == "We are sold out of Milk bread for Tue 24 Nov."
    assert ask((variant, 4), date=WED).can


def test_two_lines_of_one_variant_are_summed(shop):
    variant = bread()
    limit(variant, 5)
    assert ask((variant, 3), (variant, 2)).can
    [reason] = ask((variant, 3), (variant, 3)).reasons
    assert (reason.code, reason.left) == ("not_enough", 5)


def test_variants_of_one_product_share_its_pieces_by_weight(shop):
    single = bread()
    box = make.make_variant(product=single.product, name="box", pieces=6)
    limit(single, 13)
    assert ask((single, 1), (box, 2)).can
    answer = ask((single, 4), (box, 2))
    assert [(r.sku, r.left) for r in answer.reasons] == [(single.sku, 1), (box.sku, 1)]
    assert answer.reasons[1].sentence == (
        "We can make only 1 Milk bread, box for Tue 24 Nov together with the rest of "
        "your basket."
    )


def test_fewer_pieces_than_one_box_are_none(shop):
    box = make.make_variant(product=make.make_product(variant=False), pieces=6)
    limit(box, 5)
    assert codes((box, 1)) == ["sold_out"]


def test_a_shared_oven_counts_a_cake_more_than_a_roll(shop):
    roll, big = bread(), cake(lead_days=1)
    oven = make.make_resource(uses={roll: 1, big: 12}, daily_limit=30)
    bake_day = BakeDay.objects.get(date=TUE)
    make.make_capacity(bake_day=bake_day, resource=oven, limit=30)
    assert ask((roll, 6), (big, 2)).can
    answer = ask((roll, 7), (big, 2))
    assert [(r.code, r.sku, r.left) for r in answer.reasons] == [
        ("not_enough", roll.sku, 6),
        ("not_enough", big.sku, 1),
    ]
    [reason] = ask((big, 3)).reasons
    assert reason.sentence == "We have only 2 Birthday cake left for Tue 24 Nov."


def test_the_rest_of_the_basket_may_leave_no_room(shop):
    roll, big = bread(), cake(lead_days=1)
    oven = make.make_resource(uses={roll: 1, big: 12})
    bake_day = BakeDay.objects.get(date=TUE)
    make.make_capacity(bake_day=bake_day, resource=oven, limit=20)
    reason = ask((roll, 10), (big, 1)).reasons[1]
    assert (reason.code, reason.left) == ("not_enough", 0)
    assert reason.sentence == (
        "We cannot make Birthday cake for Tue 24 Nov together with the rest of your "
        "basket."
    )


def test_overbooking_with_a_reason_leaves_room(shop):
    variant = bread()
    limit(variant, 1, taken=1, overbook_reason="a wedding")
    assert ask((variant, 5)).can


def test_every_reason_is_told_at_once(shop):
    rye = make.make_product(weekdays=0b0000001).variants.get()
    variant = bread()
    limit(variant, 1)
    Capacity.objects.filter(slot__isnull=False).update(limit=0)
    assert codes((rye, 1), (variant, 2)) == [
        "not_that_weekday",
        "not_enough",
        "no_slot",
    ]


# --- holds -------------------------------------------------------------------------


def held(variant, quantity, minutes=10):
    """A live hold, as it stands at NOON, of that much and the last slot place."""
    slot = BakeDay.objects.get(date=TUE).slots.first()
    hold = make.make_hold(slot=slot)
    hold.created_at = NOON - dt.timedelta(minutes=1)
    hold.expires_at = NOON + dt.timedelta(minutes=minutes)
    hold.save()
    make.make_draw(
        capacity=Capacity.objects.get(product=variant.product),
        units=quantity,
        hold=hold,
    )
    make.make_draw(capacity=slot.capacity, hold=hold)
    return hold


def test_what_my_own_hold_keeps_is_free_for_me_alone(shop):
    variant = bread()
    limit(variant, 3)
    mine = held(variant, 3)
    Capacity.objects.filter(slot__isnull=False).exclude(slot=mine.slot).update(limit=0)
    Capacity.objects.filter(slot=mine.slot).update(limit=1)
    assert codes((variant, 3)) == ["sold_out", "no_slot"]
    assert ask((variant, 3), hold=mine).can
    assert codes((variant, 4), hold=mine) == ["not_enough"]
    assert codes((variant, 3), hold=make.make_hold(slot=mine.slot)) == [
        "sold_out",
        "no_slot",
    ]


def test_a_live_hold_keeps_the_cut_off_from_passing_on_its_day(shop):
    variant = bread()
    limit(variant, 3)
    hold = held(variant, 1, minutes=60 * 24)
    late = make.at(MON, dt.time(18, 5))
    assert ask((variant, 1), now=late, hold=hold).can
    assert codes((variant, 1), now=late) == ["past_cut_off"]
    assert codes((variant, 1), now=make.at(TUE, dt.time(18)), date=WED, hold=hold) == [
        "past_cut_off"
    ]


def test_a_hold_that_began_after_the_cut_off_or_is_over_keeps_nothing(shop):
    variant = bread()
    limit(variant, 3)
    late = make.at(MON, dt.time(18, 5))
    over = held(variant, 1, minutes=10)
    assert codes((variant, 1), now=late, hold=over) == ["past_cut_off"]
    over.expires_at = make.at(TUE)
    over.created_at = make.at(MON, dt.time(18))
    assert codes((variant, 1), now=late, hold=over) == ["past_cut_off"]


def test_what_an_expired_hold_has_drawn_is_free(shop):
    variant = bread()
    limit(variant, 3)
    held(variant, 3, minutes=0)
    assert ask((variant, 3)).can
    assert codes((variant, 3), now=NOON - dt.timedelta(seconds=1)) == ["sold_out"]


# --- as a whole --------------------------------------------------------------------


def test_the_earliest_day_has_all_of_it(shop):
    rye = make.make_product(weekdays=0b0010100).variants.get()
    wishes = [Wish(cake(), 1), Wish(rye, 1)]
    assert earliest_day(wishes, now=NOON).date == WED
    limit(rye, 0, date=WED)
    assert earliest_day(wishes, now=NOON).date == FRI
    assert earliest_day([Wish(cake(lead_days=40), 1)], now=NOON) is None


def test_any_number_of_wishes_and_days_takes_six_queries(
    shop, django_assert_num_queries
):
    def wishes(number):
        made = [make.make_product(name=f"P{n}").variants.get() for n in range(number)]
        for variant in made:
            limit(variant, 50)
        make.make_resource(uses=dict.fromkeys(made, 1))
        ids = [variant.pk for variant in made]
        found = Variant.objects.select_related("product").filter(pk__in=ids)
        return [Wish(variant, 1) for variant in found]

    few = wishes(1)
    with django_assert_num_queries(6):
        days_for(few, now=NOON, days=1)
    many, hold = wishes(6), make.make_hold()
    with django_assert_num_queries(6):
        days_for(many, now=NOON, days=60, hold=hold)
    with django_assert_num_queries(6):
        day_for(many, TUE, now=NOON)


def test_limits_refuse_exactly_what_availability_refuses(shop):
    variant = bread()
    loaves = limit(variant, 7, taken=3)
    hold = make.make_hold(slot=BakeDay.objects.get(date=TUE).slots.first())
    for quantity in range(1, 8):
        try:
            take({loaves.pk: quantity}, hold=hold)
            taken = True
        except LimitReached:
            taken = False
        Draw.objects.all().delete()
        Capacity.objects.filter(pk=loaves.pk).update(taken=3)
        assert ask((variant, quantity)).can is taken
