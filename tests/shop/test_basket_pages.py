"""The basket page and its changes, as a browser without script sees them."""

from __future__ import annotations

import datetime as dt

import pytest

from basket.badge import COOKIE_NAME as BADGE
from shop.calendar import day_words
from shop.models import Capacity, Option, OptionGroup, Product
from tests.shop import make
from tests.shop.shopper import Shopper, hidden_fields, text, words

pytestmark = pytest.mark.django_db

BASKET = "/basket/"
LINES = "/basket/lines/"
LINE = "/basket/line/"


@pytest.fixture
def shopper():
    return Shopper()


@pytest.fixture
def slot():
    return make.make_slot(bake_day=make.make_bake_day(), places=8)


@pytest.fixture
def bread(slot):
    product = make.make_product(name="Milk bread", price_cents=450, is_featured=True)
    return product.variants.get()


def test_an_added_piece_is_shown_with_its_name_price_and_total(shopper, bread):
    answer = shopper.add(bread, 2)
    assert (answer.status_code, answer["Location"]) == (303, BASKET)
    page = shopper.get(BASKET)
    assert page.status_code == 200
    said = text(page)
    assert "Milk bread is in your basket." in said
    assert "€4.50 each" in said
    assert "€9.00 for 2 pieces, VAT included" in said
    assert shopper.pieces() == {bread.sku: 2}


def test_the_basket_page_is_private_and_not_for_search_engines(shopper, bread):
    shopper.add(bread)
    page = shopper.get(BASKET)
    assert "private" in page["Cache-Control"]
    assert "no-store" in page["Cache-Control"]
    assert '<meta name="robots" content="noindex">' in words(page)


def test_the_added_notice_is_said_once(shopper, bread):
    shopper.add(bread)
    assert "is in your basket" in text(shopper.get(BASKET))
    assert "is in your basket" not in text(shopper.get(BASKET))


def test_the_notice_leads_back_to_where_it_was_added(shopper, bread):
    shopper.add(bread, next="/category/bread/?day=2026-11-24")
    assert 'href="/category/bread/?day=2026-11-24"' in words(shopper.get(BASKET))


@pytest.mark.parametrize(
    "elsewhere", ["https://evil.example/", "//evil.example/", "javascript:alert(1)"]
)
def test_the_notice_leads_to_no_other_site(shopper, bread, elsewhere):
    shopper.add(bread, next=elsewhere)
    page = words(shopper.get(BASKET))
    assert "evil" not in page
    assert "javascript:" not in page


def test_a_double_click_without_script_counts_once(shopper, bread):
    shopper.add(bread)
    del shopper.cookies[BADGE]  # the second click left before the first answer came
    shopper.add(bread)
    assert shopper.pieces() == {bread.sku: 1}


def test_two_deliberate_presses_without_script_count_twice(shopper, bread):
    shopper.add(bread)
    shopper.add(bread)
    assert shopper.pieces() == {bread.sku: 2}


def test_a_repeated_operation_of_the_script_counts_once(shopper, bread):
    for _ in range(2):
        answer = shopper.press(
            LINES,
            {"sku": bread.sku, "quantity": 2, "operation": "press-0001"},
            **{"X-Fragment": "add"},
        )
        assert answer.status_code == 200
        assert answer.json() == {
            "ok": True,
            "say": "Milk bread added. Basket: 2 items, €9.00.",
            "button": "Added – 2 in basket",
        }
    assert shopper.pieces() == {bread.sku: 2}
    assert shopper.cookies[BADGE].value.endswith(".2.900")


def test_the_operation_of_somebody_else_changes_only_ones_own_basket(shopper, bread):
    other = Shopper()
    for each in (shopper, other):
        each.add(bread, operation="press-0001")
    assert shopper.pieces() == other.pieces() == {bread.sku: 1}


def test_a_quantity_is_set_to_n(shopper, bread):
    shopper.add(bread, 2)
    answer = shopper.set(bread.sku, 5)
    assert (answer.status_code, answer["Location"]) == (303, BASKET)
    assert shopper.pieces() == {bread.sku: 5}
    assert shopper.cookies[BADGE].value.endswith(".5.2250")


def test_the_stepper_buttons_need_no_script(shopper, bread):
    shopper.add(bread, 2)
    page = words(shopper.get(BASKET))
    assert 'name="set" value="1"' in page
    assert 'name="set" value="3"' in page
    shopper.set(bread.sku, 2, set=3)
    assert shopper.pieces() == {bread.sku: 3}


def test_the_script_gets_the_changed_part_only(shopper, bread):
    shopper.add(bread, 2)
    answer = shopper.press(
        LINE, {"item": bread.sku, "quantity": 3}, **{"X-Fragment": "set"}
    )
    assert answer.status_code == 200
    fragment = words(answer)
    assert "<html" not in fragment
    assert 'id="basket-body"' in fragment
    assert "€13.50" in fragment
    assert "Milk bread: 3 in your basket. Total €13.50." in text(answer)


