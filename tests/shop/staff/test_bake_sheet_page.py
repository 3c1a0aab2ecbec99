"""The bake sheet as the bakers see it."""

import datetime as dt
import re

import pytest
from django.utils import timezone

from shop.models import RecipeLine
from shop.roles import BAKER
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
from tests.shop.staffing import client_of, make_staff

pytestmark = pytest.mark.django_db


@pytest.fixture
def baker():
    return client_of(make_staff(BAKER))


def page_of(client, date):
    answer = client.get(f"/staff/bake-sheet/{date}/")
    return answer.status_code, answer.content.decode()


def words_of(page):
    """The page's text as one line, without tags."""
    return " ".join(re.sub(r"<[^>]+>", " ", page).split())


def make_levain_bread():
    flour = make_ingredient(name="Rye flour")
    levain = make_recipe(
        name="Levain", kind="pre-dough", days_before=1, parts={flour: 1}
    )
    dough = make_recipe(name="Sour dough", parts={levain: 1, flour: 3})
    product = make_product(name="Rye loaf", variant=False)
    return make_variant(product=product, recipe=dough, dough_g=800, pieces_per_tray=6)


def test_it_tells_pieces_trays_doughs_and_ingredients(baker):
    slot = make_slot(bake_day=make_bake_day(date=day_from_today(3)))
    make_order(slot=slot, lines={make_levain_bread(): 20}, code="K7M2P", note="dark")
    status, page = page_of(baker, slot.bake_day.date)
    words = words_of(page)
    assert status == 200
    assert "20 pieces, 4 trays, 1 order" in words
    assert "Rye loaf 16.000 kg Sour dough , by 8:00 K7M2P 20 × “dark” 4 of 6" in words
    assert "Should be there from the day before 4.000 kg Levain" in words
    assert "Sour dough 16.000 kg" in words
    assert "Rye flour 16.000 kg" in words
    assert " open until " in words


def test_one_of_anything_is_told_as_one(baker):
    slot = make_slot(bake_day=make_bake_day(date=day_from_today(3)))
    make_order(slot=slot, lines={make_levain_bread(): 1})
    _, page = page_of(baker, slot.bake_day.date)
    assert "1 piece, 1 tray, 1 order" in words_of(page)


def test_a_day_past_its_cut_off_is_not_called_open(baker):
    past = timezone.now() - dt.timedelta(seconds=1)
    day = make_bake_day(date=day_from_today(1), cut_off=past)
    make_order(slot=make_slot(bake_day=day))
    _, page = page_of(baker, day.date)
    assert "open until" not in page


def test_pre_doughs_stand_on_the_sheet_of_the_day_before(baker):
    slot = make_slot(bake_day=make_bake_day(date=day_from_today(3)))
    make_order(slot=slot, lines={make_levain_bread(): 20})
    _, page = page_of(baker, day_from_today(2))
    words = words_of(page)
    assert "The oven is off." in words
    assert "To prepare on this day For the next day, " in words
    assert "Levain 4.000 kg" in words


def test_large_doughs_are_told_in_batches(baker):
    variant = make_levain_bread()
    variant.recipe.mixer_max_g = 6000
    variant.recipe.save()
    slot = make_slot()
    make_order(slot=slot, lines={variant: 20})
    _, page = page_of(baker, slot.bake_day.date)
    assert "3 batches" in words_of(page)
    assert "3 × 4.000 kg" in words_of(page)


def test_a_recipe_made_of_itself_gives_a_page_that_says_so(baker):
    dough = make_recipe(name="Dough")
    starter = make_recipe(name="Starter", parts={dough: 1})
    RecipeLine.objects.create(recipe=dough, part=starter, grams=1)
    status, page = page_of(baker, day_from_today(1))
    assert status == 409
    assert "Dough → Starter → Dough" in page


def test_a_message_is_shown_as_words_not_as_markup(baker):
    order = make_order(note="<b>bold</b> & “quoted”")
    _, page = page_of(baker, order.bake_day.date)
    assert "&lt;b&gt;bold&lt;/b&gt; &amp; “quoted”" in page


def test_without_a_day_it_goes_to_the_next_one(baker):
    day = make_bake_day(date=day_from_today(2))
    assert baker.get("/staff/bake-sheet/").url == f"/staff/bake-sheet/{day.date}/"
    asked = baker.get("/staff/bake-sheet/?date=2026-11-24")
    assert asked.url == "/staff/bake-sheet/2026-11-24/"


def test_the_days_beside_are_bake_days(baker):
    for days in (1, 4, 9):
        make_bake_day(date=day_from_today(days))
    _, page = page_of(baker, day_from_today(4))
    assert f'href="/staff/bake-sheet/{day_from_today(1)}/" rel="prev"' in page
    assert f'href="/staff/bake-sheet/{day_from_today(9)}/" rel="next"' in page


def test_a_sheet_cannot_be_posted_to(baker):
    assert baker.post(f"/staff/bake-sheet/{day_from_today(1)}/").status_code == 405


def test_more_orders_ask_the_database_nothing_more(baker, django_assert_num_queries):
    slot, variant = make_slot(), make_levain_bread()
    for _ in range(12):
        make_order(slot=slot, lines={variant: 2}, note="dark")
    # session, user, rights (2), the sheet (10), the days beside
    with django_assert_num_queries(12):
        page_of(baker, slot.bake_day.date)
