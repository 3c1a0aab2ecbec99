"""What can be had when, and why not."""

from __future__ import annotations

import datetime as dt

import pytest

from shop.availability import Wish, day_for, days_for, earliest_day
from shop.limits import LimitReached, take
from shop.models import BakeDay, Capacity, Draw, Variant
from shop.opening import open_days
from tests.shop import make

pytestmark = pytest.mark.django_db

MON = dt.date(2026, 11, 23)
TUE, WED, THU, FRI, SAT, SUN = (MON + dt.timedelta(days=n) for n in range(1, 7))
NOON = make.at(MON, dt.time(12))


@pytest.fixture
def shop(db):
    """A counter that is open every day, and its next two weeks from Monday."""
    place = make.make_place(name="Main Street", closes=dt.time(8))
    open_days(MON, 14)
    return place


def bread(**facts):
    return make.make_product(name="Milk bread", **facts).variants.get()


def limit(variant, left, date=TUE, **facts):
    bake_day = BakeDay.objects.get(date=date)
    return make.make_capacity(
        bake_day=bake_day, product=variant.product, limit=left, **facts
    )


def ask(*wishes, date=TUE, now=NOON, **options):
    wishes = [Wish(variant, quantity) for variant, quantity in wishes]
    return day_for(wishes, date, now=now, **options)


def reasons(*wishes, **options):
    answer = ask(*wishes, **options)
    assert answer.can == (not answer.reasons)
    return [(reason.code, reason.sentence) for reason in answer.reasons]


def codes(*wishes, **options):
    return [code for code, _ in reasons(*wishes, **options)]


# --- the day -----------------------------------------------------------------------


def test_the_answers_are_the_next_dates_from_the_bakerys_today(shop):
    late = dt.datetime(2026, 11, 23, 23, 59, tzinfo=dt.UTC)
    answers = days_for([], now=late)
    assert [answer.date for answer in answers][:2] == [MON, TUE]
    assert len(answers) == 14
    assert [answer.can for answer in answers] == [False, False] + [True] * 12
    assert days_for([], now=late + dt.timedelta(minutes=1))[0].date == TUE


def test_an_open_day_says_until_when_one_may_order(shop):
    answer = ask((bread(), 2))
    assert answer.can
    assert answer.bake_day.date == TUE
    assert answer.order_until == make.at(MON, dt.time(18))


def test_at_the_cut_off_the_day_is_closed(shop):
    cut_off = make.at(MON, dt.time(18))
    wish = (bread(), 1)
    assert ask(wish, now=cut_off - dt.timedelta(microseconds=1)).can
    assert reasons(wish, now=cut_off) == [
        ("past_cut_off", "Orders for Tue 24 Nov closed on Mon 23 Nov, 18:00.")
    ]


def test_staff_may_move_the_cut_off_of_a_day(shop):
    BakeDay.objects.filter(date=TUE).update(cut_off=make.at(TUE, dt.time(4)))
    assert ask((bread(), 1), now=make.at(TUE, dt.time(3))).can
    BakeDay.objects.filter(date=TUE).update(cut_off=make.at(SUN, dt.time(4)))
    assert ask((bread(lead_days=0), 1), now=make.at(MON, dt.time(3))).can


@pytest.mark.parametrize("state", ["closed", "baked", "done"])
def test_a_day_that_staff_have_closed_is_closed(shop, state):
    BakeDay.objects.filter(date=TUE).update(state=state)
    assert reasons((bread(), 1)) == [("closed", "Orders for Tue 24 Nov are closed.")]


def test_a_day_without_baking_is_closed_and_one_far_ahead_not_open_yet(shop):
    BakeDay.objects.filter(date=TUE).delete()
    shop.opening_rules.filter(weekday=TUE.weekday()).delete()
    assert reasons() == [("closed", "We are closed on Tue 24 Nov.")]
    far = MON + dt.timedelta(days=20)
    assert reasons(date=far) == [("closed", "Orders for Sun 13 Dec are not open yet.")]


def test_a_holiday_entered_later_closes_a_day_that_was_open(shop):
    make.make_exception(date=TUE, reason="Feast of the baker")
    assert reasons((bread(), 1)) == [
        ("closed", "We are closed on Tue 24 Nov: Feast of the baker.")
    ]


def test_a_holiday_of_one_place_closes_only_its_slots(shop):
    make.make_exception(date=TUE, place=make.make_place())
    assert ask((bread(), 1)).can
    make.make_exception(date=TUE, place=shop)
    assert codes((bread(), 1)) == ["closed"]


def test_a_holiday_names_its_reason_also_where_the_other_place_never_opens(shop):
    make.make_place(weekdays=[6])
    make.make_exception(date=TUE, place=shop, reason="Oven repair")
    assert reasons((bread(), 1)) == [
        ("closed", "We are closed on Tue 24 Nov: Oven repair.")
    ]


def test_a_day_that_staff_have_added_beside_the_rules_is_open(shop):
    shop.opening_rules.all().delete()
    assert ask((bread(), 1)).can


@pytest.mark.parametrize(
    "date", [dt.date.min, dt.date(1999, 1, 1), dt.date(2031, 1, 1), dt.date.max]
)
def test_any_date_gets_an_answer(shop, date):
    answer = ask((bread(), 1), date=date)
    assert [reason.code for reason in answer.reasons] == ["closed"]
    assert answer.bake_day is None


# --- slots -------------------------------------------------------------------------


