"""What the bakers are told is what was ordered, to the gram."""

import datetime as dt
import json
from collections import Counter
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase as HypothesisTestCase

from shop.bakesheet import bake_sheet, next_bake_date
from shop.models import Order, OrderLine, RecipeLine
from shop.recipes import RecipeCycle
from tests.shop.make import (
    day_from_today,
    make_bake_day,
    make_ingredient,
    make_order,
    make_product,
    make_recipe,
    make_slot,
    make_variant,
)

pytestmark = pytest.mark.django_db

LIVE = {"confirmed", "in_production", "ready", "handed_over", "not_collected"}


def make_milk_bread(**facts):
    """350 g of a dough of 600 flour and 400 milk."""
    flour = make_ingredient(name="Wheat flour")
    milk = make_ingredient(name="Milk")
    dough = make_recipe(name="Milk dough", parts={flour: 600, milk: 400})
    product = make_product(name="Milk bread", variant=False)
    facts.setdefault("pieces_per_tray", 12)
    return make_variant(product=product, recipe=dough, dough_g=350, **facts)


def grams(sheet):
    return {str(ingredient): grams for ingredient, grams in sheet.ingredients}


def test_pieces_of_all_orders_are_added_up():
    bread, slot = make_milk_bread(), make_slot()
    for quantity in (1, 2, 40):
        make_order(slot=slot, lines={bread: quantity})
    sheet = bake_sheet(slot.bake_day.date)
    (line,) = sheet.lines
    assert (line.variant, line.pieces, sheet.pieces, sheet.orders) == (bread, 43, 43, 3)


def test_the_last_tray_may_not_be_full():
    bread, slot = make_milk_bread(pieces_per_tray=12), make_slot()
    order = make_order(slot=slot, lines={bread: 24})
    (line,) = bake_sheet(slot.bake_day.date).lines
    assert line.trays == 2
    order.lines.update(quantity=25, total_cents=25 * bread.price_cents)
    (line,) = bake_sheet(slot.bake_day.date).lines
    assert line.trays == 3


def test_doughs_and_ingredients_are_to_the_gram():
    bread, slot = make_milk_bread(), make_slot()
    make_order(slot=slot, lines={bread: 43})
    sheet = bake_sheet(slot.bake_day.date)
    (card,) = sheet.doughs
    assert (str(card.recipe), card.grams) == ("Milk dough", 43 * 350)
    assert grams(sheet) == {"Wheat flour": 9030, "Milk": 6020}


@pytest.mark.parametrize("state", Order.State.values)
def test_only_live_orders_count(state):
    bread, slot = make_milk_bread(), make_slot()
    make_order(slot=slot, lines={bread: 3}, state=state)
    sheet = bake_sheet(slot.bake_day.date)
    assert sheet.pieces == (3 if state in LIVE else 0)
    assert sheet.orders == (1 if state in LIVE else 0)


def test_other_days_do_not_count():
    bread, slot = make_milk_bread(), make_slot()
    make_order(slot=slot, lines={bread: 3})
    other = make_bake_day(date=day_from_today(4))
    assert bake_sheet(other.date).lines == ()
    assert bake_sheet(other.date).bake_day == other


def test_a_day_without_an_oven_has_an_empty_sheet():
    sheet = bake_sheet(day_from_today(9))
    assert (sheet.bake_day, sheet.lines, sheet.orders, sheet.ahead) == (None, (), 0, ())


def test_it_is_ready_by_the_earliest_slot_of_its_own_orders():
    bread, roll, day = make_milk_bread(), make_variant(), make_bake_day()
    early = make_slot(bake_day=day, starts=dt.time(7, 30))
    late = make_slot(bake_day=day, starts=dt.time(16))
    make_order(slot=late, lines={bread: 1, roll: 1})
    make_order(slot=early, lines={bread: 1})
    ready_by = {line.variant: line.ready_by for line in bake_sheet(day.date).lines}
    assert ready_by == {bread: dt.time(7, 30), roll: dt.time(16)}


def freeze(order, *options, note=""):
    order.lines.update(options=list(options))
    Order.objects.filter(pk=order.pk).update(note=note)


def test_choices_are_counted():
    bread, slot = make_milk_bread(), make_slot()
    sliced = {"group": "Slicing", "choice": "sliced"}
    whole = {"group": "Slicing", "choice": "whole"}
    freeze(make_order(slot=slot, lines={bread: 2}), sliced)
    freeze(make_order(slot=slot, lines={bread: 5}), sliced)
    freeze(make_order(slot=slot, lines={bread: 4}), whole)
    make_order(slot=slot, lines={bread: 1})
    (line,) = bake_sheet(slot.bake_day.date).lines
    assert line.pieces == 12
    assert line.choices == (("Slicing: sliced", 7), ("Slicing: whole", 4))


