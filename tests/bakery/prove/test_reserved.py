"""Reserved goods: ordered with a proof, and not there for anybody else."""

from __future__ import annotations

import datetime as dt
import time

import pytest
from django.apps import apps
from django.core import mail, signing
from django.core.signing import TimestampSigner
from django.test import Client
from django.urls import reverse

from shop import search, slots
from shop.availability import Wish, day_for, days_for
from shop.bakesheet import bake_sheet, next_bake_date
from shop.counter import find_orders
from shop.dashboard import dashboard
from shop.models import (
    BakeDay,
    Capacity,
    Category,
    Customer,
    Order,
    OrderLine,
    Place,
    Product,
    Slot,
    TaxClass,
    User,
    Variant,
)
from shop.opening import open_days
from shop.packing import packing_list
from shop.reconcile import reconcile
from shop.reserved import DATE, PROOF_SECONDS, SKU, Shown, is_proof, new_proof, seen
from shop.reserved_goods import clear_reserved_goods, mail_tasks, make_reserved_goods
from shop.roles import OWNER, make_roles
from shop.tasks import send_order_mail
from tests.bakery.prove.conftest import Prover, cancel
from tests.shop import make
from tests.shop.shopper import Shopper, text, words
from tests.shop.staffing import client_of, make_staff
from tests.shop.storefront import make_bread, open_shop

GOODS = (Category, TaxClass, Product, Variant, Place, BakeDay, Slot, Capacity)
OF_GOODS = (*GOODS, Order, OrderLine)
SHOWN = (*OF_GOODS, User, Customer)


# Reached through one of these, or never about reserved goods.
HANGS_ON = {
    *("DayException", "OpeningRule", "OptionGroup", "Option", "Picture", "SearchGram"),
    *("ResourceUse", "Hold", "Draw", "OrderEvent", "Payment"),
    "ProfilePicture",  # whose files the sweep must know
}


def rows() -> dict[str, int]:
    """How many rows each table has, reserved or not."""
    with seen():
        return {
            model._meta.db_table: model._base_manager.count()
            for model in apps.get_models(include_auto_created=True)
            # The log of changes that pages watch only ever grows.
            if model._meta.model_name != "pagechange"
        }


def run_mail_tasks(order: Order) -> list[bool]:
    tasks = mail_tasks([order.pk]).order_by("enqueued_at")
    return [send_order_mail.func(*task.args_kwargs["args"]) for task in tasks]


def test_every_model_of_goods_and_orders_leaves_reserved_rows_out():
    """Whoever adds one that refers to these decides how it is left out of lists."""
    assert all(isinstance(model._default_manager, Shown) for model in SHOWN)
    referring = {
        model.__name__
        for model in apps.get_app_config("shop").get_models()
        for field in model._meta.get_fields()
        if field.related_model in SHOWN and not field.auto_created
    }
    assert referring <= HANGS_ON | {model.__name__ for model in SHOWN}


# --- with a proof ------------------------------------------------------------------


def test_with_a_proof_the_reserved_product_is_ordered_and_cancelled(prover):
    order = prover.place_order(2)
    assert order.bake_day.date == DATE
    assert f"2 × {order.lines.model._base_manager.get(order=order).name}" in text(
        prover.get(order.get_absolute_url())
    )
    with seen():
        assert {c.taken for c in Capacity.objects.filter(bake_day=-1)} == {1, 2}
    assert cancel(prover, order).status_code == 303
    with seen():
        assert {c.taken for c in Capacity.objects.filter(bake_day=-1)} == {0}


def test_what_a_proof_is_shown_is_kept_by_no_cache(prover):
    order = prover.place_order()
    for path in ("/basket/", "/basket/pick-up/", order.get_absolute_url()):
        assert prover.get(path)["Cache-Control"] == "private, no-store"


def test_a_proof_changes_nothing_on_pages_for_everybody(prover):
    open_shop()
    make_bread()
    for path in ("/", f"/product/{SKU}/", f"/category/{SKU}/", "/search/?q=reserved"):
        mine, theirs = prover.get(path), Shopper().get(path)
        assert mine.status_code == theirs.status_code
        assert words(mine) == words(theirs)
        assert "Reserved" not in text(mine)