def test_a_removed_line_can_be_put_back_with_its_choices(shopper, bread):
    group = OptionGroup.objects.create(
        name="Message", slug="msg", kind="text", max_length=20
    )
    group.products.add(bread.product)
    shopper.add(bread, 2, **{"option-msg": "Happy birthday"})
    (item,) = shopper.pieces()
    assert shopper.set(item, 0).status_code == 303
    assert shopper.pieces() == {}
    page = shopper.get(BASKET)
    assert "Milk bread is out of your basket." in text(page)
    assert "Put it back" in words(shopper.get(BASKET)), "a reload keeps the way back"
    fields = hidden_fields_of_undo(page)
    assert fields["option-msg"] == "Happy birthday"
    assert shopper.post(LINES, fields).status_code == 303
    assert shopper.pieces() == {item: 2}


def hidden_fields_of_undo(page):
    before = words(page).partition("Put it back")[0]
    return hidden_fields(type("Part", (), {"content": before.encode()}))


def test_removing_twice_is_removing_once(shopper, bread):
    shopper.add(bread)
    assert shopper.set(bread.sku, 0).status_code == 303
    assert shopper.set(bread.sku, 0).status_code == 303
    assert shopper.pieces() == {}


def test_an_empty_basket_offers_something_to_start_with(shopper, bread):
    page = shopper.get(BASKET)
    said = text(page)
    assert "Your basket is empty" in said
    assert "Milk bread" in said


def test_a_line_that_cannot_be_had_on_the_day_offers_two_ways_out(shopper, bread, slot):
    day = slot.bake_day
    other = make.make_slot(bake_day=make.make_bake_day(date=make.day_from_today(5)))
    weekday = 1 << other.bake_day.date.weekday()
    cake = make.make_product(name="Birthday cake", weekdays=weekday).variants.get()
    shopper.fill(bread, slot)
    shopper.add(cake)
    page = shopper.get(BASKET)
    said = text(page)
    assert "Check out" not in said
    assert f"Move to {other.bake_day.date:%a} {other.bake_day.date.day}" in said
    assert said.count("Remove Birthday cake") == 2
    assert day.date != other.bake_day.date
    answer = shopper.post("/basket/pick-up/", {"day": other.bake_day.date, "move": "1"})
    assert answer["Location"] == f"/basket/pick-up/?day={other.bake_day.date}"
    details = shopper.contents().details
    assert details["day"] == other.bake_day.date.isoformat()
    assert details["slot"] is None
    assert shopper.pieces() == {bread.sku: 1, cake.sku: 1}


def test_a_vanished_product_is_explained_and_can_only_be_removed(shopper, bread, slot):
    shopper.fill(bread, slot)
    Product.objects.filter(pk=bread.product_id).update(is_listed=False)
    page = shopper.get(BASKET)
    assert page.status_code == 200
    assert "We no longer sell this" in text(page)
    assert "Check out" not in text(page)
    shopper.set(bread.sku, 0)
    assert shopper.pieces() == {}


def test_a_changed_price_is_shown_beside_the_former_one(shopper, bread):
    shopper.add(bread)
    bread.price_cents = 480
    bread.save()
    said = text(shopper.get(BASKET))
    assert "€4.80 each was €4.50" in said
    assert "€4.80 for 1 piece" in said


def test_check_out_is_offered_once_a_time_is_chosen(shopper, bread, slot):
    shopper.add(bread)
    said = text(shopper.get(BASKET))
    assert "Choose a pick-up time" in said
    assert "Check out" not in said
    shopper.choose(slot)
    said = text(shopper.get(BASKET))
    assert "8:00–8:30" in said
    assert "Check out" in said


def test_the_day_of_the_page_is_remembered_with_the_first_piece(shopper, bread, slot):
    day = slot.bake_day.date
    shopper.add(bread, day=day.isoformat())
    assert shopper.contents().details == {"day": day.isoformat(), "slot": None}


def test_a_chosen_time_is_not_moved_by_adding_on_another_day(shopper, bread, slot):
    shopper.fill(bread, slot)
    shopper.add(bread, day=make.day_from_today(7).isoformat())
    assert shopper.contents().details["slot"] == slot.pk


def test_choosing_options_makes_lines_of_their_own(shopper, bread):
    group = OptionGroup.objects.create(name="Slicing", slug="slicing")
    group.products.add(bread.product)
    Option.objects.create(group=group, name="sliced", slug="sliced")
    shopper.add(bread)
    shopper.add(bread, **{"option-slicing": "sliced"})
    assert sorted(shopper.pieces().values()) == [1, 1]
    assert "Slicing: sliced" in text(shopper.get(BASKET))


def test_asking_for_a_change_by_get_leads_to_the_basket(shopper):
    for path in (LINES, LINE, "/checkout/"):
        answer = shopper.get(path)
        assert (answer.status_code, answer["Location"]) == (303, BASKET)


def test_the_badge_is_sent_only_when_it_changed(shopper, bread):
    shopper.add(bread)
    shopper.get(BASKET)
    assert BADGE not in shopper.get(BASKET).cookies


# --- choosing the pick-up ----------------------------------------------------------


