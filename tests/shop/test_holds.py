"""Whoever enters checkout keeps pieces and place for a stated time."""

from __future__ import annotations

import datetime as dt

import pytest
from django.utils import timezone

from basket.backends.base import stores
from shop.choices import parse_choices
from shop.exceptions import (
    BasketIsEmpty,
    ChooseASlot,
    LimitReached,
    NotAvailable,
    PastCutOff,
    TooManyHolds,
)
from shop.holds import (
    HOLD_MINUTES,
    MAX_EXTENSIONS,
    MAX_HOLDS_PER_NETWORK,
    extend_hold,
    live_hold,
    release_hold,
    remember_contact,
    sweep_holds,
)
from shop.models import BakeDay, Draw, Hold, Option, OptionGroup, Variant
from tests.shop import make
from tests.shop.baskets import MRS_SSONI, drift, everything, make_basket, taken
from tests.shop.checkout_stage import enter

pytestmark = pytest.mark.django_db


def expire(hold):
    past = timezone.now() - dt.timedelta(seconds=1)
    Hold.objects.filter(pk=hold.pk).update(expires_at=past)


def close_orders(slot, *, ago=dt.timedelta(minutes=1)):
    BakeDay.objects.filter(pk=slot.bake_day_id).update(cut_off=timezone.now() - ago)


def change(contents, variant, quantity, operation="change"):
    stores["default"].put(contents.token, variant.sku, quantity, operation=operation)
    return stores["default"].read(contents.token)


@pytest.fixture
def slot():
    return make.make_slot(places=8)


@pytest.fixture
def bread(slot):
    variant = make.make_variant(price_cents=450)
    make.make_capacity(bake_day=slot.bake_day, product=variant.product, limit=10)
    return variant


@pytest.fixture
def loaves(bread):
    return bread.product.capacities.get()


def test_entering_checkout_keeps_pieces_and_place(slot, bread, loaves):
    contents = make_basket({bread: 3}, slot)
    before = timezone.now()
    hold = enter(contents)
    assert taken(loaves, slot.capacity) == [3, 1]
    assert (hold.slot, hold.basket_version) == (slot, contents.version)
    left = hold.expires_at - before
    assert abs(left - dt.timedelta(minutes=HOLD_MINUTES)) < dt.timedelta(seconds=30)
    assert drift() == []


@pytest.mark.parametrize("count", [1, 12])
def test_entering_takes_the_same_statements_for_any_basket(
    slot, count, django_assert_max_num_queries
):
    lines = {make.make_variant(): 1 for _ in range(count)}
    contents = make_basket(lines, slot)
    with django_assert_max_num_queries(22):
        enter(contents)


def test_entering_again_replaces_and_is_not_blocked_by_oneself(slot, bread, loaves):
    contents = make_basket({bread: 9}, slot)
    first = enter(contents)
    more = change(contents, bread, 10)
    second = enter(more)
    assert second.pk == first.pk
    assert second.basket_version == more.version
    assert taken(loaves, slot.capacity) == [10, 1]
    assert Hold.objects.count() == 1
    assert drift() == []


def test_choosing_another_slot_and_entering_moves_the_place(slot, bread):
    contents = make_basket({bread: 1}, slot)
    enter(contents)
    other = make.make_slot(bake_day=slot.bake_day, starts=dt.time(9))
    stores["default"].remember(contents.token, {"slot": other.pk}, operation="move")
    hold = enter(stores["default"].read(contents.token))
    assert hold.slot == other
    assert taken(slot.capacity, other.capacity) == [0, 1]
    assert drift() == []


def test_what_others_hold_cannot_be_held(slot, bread, loaves):
    enter(make_basket({bread: 8}, slot))
    contents = make_basket({bread: 3}, slot)
    unchanged = everything()
    with pytest.raises(LimitReached) as refused:
        enter(contents)
    [short] = refused.value.short
    assert (short.capacity_id, short.left) == (loaves.pk, 2)
    assert everything() == unchanged


def test_a_refused_second_entry_keeps_the_first_hold(slot, bread, loaves):
    enter(make_basket({bread: 5}, slot))
    contents = make_basket({bread: 4}, slot)
    hold = enter(contents)
    with pytest.raises(LimitReached):
        enter(change(contents, bread, 6))
    assert taken(loaves, slot.capacity) == [9, 2]
    assert live_hold(contents.token).basket_version == hold.basket_version


def test_an_expired_hold_is_swept_when_somebody_needs_it(slot, bread, loaves):
    gone = enter(make_basket({bread: 9}, slot))
    expire(gone)
    hold = enter(make_basket({bread: 10}, slot))
    assert list(Hold.objects.all()) == [hold]
    assert taken(loaves, slot.capacity) == [10, 1]
    assert drift() == []


def test_sweeping_takes_the_expired_ones_only_and_can_be_repeated(slot, bread, loaves):
    dead, alive = (enter(make_basket({bread: 2}, slot)) for _ in range(2))
    expire(dead)
    assert sweep_holds() == 1
    assert sweep_holds() == 0
    assert list(Hold.objects.all()) == [alive]
    assert taken(loaves, slot.capacity) == [2, 1]
    assert Draw.objects.filter(hold=alive).count() == 2