def test_texts_and_notes_stand_under_the_product_with_the_code():
    cake, slot = make_variant(), make_slot()
    cake.product.option_groups.create(
        name="Message", slug="message", kind="text", max_length=40
    )
    message = {"group": "Message", "choice": "Happy birthday"}
    first = make_order(slot=slot, lines={cake: 1}, code="BBBBB")
    freeze(first, message, note="for Leo")
    freeze(make_order(slot=slot, lines={cake: 2}, code="CCCCC"), note="no box")
    make_order(slot=slot, lines={cake: 1}, code="DDDDD")
    (line,) = bake_sheet(slot.bake_day.date).lines
    told = [(r.code, r.pieces, r.words) for r in line.requests]
    assert told == [
        ("BBBBB", 1, ("Happy birthday", "for Leo")),
        ("CCCCC", 2, ("no box",)),
    ]
    assert line.choices == ()


def test_the_pieces_picked_for_a_box_are_baked():
    bread, slot = make_milk_bread(), make_slot()
    box = make_variant(product=make_product(name="Box of six", variant=False))
    picks = {"group": "Your six", "choice": "Milk bread", "sku": bread.sku, "pieces": 6}
    make_order(slot=slot, lines={bread: 1})
    freeze(make_order(slot=slot, lines={box: 2}), picks)
    pieces = {
        line.variant: line.pieces for line in bake_sheet(slot.bake_day.date).lines
    }
    assert pieces == {bread: 13, box: 2}
    assert grams(bake_sheet(slot.bake_day.date))["Milk"] == 13 * 140


def make_sourdough():
    """A bread whose starter is made a day before, and its seed a day before that."""
    flour = make_ingredient(name="Rye flour")
    seed = make_recipe(name="Seed", days_before=1, kind="pre-dough", parts={flour: 1})
    levain = make_recipe(
        name="Levain", days_before=1, kind="pre-dough", parts={seed: 1, flour: 4}
    )
    dough = make_recipe(name="Sour dough", parts={levain: 1, flour: 3})
    return make_variant(recipe=dough, dough_g=400)


def test_pre_doughs_are_made_on_the_day_before():
    bread = make_sourdough()
    day = make_bake_day(date=day_from_today(3))
    make_bake_day(date=day_from_today(2))
    make_order(slot=make_slot(bake_day=day), lines={bread: 10})
    on_the_day = bake_sheet(day_from_today(3))
    assert [str(card.recipe) for card in on_the_day.doughs] == ["Sour dough"]
    assert [str(card.recipe) for card in on_the_day.made_before] == ["Seed", "Levain"]
    (ahead,) = bake_sheet(day_from_today(2)).ahead
    assert ahead.date == day_from_today(3)
    assert [(str(c.recipe), c.grams) for c in ahead.cards] == [("Levain", 1000)]
    (ahead,) = bake_sheet(day_from_today(1)).ahead  # no bake day: still work to do
    assert [(str(c.recipe), c.grams) for c in ahead.cards] == [("Seed", 200)]
    assert bake_sheet(day_from_today(0)).ahead == ()


def test_a_day_needs_its_own_and_prepares_the_next_ones():
    bread = make_sourdough()
    for days in (2, 3):
        day = make_bake_day(date=day_from_today(days))
        make_order(slot=make_slot(bake_day=day), lines={bread: days})
    sheet = bake_sheet(day_from_today(2))
    assert [card.grams for card in sheet.doughs] == [800]
    assert [(a.date, a.cards[0].grams) for a in sheet.ahead] == [
        (day_from_today(3), 300)
    ]


def test_a_recipe_made_of_itself_is_named():
    dough = make_recipe(name="Dough")
    starter = make_recipe(name="Starter", parts={dough: 1})
    RecipeLine.objects.create(recipe=dough, part=starter, grams=1)
    with pytest.raises(RecipeCycle, match="Dough → Starter → Dough"):
        bake_sheet(day_from_today(1))


def queries_of_a_sheet(date):
    with CaptureQueriesContext(
        connection,
    ) as queries:
        bake_sheet(date)
    return len(queries)