def test_a_day_without_a_free_slot_is_no_day(shop):
    Capacity.objects.filter(slot__bake_day__date=TUE).update(limit=2, taken=2)
    expected = [("no_slot", "No pick-up time is free on Tue 24 Nov.")]
    assert reasons((bread(), 1)) == expected
    assert reasons() == expected
    assert ask(date=WED).can


def test_slots_outside_the_hours_of_an_exception_do_not_count(shop):
    make.make_exception(date=TUE, opens=dt.time(12), closes=dt.time(13))
    assert codes((bread(), 1)) == ["no_slot"]


def test_slots_of_a_place_that_is_no_longer_active_do_not_count(shop):
    shop.is_active = False
    shop.save()
    assert codes((bread(), 1)) == ["no_slot"]


def test_slots_that_have_begun_do_not_count(shop):
    BakeDay.objects.filter(date=TUE).update(cut_off=make.at(WED))
    last_starts = make.at(TUE, dt.time(7, 30))
    assert ask(now=last_starts - dt.timedelta(seconds=1)).can
    assert codes(now=last_starts) == ["no_slot"]


# --- the product -------------------------------------------------------------------


def test_a_product_is_baked_on_its_weekdays_only(shop):
    rye = (make.make_product(name="Rye loaf", weekdays=0b0010100).variants.get(), 1)
    assert reasons(rye) == [
        ("not_that_weekday", "We bake Rye loaf on Wednesdays and Fridays only.")
    ]
    assert ask(rye, date=WED).can
    roll = make.make_product(name="Roll", weekdays=0b1111100).variants.get()
    assert reasons((roll, 1)) == [
        ("not_that_weekday", "We do not bake Roll on Mondays and Tuesdays.")
    ]


def test_a_product_has_its_season(shop):
    stollen = make.make_product(
        name="Stollen", season_start="11-25", season_end="01-06"
    ).variants.get()
    assert reasons((stollen, 1)) == [
        ("out_of_season", "We bake Stollen from 25 Nov to 6 Jan only.")
    ]
    assert ask((stollen, 1), date=WED).can


def cake(lead_days=2):
    product = make.make_product(name="Birthday cake", lead_days=lead_days)
    return product.variants.get()


def test_a_lead_time_names_the_earliest_day(shop):
    assert reasons((cake(), 1)) == [
        (
            "too_soon",
            "Birthday cake needs two working days; the earliest is Wed 25 Nov.",
        )
    ]
    assert ask((cake(), 1), date=WED).can


def test_a_lead_time_counts_working_days_only(shop):
    make.make_exception(date=TUE)
    make.make_exception(date=WED)
    [(code, sentence)] = reasons((cake(), 1), date=THU)
    assert code == "too_soon"
    assert sentence.endswith("the earliest is Fri 27 Nov.")
    assert ask((cake(), 1), date=FRI).order_until == make.at(MON, dt.time(18))


def test_the_earliest_day_is_one_with_room_for_it(shop):
    variant = cake()
    limit(variant, 0, date=WED)
    Capacity.objects.filter(slot__bake_day__date=THU).update(taken=0, limit=0)
    make.make_exception(date=FRI)
    assert reasons((variant, 1))[0][1].endswith("the earliest is Sat 28 Nov.")


def test_a_lead_time_longer_than_what_is_open_names_no_day(shop):
    assert reasons((cake(lead_days=30), 1)) == [
        ("too_soon", "Birthday cake needs 30 working days.")
    ]


def test_a_product_may_close_earlier_than_the_day(shop):
    sourdough = make.make_product(name="Sourdough", order_until=dt.time(12))
    wish = (sourdough.variants.get(), 1)
    assert reasons(wish) == [
        (
            "too_soon",
            "Sourdough had to be ordered by Mon 23 Nov, 12:00; the earliest is "
            "Wed 25 Nov.",
        )
    ]
    answer = ask(wish, now=NOON - dt.timedelta(seconds=1))
    assert answer.can
    assert answer.order_until == NOON


def test_a_product_never_closes_later_than_the_day(shop):
    late = make.make_product(order_until=dt.time(23)).variants.get()
    assert ask((late, 1)).order_until == make.at(MON, dt.time(18))
    assert codes((late, 1), now=make.at(MON, dt.time(18))) == ["past_cut_off"]


def test_what_is_no_longer_sold_can_be_had_on_no_day(shop):
    hidden = bread(is_listed=False)
    gone = make.make_variant(product=make.make_product(name="Rye"), is_active=False)
    assert reasons((hidden, 1), (gone, 1), date=WED) == [
        ("not_listed", "We no longer sell Milk bread."),
        ("not_listed", f"We no longer sell Rye, {gone.name}."),
    ]


def test_one_order_has_at_most_so_many_of_a_product(shop):
    small = bread(max_per_order=5)
    large = make.make_variant(product=small.product, name="large")
    assert ask((small, 3), (large, 2)).can
    sentence = "One order can have at most 5 Milk bread."
    assert reasons((small, 3), (large, 3)) == [("max_per_order", sentence)] * 2


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


def test_any_number_of_wishes_and_days_takes_seven_queries(
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
    with django_assert_num_queries(7):
        days_for(few, now=NOON, days=1)
    many, hold = wishes(6), make.make_hold()
    with django_assert_num_queries(7):
        days_for(many, now=NOON, days=60, hold=hold)
    with django_assert_num_queries(7):
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