def test_the_earliest_day_and_time_are_preselected(shopper, bread, slot):
    make.make_slot(bake_day=slot.bake_day, place=slot.place, starts=dt.time(9))
    shopper.add(bread)
    page = words(shopper.get("/basket/pick-up/"))
    assert f'value="{slot.bake_day.date}" checked' in page
    assert f'name="slot" value="{slot.pk}" checked' in page


def test_the_days_are_those_of_two_weeks_each_with_its_state(shopper, bread, slot):
    shopper.add(bread)
    page = words(shopper.get("/basket/pick-up/"))
    assert page.count('name="day" value=') == 15, "14 radios and the hidden field"
    assert page.count(" disabled") == 13
    assert "from 7:00" in page


def test_a_full_time_says_so_and_cannot_be_chosen(shopper, bread, slot):
    full = make.make_slot(
        bake_day=slot.bake_day, place=slot.place, starts=dt.time(9), places=1, taken=1
    )
    shopper.add(bread)
    page = shopper.get("/basket/pick-up/")
    assert f'name="slot" value="{full.pk}" disabled' in words(page)
    assert "9:00–9:30 full" in text(page)


def test_choosing_the_day_is_the_first_step_without_script(shopper, bread, slot):
    other = make.make_slot(
        bake_day=make.make_bake_day(date=make.day_from_today(5)), starts=dt.time(10)
    )
    shopper.add(bread)
    page = shopper.get("/basket/pick-up/", {"day": other.bake_day.date.isoformat()})
    assert "10:00–10:30" in text(page)
    assert "8:00–8:30" not in text(page)


def test_a_time_is_kept_and_shown_on_the_basket(shopper, bread, slot):
    shopper.add(bread)
    answer = shopper.choose(slot)
    assert (answer.status_code, answer["Location"]) == (303, "/basket/#pick-up")
    assert shopper.contents().details == {
        "day": slot.bake_day.date.isoformat(),
        "slot": slot.pk,
    }


def test_the_last_place_can_be_kept_again_by_who_holds_it_and_by_nobody_else(
    shopper, bread
):
    last = make.make_slot(places=1)
    shopper.fill(bread, last)
    shopper.reach_last_screen()
    assert f'name="slot" value="{last.pk}" checked' in words(
        shopper.get("/basket/pick-up/")
    )
    assert shopper.choose(last).status_code == 303
    other = Shopper()
    other.add(bread)
    refused = other.choose(last)
    assert refused.status_code == 409
    assert "cannot be had: full." in text(refused)
    assert other.contents().details == {}


def test_a_place_that_goes_between_page_and_press_is_not_kept(shopper, bread, slot):
    shopper.add(bread)
    assert f'name="slot" value="{slot.pk}" checked' in words(
        shopper.get("/basket/pick-up/")
    )
    Capacity.objects.filter(slot=slot).update(taken=8)
    assert shopper.choose(slot).status_code == 409
    assert "slot" not in shopper.contents().details
    Capacity.objects.filter(slot=slot).update(taken=7)
    assert shopper.choose(slot).status_code == 303
    assert "This time is" not in text(shopper.get(BASKET))
    Capacity.objects.filter(slot=slot).update(taken=8)
    assert "This time is full. Please choose another." in text(shopper.get(BASKET))


# --- queries -----------------------------------------------------------------------


@pytest.mark.parametrize("lines", [1, 7])
@pytest.mark.parametrize(
    ("path", "queries"),
    [(BASKET, 3), ("/basket/pick-up/", 3)],
    ids=["basket", "pick-up"],
)
def test_the_queries_do_not_grow_with_the_lines(
    shopper, slot, django_assert_num_queries, path, queries, lines
):
    for _ in range(lines):
        variant = make.make_product().variants.get()
        make.make_capacity(bake_day=slot.bake_day, product=variant.product, limit=10)
        shopper.add(variant)
    shopper.choose(slot)
    shopper.get(path)
    with django_assert_num_queries(queries):
        shopper.get(path)


@pytest.mark.parametrize(
    ("full", "queries"), [(0, 3), (2, 3), (3, 4), (5, 4)], ids=lambda value: str(value)
)
def test_the_earliest_day_is_found_behind_any_number_of_full_ones(
    shopper, bread, slot, django_assert_num_queries, full, queries
):
    """The limits of the first days come at once, of all others with one query more."""
    days = [slot.bake_day] + [
        make.make_bake_day(date=make.day_from_today(number)) for number in range(4, 10)
    ]
    for day in days[1:]:
        make.make_slot(bake_day=day)
    for day in days[:full]:
        make.make_capacity(bake_day=day, product=bread.product, limit=5, taken=5)
    shopper.add(bread)
    shopper.get(BASKET)
    with django_assert_num_queries(queries):
        page = shopper.get(BASKET)
    found = day_words(days[full].date)
    assert f"The earliest day for all of it is {found}." in text(page)


def test_the_answers_for_the_script_are_json(shopper, bread):
    answer = shopper.press(
        LINES, {"sku": "no-such", "quantity": 1}, **{"X-Fragment": "add"}
    )
    assert answer.status_code == 422
    assert answer.json()["ok"] is False