def test_its_mails_go_into_the_order_s_own_notes_and_it_has_no_customer(prover):
    order = prover.place_order()
    assert run_mail_tasks(order) == [True]
    assert run_mail_tasks(order) == [False]
    cancel(prover, order)
    assert run_mail_tasks(order) == [False, True]
    notes = order.events.filter(kind="mail_sent")
    assert [note.data["mail"] for note in notes] == ["confirmation", "cancellation"]
    assert f"/order/{order.secret}/" in notes[0].data["message"]
    assert mail.outbox == []
    assert not Customer.objects.exists()


# --- without one -------------------------------------------------------------------


def forged() -> str:
    return new_proof()[:-1] + "?"


def for_something_else() -> str:
    return TimestampSigner(salt="something.else").sign("let me see the reserved goods")


def of_another_shop() -> str:
    signer = TimestampSigner(key="the key of another shop", salt="shop.reserved")
    return signer.sign("let me see the reserved goods")


@pytest.mark.parametrize("make_proof", [forged, for_something_else, of_another_shop])
def test_a_proof_that_is_not_ours_is_none(make_proof, goods):
    proof = make_proof()
    assert not is_proof(proof)
    assert refused(Prover(proof)) == refused(Shopper())


@pytest.mark.parametrize("value", ["", ":", "x" * 5000, "é", "let me see\r\n"])
def test_nonsense_is_no_proof(value):
    assert not is_proof(value)


class Signed(TimestampSigner):
    """A signer whose clock shows an earlier time."""

    seconds_ago = 0

    def timestamp(self) -> str:
        return signing.b62_encode(int(time.time()) - self.seconds_ago)


@pytest.mark.parametrize(("seconds_ago", "counts"), [(50, True), (62, False)])
def test_a_proof_counts_for_a_minute(seconds_ago, counts):
    signer = Signed(salt="shop.reserved")
    signer.seconds_ago = seconds_ago
    assert PROOF_SECONDS == 60
    assert is_proof(signer.sign("let me see the reserved goods")) == counts


def test_a_proof_signed_with_a_former_key_is_still_one(settings):
    proof = new_proof()
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "the next key: 0123456789 abcdefghijklmnopqrstuvwxyz"
    assert is_proof(proof)


def refused(shopper: Shopper) -> tuple:
    """What adding the reserved product answers; nothing is in the basket after it."""
    answer = shopper.post(reverse("shop:basket_lines"), {"sku": SKU, "quantity": 1})
    assert shopper.pieces() == {}
    return answer.status_code, text(answer)


def test_nobody_without_a_proof_can_add_it(goods):
    reserved = refused(Shopper())
    clear_reserved_goods()
    assert reserved == refused(Shopper())
    assert reserved[0] == 422


def test_a_basket_that_holds_it_cannot_be_ordered_without_a_proof(prover):
    with seen():
        prover.fill(Variant.objects.get(sku=SKU), Slot.objects.get(bake_day=-1))
    prover.proof = ""
    before = rows()
    assert "we no longer sell" in text(prover.get("/basket/")).lower()
    assert prover.post("/checkout/").status_code == 409
    assert rows() == before


def test_its_time_cannot_be_chosen_without_a_proof(goods):
    with seen():
        slot = Slot.objects.get(bake_day=-1)
    shopper = Shopper()
    assert shopper.choose(slot).status_code == 422
    assert shopper.contents().version == 0


def test_its_order_has_no_page_without_a_proof(prover):
    order = prover.place_order()
    for part in ("", "cancellation/", "calendar.ics", "code.svg"):
        path = order.get_absolute_url() + part
        assert prover.get(path).status_code == 200
        assert Client().get(path).status_code == 404
    answer = Shopper().post(order.get_absolute_url() + "cancellation/")
    assert answer.status_code == 404
    assert Order._base_manager.get(pk=order.pk).state == "confirmed"


def test_no_list_of_the_shop_has_it(prover):
    order = prover.place_order()
    assert [model.objects.count() for model in OF_GOODS] == [0] * len(OF_GOODS)
    assert not Order.objects.filter(pk=order.pk).exists()
    with seen():
        assert all(model.objects.exists() for model in OF_GOODS)


def test_no_sheet_report_or_figure_counts_it(prover):
    open_shop()
    make_bread()
    quiet = figures()
    order = prover.place_order()
    assert figures() == quiet
    assert find_orders(order.code) == []
    assert reconcile() == []


