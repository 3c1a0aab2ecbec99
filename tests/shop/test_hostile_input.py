"""Whatever is sent to whichever page of the shop: no 5xx, and no row is another one.

test_bad_input.py asks for the right words of each refusal; here is the walk over every
address with everything that nobody types by mistake.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any
from urllib.parse import quote

import pytest
from django.urls import reverse

from shop.models import Order, Recipe
from shop.orders import hand_over
from tests.shop import make
from tests.shop.baskets import everything, make_basket, place
from tests.shop.shopper import CONTACT, Shopper, hidden_fields, text
from tests.shop.staffing import client_of

pytestmark = pytest.mark.django_db

NUMBERS = ["-1", "0.5", "1e309", "NaN", "1_0", "+1", "9" * 5000]
DIGITS = ["٣", "²", "1\x00", "[]"]
DAYS = ["0001-01-01", "9999-12-31", "2026-02-30", "2026-W53-7"]
WORDS = [
    "\x00",
    "\x07",
    "\ufdfa" * 80,
    "((a+)+)+$" * 9,
    "%' or 1=1 --",
    "<script>",
    "a " * 900,
    "\r\nSet-Cookie: a=b",
]
HOSTILE = [*NUMBERS, *DIGITS, *DAYS, *WORDS]
# Bytes in an address that are no UTF-8, or half of a character.
BROKEN = ["%ff", "%ed%a0%80", "%", "%zz", "%00", "%2e%2e", "%252f"]
PAGES = ["home", "search", "basket", "pick_up"]
FORMS = {
    "basket_lines": ["sku", "quantity", "day", "next", "option-x"],
    "basket_line": ["item", "set"],
    "pick_up": ["slot", "day", "move"],
    "checkout_contact": [*CONTACT],
    "checkout_order": [*CONTACT, "basket", "version", "seen_total"],
}


@pytest.fixture
def bread():
    return make.make_slot() and make.make_product(name="Milk bread").variants.get()


@pytest.fixture
def shopper(bread):
    shopper = Shopper(raise_request_exception=False)
    shopper.add(bread, 2)
    return shopper


def pages() -> list[str]:
    return [reverse(f"shop:{name}") for name in PAGES]


def broken(answers: Iterable[tuple[Any, Any]]) -> list[tuple[Any, int]]:
    """What was asked and answered with a 5xx; must always be empty."""
    return [(asked, got.status_code) for asked, got in answers if got.status_code > 499]


# --- addresses ---------------------------------------------------------------------


@pytest.mark.parametrize("name", ["day", "q", "vegan"])
def test_no_question_breaks_a_page(shopper, name):
    before = everything()
    asked = [
        f"{page}?{name}={value}"
        for page in pages()
        for value in [*map(quote, HOSTILE), *BROKEN]
        if name == "day" or page.endswith("search/")
    ]
    assert broken((each, shopper.get(each)) for each in asked) == []
    assert everything() == before


@pytest.mark.parametrize(
    "path",
    [
        "/product/{}/",
        "/category/{}/",
        "/media/{}",
        "/media/drawn/{}.svg",
        "/order/{}/",
        "/order/{}/cancellation/",
        "/order/{}/calendar.ics",
        "/order/{}/code.svg",
        "/staff/bake-sheet/{}/",
    ],
)
def test_no_name_in_an_address_is_found_by_force(shopper, path):
    place(make_basket())
    before = everything()
    for value in [*(quote(each, safe="") for each in HOSTILE), *BROKEN]:
        answer = shopper.get(path.format(value))
        assert answer.status_code == 404, value
    assert everything() == before


def test_a_link_to_an_order_is_the_whole_link_and_nothing_near_it(shopper):
    secret = place(make_basket()).order.secret
    near = [secret[:-1], secret.swapcase(), f"{secret}=", f"%20{secret}"]
    cancellation = "/order/{}/cancellation/"
    assert shopper.get(cancellation.format(secret)).status_code == 200
    for each in [*near, f"{secret}%00"]:
        assert shopper.get(cancellation.format(each)).status_code == 404
        assert shopper.post(cancellation.format(each)).status_code == 404
    assert Order.objects.get().state == Order.State.CONFIRMED


# --- forms -------------------------------------------------------------------------


def every_field(shopper: Shopper, form: str, data: dict[str, str]) -> Iterator[tuple]:
    """The form over and over, each time with one field that holds something else."""
    path = reverse(f"shop:{form}")
    for field in FORMS[form]:
        for value in [*HOSTILE, ["1", "2"]]:
            yield (field, value), shopper.post(path, data | {field: value})


@pytest.mark.parametrize("form", ["basket_lines", "basket_line", "pick_up"])
def test_no_field_of_a_basket_form_breaks_or_orders_anything(shopper, bread, form):
    data = {"sku": "x", "item": "x", "set": "-1", "slot": "x"}
    before = everything()
    assert broken(every_field(shopper, form, data)) == []
    assert everything() == before


@pytest.mark.parametrize("typed", [*NUMBERS, *DIGITS])
def test_no_such_quantity_gets_into_the_basket(shopper, bread, typed):
    before = everything()
    assert shopper.add(bread, typed).status_code == 422
    assert shopper.set(bread.sku, typed).status_code == 422
    assert everything() == before


def test_no_field_of_the_contact_breaks_checkout(shopper):
    shopper.choose(make.Slot.objects.get())
    shopper.post(reverse("shop:checkout"))
    assert broken(every_field(shopper, "checkout_contact", CONTACT)) == []
    assert Order.objects.count() == 0


@pytest.mark.parametrize("form", ["basket", "version", "seen_total"])
def test_no_forged_number_of_the_last_page_orders(shopper, form):
    shopper.choose(make.Slot.objects.get())
    page = shopper.reach_last_screen()
    before = everything()
    for value in HOSTILE:
        assert shopper.order(page, **{form: value}).status_code == 409, value
    assert everything() == before


@pytest.mark.parametrize("field", ["name", "note", "phone", "email"])
def test_a_sign_that_cannot_be_written_is_named_where_it_was_typed(shopper, field):
    shopper.choose(make.Slot.objects.get())
    page = shopper.reach_last_screen()
    before = everything()
    typed = CONTACT | {field: f"{CONTACT[field]}\x07"}
    for path in ("checkout_contact", "checkout_order"):
        data = hidden_fields(page) | typed
        answer = shopper.post(reverse(f"shop:{path}"), data)
        assert answer.status_code == 422
        assert f'href="#id_{field}"' in answer.content.decode()
        assert typed["name"] in answer.content.decode()
    assert everything() == before


# --- what goes along with a request ------------------------------------------------


def paths() -> list[str]:
    return [reverse(f"shop:{name}") for name in FORMS]


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("application/json", b'{"sku": ['),
        ("multipart/form-data", b"x"),
        ("multipart/form-data; boundary=x", b"--x\r\nContent-Disp"),
        ("multipart/form-data; boundary=\xff", b"--x"),
        ("application/x-www-form-urlencoded", b"&".join([b"a=1"] * 2001)),
        ("application/x-www-form-urlencoded; charset=latin-1", b"sku=%ff"),
        ("application/x-www-form-urlencoded", b"sku=%ed%a0%80&quantity=%ff&item=%00"),
        ("", b"\x00"),
    ],
)
def test_no_body_breaks_a_form(shopper, kind, body):
    before = everything()
    for path in paths():
        assert 300 <= shopper.post(path, body, content_type=kind).status_code < 500
    assert everything() == before


@pytest.mark.parametrize("name", ["basket", "badge", "told", "last-order", "session"])
def test_no_cookie_breaks_a_page(shopper, name):
    place(make_basket())
    before = everything()
    forged = [r'"\000\000\000\000\000\000\000\000"', "é" * 9, "x" * 5000, "a:b:c", '"']
    for value in forged:
        headers = {"cookie": f"{name}={value}"}
        for path in [*pages(), "/checkout/order/", "/staff/", "/admin/"]:
            answer = shopper.get(path, headers=headers)
            assert answer.status_code < 500, (path, value)
    assert everything() == before


@pytest.mark.parametrize("host", ["a b", "[::1", "http://x", "a,b", "%00", "x@y"])
def test_no_host_breaks_a_page(shopper, host):
    before = everything()
    headers = {"host": host, "origin": f"http://{host}"}
    assert shopper.get("/", headers=headers).status_code == 400
    assert shopper.post(paths()[0], {"sku": "x"}, headers=headers).status_code == 400
    assert everything() == before


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "OPTIONS", "TRACE"])
def test_no_other_method_reaches_a_page_with_a_form(shopper, method):
    secret = place(make_basket()).order.secret
    before = everything()
    ours = {"sec-fetch-site": "same-origin"}
    cancellation = reverse("shop:order_cancellation", args=[secret])
    for path in [*paths(), reverse("shop:checkout"), cancellation]:
        answer = shopper.generic(method, path, headers=ours)
        assert (answer.status_code, answer["Allow"]) == (405, "GET, HEAD, POST")
    assert everything() == before


def test_an_operation_of_another_shopper_is_not_theirs(shopper, bread):
    other = Shopper()
    operation = "operation-of-another"
    assert other.add(bread, 3, operation=operation).status_code == 303
    assert shopper.add(bread, 1, operation=operation).status_code == 303
    assert (shopper.pieces(), other.pieces()) == ({bread.sku: 3}, {bread.sku: 3})


# --- the clumsy --------------------------------------------------------------------


def test_ordering_a_basket_that_another_tab_emptied_orders_nothing(shopper, bread):
    shopper.choose(make.Slot.objects.get())
    shopper.order(shopper.reach_last_screen())
    earlier = Order.objects.get()
    shopper.fill(bread, make.Slot.objects.get())
    page = shopper.reach_last_screen()
    shopper.set(bread.sku, 0)
    before = everything()
    answer = shopper.order(page)
    assert answer.status_code == 409
    assert "There is nothing in your basket" in text(answer)
    assert earlier.secret not in answer.content.decode()
    assert everything() == before


# --- the staff's side --------------------------------------------------------------


@pytest.fixture
def staff():
    client = client_of(make.make_user(is_staff=True, is_superuser=True))
    client.raise_request_exception = False
    return client


def test_nothing_in_the_staffs_addresses_breaks(staff):
    order = place(make_basket()).order
    hand_over(order, actor=None)
    before = everything()
    asked = [
        path.replace("{}", quote(value, safe=""))
        for value in HOSTILE
        for path in (
            "/staff/orders/{}/",
            "/staff/hand-over/?q={}",
            "/staff/packing/?date={}",
            "/staff/packing/{}/",
            "/admin/shop/order/?q={}&days={}&p={}&o={}",
            "/admin/shop/order/?state__exact={}",
            "/admin/shop/order/?p=-1&o=99&bake_day={}",
            "/admin/autocomplete/?app_label=shop&model_name=recipeline"
            "&field_name=ingredient&term={}",
        )
    ]
    assert broken((each, staff.get(each)) for each in asked) == []
    assert everything() == before


@pytest.mark.parametrize("model", ["order", "product", "user"])
def test_an_admin_action_on_rows_that_cannot_be(staff, model):
    before = everything()
    path = reverse(f"admin:shop_{model}_changelist")
    for value in ("abc", "\x00", "1.5", "9" * 30):
        data = {"action": "delete_selected", "_selected_action": value}
        assert staff.post(path, data).status_code == 400
    assert everything() == before


@pytest.mark.parametrize("typed", ["abc", "\x00", "1.5", "9" * 30])
def test_a_form_of_the_admin_refuses_a_row_that_cannot_be(staff, typed):
    number = {"lines-TOTAL_FORMS": "1", "lines-INITIAL_FORMS": "0"}
    data = {"name": "Dough", "lines-0-ingredient": typed, "lines-0-grams": "5"}
    page = staff.post(reverse("admin:shop_recipe_add"), number | data)
    assert page.status_code == 200
    rows = page.context["inline_admin_formsets"][0].formset
    assert "ingredient" in rows.errors[0]
    assert Recipe.objects.count() == 0


def test_a_line_is_packed_with_a_yes_or_a_no_and_by_its_number(staff):
    line = place(make_basket()).order.lines.get()
    before = everything()
    for value in HOSTILE:
        answer = staff.post(f"/staff/packing/lines/{line.pk}/", {"packed": value})
        assert answer.status_code == 400, value
    for number in (0, 10**18, 10**30):
        path = f"/staff/packing/lines/{number}/"
        assert staff.post(path, {"packed": "1"}).status_code == 404
    assert everything() == before
