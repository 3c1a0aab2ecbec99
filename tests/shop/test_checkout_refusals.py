"""When a basket becomes no order, what is said, and that nothing changed."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest

from shop.choices import parse_choices
from shop.exceptions import (
    BadChoice,
    BasketChanged,
    BasketIsEmpty,
    ChooseASlot,
    LimitReached,
    NotAvailable,
    PriceRose,
)
from shop.models import (
    BakeDay,
    Option,
    OptionGroup,
    Order,
    Product,
    Variant,
)
from tests.shop import make
from tests.shop.baskets import (
    MRS_SSONI,
    everything,
    make_basket,
    place,
    taken,
)
from tests.shop.checkout_stage import change, with_choice

pytestmark = pytest.mark.django_db


@pytest.fixture
def slot():
    return make.make_slot(places=8)


@pytest.fixture
def bread(slot):
    product = make.make_product(name="Milk bread", variant=False)
    label = {"ingredients": "Wheat flour, milk", "allergens": ["gluten.wheat", "milk"]}
    variant = make.make_variant(product=product, price_cents=450, label=label)
    make.make_capacity(bake_day=slot.bake_day, product=product, limit=10)
    return variant


@pytest.fixture
def loaves(bread):
    return bread.product.capacities.get()


def retire(contents, bread):
    Variant.objects.filter(pk=bread.pk).update(is_active=False)
    return contents


def other_weekday(contents, bread):
    day = BakeDay.objects.get().date
    Product.objects.update(weekdays=0b1111111 & ~(1 << day.weekday()))
    return contents


def lose_slot(contents, bread):
    BakeDay.objects.get().slots.all().delete()
    return contents


@pytest.mark.parametrize(
    ("spoil", "error"),
    [
        (lambda contents, bread: change(contents, bread, 0), BasketIsEmpty),
        (retire, NotAvailable),
        (other_weekday, NotAvailable),
        (lose_slot, ChooseASlot),
        (lambda contents, bread: change(contents, bread, 11), LimitReached),
        (lambda contents, bread: change(contents, bread, 21), NotAvailable),
        (lambda contents, bread: replace(contents, state="merged"), BasketChanged),
    ],
    ids=[
        *("empty", "gone", "not that weekday", "no slot"),
        *("more than there is", "more than one may order", "merged"),
    ],
)
def test_a_refused_order_changes_nothing(slot, bread, spoil, error):
    contents = spoil(make_basket({bread: 1}, slot), bread)
    unchanged = everything()
    with pytest.raises(error):
        place(contents)
    assert everything() == unchanged


def test_a_full_slot_is_refused(bread, slot):
    full = make.make_slot(bake_day=slot.bake_day, starts=dt.time(9), places=1, taken=1)
    contents = make_basket({bread: 1}, full)
    unchanged = everything()
    with pytest.raises(LimitReached) as refused:
        place(contents)
    assert [short.capacity_id for short in refused.value.short] == [full.capacity.pk]
    assert everything() == unchanged


def test_another_version_than_the_page_showed_is_refused(slot, bread):
    contents = make_basket({bread: 1}, slot)
    unchanged = everything()
    with pytest.raises(BasketChanged):
        place(contents, version=contents.version - 1)
    assert everything() == unchanged


def test_a_basket_that_changes_while_it_is_ordered_is_refused(slot, bread):
    contents = make_basket({bread: 1}, slot)
    change(contents, bread, 5)
    unchanged = everything()
    with pytest.raises(BasketChanged):
        place(contents)
    assert everything() == unchanged


def test_a_price_that_rose_is_asked_again(slot, bread):
    contents = make_basket({bread: 2}, slot)
    Variant.objects.filter(pk=bread.pk).update(price_cents=460)
    unchanged = everything()
    with pytest.raises(PriceRose) as refused:
        place(contents, seen_total_cents=900)
    assert (refused.value.seen_cents, refused.value.now_cents) == (900, 920)
    assert everything() == unchanged
    assert place(contents, seen_total_cents=920).order.total_cents == 920


def test_a_price_that_fell_is_passed_on(slot, bread):
    contents = make_basket({bread: 2}, slot)
    Variant.objects.filter(pk=bread.pk).update(price_cents=400)
    assert place(contents, seen_total_cents=900).order.total_cents == 800


@pytest.mark.parametrize(
    ("facts", "field"),
    [
        ({"contact": replace(MRS_SSONI, name="  ")}, "name"),
        ({"contact": replace(MRS_SSONI, name="x" * 121)}, "name"),
        ({"contact": replace(MRS_SSONI, name="a\x00b")}, "name"),
        ({"contact": replace(MRS_SSONI, email="nobody")}, "email"),
        ({"contact": replace(MRS_SSONI, email="a@b.ie\nBcc: c@d.ie")}, "email"),
        ({"contact": replace(MRS_SSONI, note="x" * 301)}, "note"),
        ({"contact": replace(MRS_SSONI, phone="1" * 41)}, "phone"),
        ({"payment": "gold"}, "payment"),
        ({"payment": ["at_pickup"]}, "payment"),
        ({"payment": ""}, "payment"),
    ],
)
def test_a_bad_answer_is_refused_and_named(slot, bread, facts, field):
    contents = make_basket({bread: 1}, slot)
    unchanged = everything()
    with pytest.raises(BadChoice) as refused:
        place(contents, **facts)
    assert refused.value.field == field
    assert everything() == unchanged


def test_a_code_that_is_taken_is_drawn_again(slot, bread, monkeypatch):
    place(make_basket({bread: 1}, slot))
    Order.objects.update(code="BCDFG")
    drawn = iter("BCDFGBCDFGXWVTS")
    monkeypatch.setattr("secrets.choice", lambda signs: next(drawn))
    assert place(make_basket({bread: 1}, slot)).order.code == "XWVTS"


def test_what_was_promised_stays_when_the_catalogue_changes(slot, bread):
    order = place(make_basket({bread: 1}, slot, choices=with_choice(bread))).order
    Variant.objects.update(price_cents=999, label={}, name="Mini")
    OptionGroup.objects.update(name="Cutting")
    line = order.lines.get()
    assert (line.name, line.unit_price_cents) == ("Milk bread", 450)
    assert line.options == [{"group": "Slicing", "choice": "Sliced"}]
    assert line.allergens == ["gluten.wheat", "milk"]


def test_a_box_draws_its_pieces_and_names_their_allergens(slot, bread, loaves):
    box = make.make_variant(price_cents=1500)
    group = OptionGroup.objects.create(
        name="Pieces", slug="pieces", kind="variants", min_choices=3, max_choices=3
    )
    group.products.add(box.product)
    Option.objects.create(
        group=group,
        slug="bread",
        name="Milk bread",
        variant=bread,
        extra_allergens=["nuts.almond"],
    )
    choices = parse_choices(box, {"option-pieces": ["bread"] * 3})
    order = place(make_basket({box: 2}, slot, choices=choices)).order
    line = order.lines.get()
    assert line.options == [
        {"group": "Pieces", "choice": "Milk bread", "sku": bread.sku, "pieces": 3}
    ]
    assert line.allergens == ["gluten.wheat", "milk", "nuts.almond"]
    assert line.ingredients == "Milk bread: Wheat flour, milk"
    assert (order.total_cents, taken(loaves)) == (3000, [6])
