"""The races once more, as shoppers run them: by pressing buttons on pages."""

from __future__ import annotations

import pytest
from django.conf import settings
from django.urls import reverse

from basket.models import Basket
from shop.models import Order
from tests.races.crowd import all_at_once
from tests.races.rivals import race
from tests.shop import make
from tests.shop.shopper import CONTACT, Shopper, hidden_fields

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def slot():
    return make.make_slot(places=100)


@pytest.fixture
def breads(slot):
    return [make.make_variant(price_cents=450), make.make_variant(price_cents=300)]


def same_shopper(shopper: Shopper) -> Shopper:
    """Another tab: the same cookies, a connection of its own."""
    tab = Shopper()
    for name, cookie in shopper.cookies.items():
        tab.cookies[name] = cookie.value
    return tab


def test_fifty_presses_of_the_order_button_make_one_order_and_fifty_times_its_page(
    slot, breads
):
    shopper = Shopper()
    shopper.fill(breads[0], slot)
    page = shopper.reach_last_screen()
    fields = hidden_fields(page)
    tabs = [same_shopper(shopper) for _ in range(50)]
    answers = all_at_once(
        lambda n: tabs[n].post(reverse("shop:checkout_order"), fields), 50
    )
    order = Order.objects.get()
    assert {(a.status_code, a.url) for a in answers} == {
        (303, order.get_absolute_url())
    }


def test_180_presses_of_add_with_ids_of_their_own_keep_180(breads):
    shopper = Shopper()
    tabs = [same_shopper(shopper) for _ in range(180)]
    answers = all_at_once(
        lambda n: tabs[n].add(breads[n % 2], operation=f"press-{n:04d}"), 180
    )
    assert {answer.status_code for answer in answers} == {303}
    assert sum(shopper.pieces().values()) == 180


def test_50_first_presses_of_a_shopper_who_has_only_seen_a_page_keep_50(breads):
    shopper = Shopper()
    del shopper.cookies[settings.BASKET_COOKIE_NAME]
    assert shopper.get(reverse("shop:home")).status_code == 200
    assert not Basket.objects.exists()
    tabs = [same_shopper(shopper) for _ in range(50)]
    all_at_once(lambda n: tabs[n].add(breads[0], operation=f"first-{n:04d}"), 50)
    assert Basket.objects.count() == 1
    assert sum(shopper.pieces().values()) == 50


def test_a_double_click_without_script_counts_once(breads):
    shopper = Shopper()
    one, two = same_shopper(shopper), same_shopper(shopper)
    race(lambda: one.add(breads[0]), lambda: two.add(breads[0]))
    assert list(shopper.pieces().values()) == [1]


def test_two_presses_without_script_one_after_the_other_count_twice(breads):
    shopper = Shopper()
    shopper.add(breads[0])
    shopper.add(breads[0])
    assert list(shopper.pieces().values()) == [2]


def test_a_press_that_the_script_sends_again_counts_once(breads):
    shopper = Shopper()
    data = {"sku": breads[0].sku, "quantity": 1, "operation": "sent-twice"}
    path = reverse("shop:basket_lines")
    tabs = [same_shopper(shopper) for _ in range(8)]
    all_at_once(lambda n: tabs[n].press(path, data, **{"x-fragment": "add"}), 8, 8)
    assert list(shopper.pieces().values()) == [1]


def test_the_last_place_is_ordered_once_and_the_other_keeps_the_basket(breads):
    slot = make.make_slot(places=1)
    shoppers = [Shopper(), Shopper()]
    for shopper in shoppers:
        shopper.fill(breads[0], slot)
    race(*(lambda s=s: order_all_the_way(s) for s in shoppers))
    order = Order.objects.get()
    (left_over,) = (s for s in shoppers if s.token != order.basket_token and s.pieces())
    assert list(left_over.pieces().values()) == [1]


def order_all_the_way(shopper: Shopper) -> None:
    """Through checkout, as far as it lets the shopper."""
    if shopper.post(reverse("shop:checkout")).status_code != 303:
        return
    shopper.post(reverse("shop:checkout_contact"), CONTACT)
    shopper.order(shopper.get(reverse("shop:checkout_order")))