def figures() -> tuple:
    """What staff and operators are told, as far as orders could change it."""
    today = make.day_from_today(0)
    sheet, packing, board = bake_sheet(DATE), packing_list(DATE), dashboard()
    metrics = Client().get("/metrics").content.decode().splitlines()
    return (
        (sheet.bake_day, sheet.lines, sheet.orders, packing.slots),
        bake_sheet(DATE - dt.timedelta(days=1)).ahead,
        (board.today, board.tomorrow, board.past),
        next_bake_date(today),
        [line for line in metrics if "orders_placed" in line or "limits" in line],
    )


def test_no_search_sitemap_or_day_has_it(goods):
    bread = make_bread()
    open_shop()
    search.index_products()
    assert search.find("reserved for proofs") == []
    assert "eserved" not in words(Client().get("/sitemap.xml"))
    assert DATE not in [answer.date for answer in days_for([])]
    with seen():
        wish = [Wish(Variant.objects.get(sku=SKU), 1)]
        day = BakeDay.objects.get(pk=-1)
    assert day_for(wish, DATE).bake_day is None
    assert slots.slots_on(day) == []
    assert [product.pk for product in Product.objects.all()] == [bread.pk]


def test_opening_days_gives_it_no_slots_and_no_limits(goods):
    open_shop()
    with seen():
        before = set(Capacity.objects.filter(bake_day=-1).values_list("pk", "limit"))
    open_days(DATE - dt.timedelta(days=3), 7)
    with seen():
        after = set(Capacity.objects.filter(bake_day=-1).values_list("pk", "limit"))
        assert not Capacity.objects.filter(bake_day__gt=0, product=-1).exists()
        assert not Slot.objects.filter(bake_day__gt=0, place=-1).exists()
    assert after == before


def test_the_admin_shows_nothing_of_it(prover):
    make_roles()
    owner = client_of(make_staff(OWNER))
    prover.place_order()
    other = Prover()
    with seen():
        other.fill(Variant.objects.get(sku=SKU), Slot.objects.get(bake_day=-1))
    other.reach_last_screen()
    lists = ["order", "product", "category", "taxclass", "place", "bakeday", "hold"]
    paths = [f"/admin/shop/{name}/" for name in lists]
    paths += ["/admin/shop/order/?days=all", "/admin/shop/capacity/?days=all"]
    for path in [*paths, "/admin/basket/basket/"]:
        assert owner.get(path).context["cl"].result_count == 0


def test_a_proof_s_limits_are_not_the_shop_s(prover):
    """Nothing that others want is taken by it."""
    open_shop()
    bread = make_bread()
    limits = Capacity.objects.filter(bake_day__gt=0).order_by("pk")
    before = list(limits.values_list("pk", "taken"))
    prover.place_order(5)
    assert before
    assert list(limits.values_list("pk", "taken")) == before
    assert bread.capacities.model is Capacity


# --- making and clearing -----------------------------------------------------------


def test_they_are_made_once_and_leave_nothing_behind(db):
    before = rows()
    make_reserved_goods()
    once = rows()
    make_reserved_goods()
    assert rows() == once != before
    clear_reserved_goods()
    clear_reserved_goods()
    assert rows() == before


@pytest.mark.parametrize("last", ["basket", "hold", "order", "cancelled", "mailed"])
def test_what_a_killed_proof_left_is_cleared_whenever_it_died(last, db):
    kept = make.make_order()
    before, drift = rows(), reconcile()
    make_reserved_goods()
    prover = Prover()
    leave_off(prover, last)
    assert rows() != before
    clear_reserved_goods()
    assert rows() == before
    assert Order.objects.get() == kept
    assert reconcile() == drift


def leave_off(prover: Prover, last: str) -> None:
    """Begin as a proof does, and go no further than this."""
    if last in ("basket", "hold"):
        with seen():
            prover.fill(Variant.objects.get(sku=SKU), Slot.objects.get(bake_day=-1))
        if last == "hold":
            prover.reach_last_screen()
        return
    order = prover.place_order()
    if last == "cancelled":
        cancel(prover, order)
    elif last == "mailed":
        run_mail_tasks(order)


def test_new_rows_of_the_shop_never_get_a_reserved_number(goods):
    assert make.make_product().pk > 0
    assert make.make_slot().bake_day.pk > 0
