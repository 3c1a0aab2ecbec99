"""A request that arrives twice, because a clone gave no answer: it counts once.

It does so for everything under /basket/ and /checkout/, so everything there must be
like this: the repeat, with the same cookies, changes nothing and gets the same answer.
"""

from __future__ import annotations

import pytest
from django.urls import get_resolver

from shop.models import Hold, Order
from tests.shop import make
from tests.shop.baskets import everything
from tests.shop.shopper import CONTACT, Shopper, hidden_fields

pytestmark = pytest.mark.django_db

REPEATED = ("basket/", "checkout/")


class Stage:
    """A shopper with two breads and a pick-up time in the basket."""

    def __init__(self) -> None:
        self.slot = make.make_slot(places=8)
        product = make.make_product(name="Milk bread", price_cents=435)
        make.make_capacity(bake_day=self.slot.bake_day, product=product, limit=10)
        self.bread = product.variants.get()
        self.shopper = Shopper()
        self.shopper.fill(self.bread, self.slot, 2)

    @property
    def day(self) -> str:
        return self.slot.bake_day.date.isoformat()

    def version(self) -> int:
        return self.shopper.contents().version


@pytest.fixture
def stage() -> Stage:
    return Stage()


def add(stage):
    fields = {"sku": stage.bread.sku, "quantity": 3, "day": stage.day}
    return "/basket/lines/", fields


def change(stage):
    fields = {"item": stage.bread.sku, "set": 4, "version": stage.version()}
    return "/basket/line/", fields


def take_out(stage):
    return "/basket/line/", {"item": stage.bread.sku, "set": 0}


def choose_time(stage):
    other = make.make_slot(bake_day=stage.slot.bake_day)
    fields = {"slot": other.pk, "version": stage.version()}
    return "/basket/pick-up/", fields


def move(stage):
    fields = {"move": 1, "day": stage.day, "version": stage.version()}
    return "/basket/pick-up/", fields


def enter(stage):
    return "/checkout/", {"version": stage.version()}


def tell_contact(stage):
    stage.shopper.post("/checkout/")
    return "/checkout/contact/", CONTACT


def order(stage):
    return "/checkout/order/", hidden_fields(stage.shopper.reach_last_screen())


PRESSES = [add, change, take_out, choose_time, move, enter, tell_contact, order]


def test_every_page_that_is_repeated_is_tried_here(stage):
    patterns = get_resolver("shop.urls").url_patterns
    routes = {str(each.pattern) for each in patterns}
    tried = {press(Stage())[0].lstrip("/") for press in PRESSES}
    only_read = {"basket/"}
    assert {r for r in routes if r.startswith(REPEATED)} - only_read == tried


def press_twice(stage, path, fields, **headers):
    """Both answers, and what there was after each; the cookies are those of before."""
    before = {name: morsel.value for name, morsel in stage.shopper.cookies.items()}
    first = stage.shopper.press(path, fields, **headers)
    there = everything()
    stage.shopper.cookies.clear()
    for name, value in before.items():
        stage.shopper.cookies[name] = value
    second = stage.shopper.press(path, fields, **headers)
    return (first, there), (second, everything())


@pytest.mark.parametrize("press", PRESSES, ids=lambda press: press.__name__)
def test_a_repeat_changes_nothing_and_gets_the_same_answer(stage, press):
    path, fields = press(stage)
    nothing_done = everything()
    (first, once), (second, twice) = press_twice(stage, path, fields)
    assert first.status_code == second.status_code == 303
    assert first["Location"] == second["Location"]
    assert once != nothing_done or press is tell_contact
    assert twice == once


@pytest.mark.parametrize("press", [add, change, take_out], ids=lambda p: p.__name__)
def test_the_script_s_press_is_answered_alike(stage, press):
    path, fields = press(stage)
    kind = "add" if press is add else "set"
    (first, once), (second, twice) = press_twice(
        stage, path, fields, **{"X-Fragment": kind}
    )
    assert first.status_code == second.status_code == 200
    assert first["Content-Type"] == second["Content-Type"]
    assert twice == once


def test_a_repeated_order_is_one_order_with_one_hold_less(stage):
    path, fields = order(stage)
    assert Hold.objects.count() == 1
    (first, _), (second, there) = press_twice(stage, path, fields)
    [placed] = Order.objects.all()
    assert second["Location"] == first["Location"] == f"/order/{placed.secret}/"
    assert len(there["DBTaskResult"]) == 1
    assert Hold.objects.count() == 0


def test_a_repeat_that_comes_after_the_next_change_does_not_undo_it(stage):
    """A frozen clone that thaws works on what the balancer has long sent elsewhere."""
    cookies = {name: morsel.value for name, morsel in stage.shopper.cookies.items()}
    path, fields = change(stage)
    stage.shopper.post(path, fields)
    later = fields | {"set": 7, "version": stage.version()}
    stage.shopper.post(path, later)
    late = Shopper()
    for name, value in cookies.items():
        late.cookies[name] = value
    late.post(path, fields)
    assert stage.shopper.pieces() == {stage.bread.sku: 7}
