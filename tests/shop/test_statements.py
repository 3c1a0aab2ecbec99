"""How often a shopper's steps ask the database: by the step, never by the lines."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from shop import remembered
from shop.holds import release_hold
from shop.models import Draw, Option, OptionGroup, Order, Product, Slot, Variant
from tests.shop import make
from tests.shop.shopper import CONTACT, Shopper, text

pytestmark = pytest.mark.django_db

BASKET = "/basket/"
PICK_UP = "/basket/pick-up/"
CONTACT_PAGE = "/checkout/contact/"
ORDER_PAGE = "/checkout/order/"
# What begins and ends a transaction is no question.
FRAME = ("BEGIN", "COMMIT", "SAVEPOINT", "RELEASE")
on_postgresql = pytest.mark.skipif(
    connection.vendor != "postgresql", reason="SQLite changes a basket in several steps"
)


@pytest.fixture(autouse=True)
def _nothing_kept():
    """Nothing of the test before, whose rows may have had the same numbers."""
    remembered.forget()


@pytest.fixture
def slot():
    return make.make_slot(places=8)


def statements(press) -> list[str]:
    """What `press` asks the database; its answer must be a good one."""
    with CaptureQueriesContext(connection) as queries:
        assert press().status_code in (200, 303)
    asked = [query["sql"].strip() for query in queries]
    return [sql for sql in asked if not sql.startswith(FRAME)]


def make_variants(slot, number):
    """Each with a limit, an option and a share of the oven."""
    group = OptionGroup.objects.create(name="Slicing", slug=f"g-{make.number()}")
    Option.objects.create(group=group, slug="sliced", name="Sliced")
    for _ in range(number):
        product = make.make_product()
        group.products.add(product)
        make.make_capacity(bake_day=slot.bake_day, product=product, limit=10)
        make.make_resource(uses={product.variants.get(): 1})
        yield product.variants.get(), {f"option-{group.slug}": "sliced"}


def filled(slot, number) -> Shopper:
    shopper = Shopper()
    for variant, options in make_variants(slot, number):
        assert shopper.add(variant, **options).status_code == 303
    assert shopper.choose(slot).status_code == 303
    return shopper


@on_postgresql
@pytest.mark.parametrize("lines", [0, 7])
def test_an_add_is_one_statement(slot, settings, lines):
    settings.PAGE_LOOK_SECONDS = 60
    shopper = Shopper()
    wanted = list(make_variants(slot, lines + 1))
    for variant, options in wanted:
        shopper.add(variant, **options)
    variant, options = wanted[-1]
    day = slot.bake_day.date.isoformat()
    found = statements(lambda: shopper.add(variant, day=day, **options))
    assert len(found) == 1, found


@pytest.mark.parametrize("lines", [1, 10])
def test_the_basket_is_three_questions_however_many_lines(slot, lines):
    shopper = filled(slot, lines)
    shopper.get(BASKET)
    found = statements(lambda: shopper.get(BASKET))
    assert len(found) == 3, found


@pytest.mark.parametrize("lines", [1, 10])
def test_the_basket_of_somebody_in_checkout_is_three_questions_too(slot, lines):
    shopper = filled(slot, lines)
    shopper.reach_last_screen()
    shopper.get(BASKET)
    found = statements(lambda: shopper.get(BASKET))
    assert len(found) == 3, found


@on_postgresql
@pytest.mark.parametrize("lines", [1, 10])
@pytest.mark.parametrize(
    ("headers", "asked"), [({}, 3), ({"X-Fragment": "set"}, 4)], ids=["form", "script"]
)
def test_a_change_is_one_statement_after_a_look(slot, lines, headers, asked):
    shopper = filled(slot, lines)
    shopper.get(BASKET)
    wish = {"item": shopper.contents().lines[0].item, "quantity": 3}
    found = statements(lambda: shopper.press("/basket/line/", wish, **headers))
    assert len(found) == asked, found


@pytest.mark.parametrize("lines", [1, 10])
def test_days_and_times_are_three_questions_however_many_lines(slot, lines):
    shopper = filled(slot, lines)
    shopper.get(PICK_UP)
    found = statements(lambda: shopper.get(PICK_UP))
    assert len(found) == 3, found


@on_postgresql
def test_keeping_a_free_time_is_two_looks_and_a_change(slot):
    """Whose hold it is need not be known where a place is free without it."""
    shopper = filled(slot, 1)
    later = make.make_slot(bake_day=slot.bake_day, starts=dt.time(12))
    Shopper().choose(later)
    found = statements(lambda: shopper.choose(later))
    assert len(found) == 3, found


@pytest.mark.parametrize("path", [CONTACT_PAGE, ORDER_PAGE])
@pytest.mark.parametrize("lines", [1, 6])
def test_a_screen_of_checkout_is_three_questions(slot, path, lines):
    shopper = filled(slot, lines)
    shopper.reach_last_screen()
    shopper.get(path)
    found = statements(lambda: shopper.get(path))
    assert len(found) == 3, found


@on_postgresql
@pytest.mark.parametrize("lines", [1, 9])
def test_entering_checkout_is_five_statements(slot, lines):
    shopper = filled(slot, lines)
    shopper.post("/checkout/")
    assert release_hold(shopper.token)
    found = statements(lambda: shopper.post("/checkout/"))
    assert len(found) == 5, found


@on_postgresql
@pytest.mark.parametrize("lines", [1, 3, 9])
def test_the_last_click_is_five_statements(slot, lines):
    shopper = filled(slot, lines)
    page = shopper.reach_last_screen()
    found = statements(lambda: shopper.order(page))
    assert len(found) == 5, found


def test_the_contact_is_kept_with_few_questions(slot):
    shopper = filled(slot, 3)
    shopper.reach_last_screen()
    found = statements(lambda: shopper.post(CONTACT_PAGE, CONTACT))
    assert len(found) == 3, found


# --- what is remembered is never what is decided by --------------------------------


@pytest.fixture
def remembering_adds(settings):
    settings.PAGE_LOOK_SECONDS = 60


def test_a_price_that_rose_behind_an_add_is_told_by_the_basket(slot, remembering_adds):
    shopper = filled(slot, 1)
    shopper.get(BASKET)
    variant = Variant.objects.get()
    Variant.objects.update(price_cents=variant.price_cents + 100)
    group = OptionGroup.objects.get()
    shopper.add(variant, **{f"option-{group.slug}": "sliced"})
    assert shopper.contents().lines[0].details["seen_cents"] == variant.price_cents
    page = text(shopper.get(BASKET))
    assert "€11.00" in page
    assert "was €4.50" in page


def test_a_product_that_left_behind_an_add_is_not_ordered(slot, remembering_adds):
    shopper = filled(slot, 1)
    page = shopper.reach_last_screen()
    Product.objects.update(is_listed=False)
    assert shopper.order(page).status_code == 409
    assert not Order.objects.exists()


def test_an_option_that_was_taken_away_is_not_ordered(slot):
    shopper = filled(slot, 1)
    page = shopper.reach_last_screen()
    Option.objects.update(is_active=False)
    assert shopper.order(page).status_code == 409
    assert not Order.objects.exists()


def test_a_slot_deleted_between_page_and_click_asks_for_another(slot):
    shopper = filled(slot, 1)
    page = shopper.reach_last_screen()
    slot.capacity.draws.all().delete()
    slot.capacity.delete()
    Draw.objects.all().delete()
    slot.holds.all().delete()
    Slot.objects.all().delete()
    assert shopper.order(page).status_code == 409
    assert "choose" in text(shopper.get("/basket/")).lower()
    assert not Order.objects.exists()