def test_more_orders_ask_the_database_nothing_more():
    bread, sourdough, slot = make_milk_bread(), make_sourdough(), make_slot()
    make_order(slot=slot, lines={bread: 1, sourdough: 1}, note="ring the bell")
    one = queries_of_a_sheet(slot.bake_day.date)
    for _ in range(20):
        make_order(slot=slot, lines={bread: 1, sourdough: 2}, note="ring the bell")
    assert queries_of_a_sheet(slot.bake_day.date) == one <= 7


def test_the_next_bake_day_is_today_or_the_first_after_it():
    today = day_from_today(0)
    assert next_bake_date(today) == today
    make_bake_day(date=day_from_today(-1))
    make_bake_day(date=day_from_today(5))
    make_bake_day(date=day_from_today(2))
    assert next_bake_date(today) == day_from_today(2)
    make_bake_day(date=today)
    assert next_bake_date(today) == today


class SumsTest(HypothesisTestCase):
    """Whatever was ordered: the sheet's totals are the sums of the order lines."""

    @settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
    @given(
        orders=st.lists(
            st.tuples(
                st.dictionaries(st.integers(0, 2), st.integers(1, 99), min_size=1),
                st.sampled_from(Order.State.values),
            ),
            max_size=8,
        ),
        loss=st.integers(0, 300),
        doughs=st.lists(st.integers(1, 1999), min_size=3, max_size=3),
    )
    def test_totals_equal_the_order_lines_to_the_gram(self, orders, loss, doughs):
        flour, milk, salt = (make_ingredient() for _ in range(3))
        pre = make_recipe(days_before=1, parts={flour: 7, milk: 3}, loss_permille=loss)
        dough = make_recipe(parts={pre: 3, flour: 7, salt: 1}, loss_permille=loss)
        variants = [
            make_variant(recipe=recipe, dough_g=grams)
            for recipe, grams in zip([pre, dough, dough], doughs, strict=True)
        ]
        slot = make_slot(bake_day=make_bake_day())
        for wanted, state in orders:
            lines = {variants[index]: n for index, n in wanted.items()}
            make_order(slot=slot, lines=lines, state=state)

        sheet = bake_sheet(slot.bake_day.date)

        pieces, weights = Counter(), Counter()
        for line in OrderLine.objects.filter(order__state__in=LIVE):
            pieces[line.variant] += line.quantity
            weights[line.variant.recipe] += line.quantity * line.variant.dough_g
        assert Counter({x.variant: x.pieces for x in sheet.lines}) == pieces
        finished = {card.recipe: card.grams for card in sheet.doughs}
        assert finished.get(dough, 0) == weights[dough]
        weighed_in = sum(card.grams_in for card in sheet.plan.cards)
        used_again = sum(
            line.grams
            for card in sheet.plan.cards
            for line in card.lines
            if line.part_id
        )
        bought_in = sum(grams for _, grams in sheet.ingredients)
        assert bought_in == weighed_in - used_again
        if loss == 0:
            assert bought_in == sum(weights.values())


def run(*words):
    out = StringIO()
    call_command("bake_sheet", *words, stdout=out)
    return out.getvalue()


def test_the_command_prints_the_sheet_of_the_next_bake_day():
    bread, slot = make_milk_bread(), make_slot()
    make_order(slot=slot, lines={bread: 43}, note="ring [red]the[/red] bell")
    printed = run()
    assert "43 pieces, 4 trays, 1 orders" in printed
    assert "Milk bread" in printed
    assert "15.050 kg" in printed
    assert "ring [red]the[/red] bell" in printed
    assert run(slot.bake_day.date.isoformat()) == printed


def test_the_command_prints_one_document_for_programs():
    bread, slot = make_milk_bread(), make_slot()
    make_order(slot=slot, lines={bread: 43})
    told = json.loads(run("--json", slot.bake_day.date.isoformat()))
    assert told["pieces"] == 43
    assert told["lines"][0] | {"ready_by": "08:00"} == {
        "sku": bread.sku,
        "name": "Milk bread",
        "pieces": 43,
        "trays": 4,
        "pieces_per_tray": 12,
        "dough_grams": 15050,
        "ready_by": "08:00",
        "choices": [],
        "requests": [],
    }
    assert told["ingredients"] == [
        {"name": "Wheat flour", "grams": 9030},
        {"name": "Milk", "grams": 6020},
    ]


def test_the_command_knows_tomorrow_and_refuses_what_is_no_day():
    assert day_from_today(1).strftime("%A") in run("tomorrow")
    for nonsense in ("yesterweek", "2026-02-30", "9999-12-31", "24/11/2026"):
        with pytest.raises(CommandError, match="is no day") as refusal:
            run(nonsense)
        assert refusal.value.returncode == 2