def test_a_released_hold_gives_back_at_once(slot, bread, loaves):
    contents = make_basket({bread: 2}, slot)
    enter(contents)
    assert release_hold(contents.token)
    assert not release_hold(contents.token)
    assert taken(loaves, slot.capacity) == [0, 0]
    assert not Hold.objects.exists()


def test_a_hold_is_extended_three_times_and_no_more(slot, bread):
    contents = make_basket({bread: 1}, slot)
    enter(contents)
    for extension in range(1, MAX_EXTENSIONS + 1):
        assert extend_hold(contents.token).extensions == extension
    last = live_hold(contents.token)
    again = extend_hold(contents.token)
    assert (again.extensions, again.expires_at) == (MAX_EXTENSIONS, last.expires_at)


def test_entering_again_counts_as_an_extension(slot, bread):
    contents = make_basket({bread: 1}, slot)
    began = enter(contents).created_at
    for extension in range(1, MAX_EXTENSIONS + 1):
        assert enter(contents).extensions == extension
    last = live_hold(contents.token)
    again = enter(contents)
    assert (again.extensions, again.expires_at) == (MAX_EXTENSIONS, last.expires_at)
    assert again.created_at == began


def test_an_expired_hold_is_not_extended_but_entering_starts_anew(slot, bread, loaves):
    contents = make_basket({bread: 1}, slot)
    hold = enter(contents)
    extend_hold(contents.token)
    expire(hold)
    assert extend_hold(contents.token) is None
    assert live_hold(contents.token) is None
    fresh = enter(contents)
    assert fresh.extensions == 0
    assert fresh.created_at > hold.created_at
    assert taken(loaves) == [1]


def test_a_network_has_a_cap_of_live_holds(slot, bread, loaves):
    holds = [enter(make_basket({bread: 1}, slot)) for _ in range(MAX_HOLDS_PER_NETWORK)]
    contents = make_basket({bread: 1}, slot)
    unchanged = everything()
    with pytest.raises(TooManyHolds) as refused:
        enter(contents)
    assert refused.value.status == 429
    assert everything() == unchanged
    enter(make_basket({bread: 1}, slot), network="203.0.113.0/24")
    expire(holds[0])
    enter(contents)
    assert taken(loaves) == [MAX_HOLDS_PER_NETWORK + 2]


def test_the_cap_does_not_count_ones_own_hold(slot, bread):
    baskets = [make_basket({bread: 1}, slot) for _ in range(MAX_HOLDS_PER_NETWORK)]
    for contents in baskets:
        enter(contents)
    assert enter(baskets[0]).extensions == 1


@pytest.mark.parametrize(
    ("spoil", "error"),
    [
        (lambda contents, bread, slot: change(contents, bread, 0), BasketIsEmpty),
        (
            lambda contents, bread, slot: (
                Variant.objects.update(is_active=False),
                contents,
            )[1],
            NotAvailable,
        ),
        (lambda contents, bread, slot: (slot.delete(), contents)[1], ChooseASlot),
        (lambda contents, bread, slot: (close_orders(slot), contents)[1], PastCutOff),
        (lambda contents, bread, slot: change(contents, bread, 21), NotAvailable),
    ],
    ids=["empty", "gone", "no slot", "late", "more than one may order"],
)
def test_what_cannot_be_ordered_is_not_held(slot, bread, spoil, error):
    contents = spoil(make_basket({bread: 1}, slot), bread, slot)
    unchanged = everything()
    with pytest.raises(error):
        enter(contents)
    assert everything() == unchanged


def test_after_the_cut_off_a_live_hold_can_be_entered_again_but_not_prolonged(
    slot, bread, loaves
):
    contents = make_basket({bread: 1}, slot)
    hold = enter(contents)
    close_orders(slot, ago=dt.timedelta(0))
    again = enter(change(contents, bread, 2))
    assert again.expires_at == hold.expires_at
    assert extend_hold(contents.token).expires_at == hold.expires_at
    assert taken(loaves) == [2]
    expire(hold)
    with pytest.raises(PastCutOff):
        enter(change(contents, bread, 3, operation="more"))


def test_the_first_screen_is_remembered_while_the_hold_lives(slot, bread):
    contents = make_basket({bread: 1}, slot)
    hold = enter(contents)
    assert remember_contact(contents.token, MRS_SSONI)
    assert live_hold(contents.token).contact["email"] == "ssoni@example.com"
    assert enter(contents).contact["email"] == "ssoni@example.com"
    expire(hold)
    assert not remember_contact(contents.token, MRS_SSONI)


def test_the_pieces_of_a_box_are_held_too(slot, bread, loaves):
    box = make.make_variant()
    group = OptionGroup.objects.create(
        name="Six", slug="six", kind="variants", min_choices=3, max_choices=6
    )
    group.products.add(box.product)
    Option.objects.create(group=group, slug="bread", name="Bread", variant=bread)
    choices = parse_choices(box, {"option-six": ["bread"] * 3})
    enter(make_basket({box: 2}, slot, choices=choices))
    assert taken(loaves) == [6]
