"""The admin's lists: open to whom they should be, and quick however long they get."""

import datetime as dt

import pytest
from django.contrib import admin
from django.contrib.admin.templatetags.admin_list import result_headers
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from shop.roles import BAKER, COUNTER, OWNER
from tests.shop.make import (
    day_from_today,
    make_bake_day,
    make_capacity,
    make_customer,
    make_exception,
    make_hold,
    make_ingredient,
    make_order,
    make_payment,
    make_product,
    make_recipe,
    make_resource,
    make_slot,
    make_user,
    make_variant,
)
from tests.shop.staffing import client_of, make_staff

pytestmark = pytest.mark.django_db

OURS = ("shop", "basket", "django_tasks_database")
LISTS = sorted(
    model._meta.label_lower
    for model in admin.site._registry
    if model._meta.app_label in OURS
)
# Queries of each list for the owner: session, user and rights (4), one bounded count,
# the rows, and what its filters offer.
QUERIES = {
    "basket.basket": 6,
    "django_tasks_database.dbtaskresult": 7,
    "shop.bakeday": 8,
    "shop.capacity": 8,
    "shop.category": 6,
    "shop.customer": 6,
    "shop.dayexception": 9,
    "shop.hold": 6,
    "shop.ingredient": 6,
    "shop.optiongroup": 6,
    "shop.order": 6,
    "shop.place": 6,
    "shop.product": 8,
    "shop.recipe": 6,
    "shop.resource": 6,
    "shop.taxclass": 6,
    "shop.user": 8,
    "shop.variant": 6,
}


def list_of(label):
    return reverse(f"admin:{label.replace('.', '_')}_changelist")


def fill(rounds):
    """Rows for every list, all on today's bake day."""
    day = make_bake_day(date=day_from_today(0))
    for number in range(rounds):
        recipe = make_recipe(parts={make_ingredient(): 1})
        variant = make_variant(recipe=recipe, dough_g=9)
        slot = make_slot(bake_day=day, starts=dt.time(7 + number))
        make_payment(order=make_order(slot=slot, lines={variant: 2}))
        make_capacity(bake_day=day, product=variant.product)
        make_capacity(bake_day=day, resource=make_resource(uses={variant: 1}))
        make_hold(slot=slot)
        make_customer()
        make_exception(date=day_from_today(number))
        make_user(is_staff=True)


def queries_of(client, label):
    with CaptureQueriesContext(connection) as queries:
        answer = client.get(list_of(label))
    assert answer.status_code == 200
    return [query["sql"] for query in queries]


def test_every_list_is_in_the_table_of_this_test():
    assert list(QUERIES) == LISTS


@pytest.mark.parametrize("label", QUERIES)
def test_a_list_asks_a_fixed_number_of_times_however_many_rows(label):
    owner = client_of(make_staff(OWNER))
    fill(9)
    asked = queries_of(owner, label)
    assert len(asked) == QUERIES[label], "\n".join(asked)


@pytest.mark.parametrize("label", QUERIES)
def test_no_list_counts_a_whole_table(label):
    owner = client_of(make_staff(OWNER))
    counts = [
        sql
        for sql in queries_of(owner, label)
        if "COUNT(*)" in sql and "session" not in sql
    ]
    assert len(counts) == 1
    assert "LIMIT 5000" in counts[0]


@pytest.mark.parametrize(
    ("role", "sees"),
    [
        (OWNER, set(LISTS)),
        (
            BAKER,
            {
                "shop.product",
                "shop.variant",
                "shop.ingredient",
                "shop.recipe",
                "shop.bakeday",
            },
        ),
        (COUNTER, {"shop.order"}),
    ],
)
def test_each_role_sees_its_own_lists_and_no_other(role, sees):
    client = client_of(make_staff(role))
    found = {label for label in LISTS if client.get(list_of(label)).status_code == 200}
    assert found == sees


def test_customers_and_nobody_are_sent_to_the_log_in():
    for client in (client_of(None), client_of(make_user())):
        answer = client.get("/admin/shop/order/")
        assert answer.status_code == 302
        assert "login" in answer.url


# --- orders -------------------------------------------------------------------------


def order_on(days, **facts):
    return make_order(
        slot=make_slot(bake_day=make_bake_day(date=day_from_today(days))), **facts
    )


def codes(client, query=""):
    answer = client.get(f"/admin/shop/order/{query}")
    assert answer.status_code == 200
    return [order.code for order in answer.context["cl"].result_list]


def test_orders_of_today_and_tomorrow_come_first():
    for days, code in ((-1, "BBBBB"), (0, "CCCCC"), (1, "DDDDD"), (2, "FFFFF")):
        order_on(days, code=code)
    client = client_of(make_staff(OWNER))
    assert codes(client) == ["CCCCC", "DDDDD"]
    assert codes(client, "?days=today") == ["CCCCC"]
    assert codes(client, "?days=coming") == ["CCCCC", "DDDDD", "FFFFF"]
    assert codes(client, "?days=past") == ["BBBBB"]
    assert len(codes(client, "?days=all")) == 4
    assert len(codes(client, "?days=nonsense")) == 4


@pytest.mark.parametrize("q", ["k7m2p", "K7M-2P", "Shopper@bakery.example"])
def test_a_search_for_a_code_or_an_address_looks_at_every_day(q):
    order_on(-40, code="K7M2P", name="Mrs Ssoni", email="shopper@bakery.example")
    order_on(-41, code="NNNNN", name="Leo", email="leo@bakery.example")
    assert codes(client_of(make_staff(OWNER)), f"?q={q}") == ["K7M2P"]


@pytest.mark.parametrize("q", ["ssoni", "shopper@"])
def test_a_search_for_a_part_of_a_name_looks_at_the_last_month_unless_told(q):
    order_on(-40, code="K7M2P", name="Mrs Ssoni", email="shopper@bakery.example")
    order_on(-30, code="NNNNN", name="Asha Ssoni", email="shopper@post.example")
    client = client_of(make_staff(OWNER))
    assert codes(client, f"?q={q}") == ["NNNNN"]
    assert codes(client, f"?q={q}&days=all") == ["K7M2P", "NNNNN"]


def test_a_search_for_a_limit_looks_at_what_is_to_come():
    product = make_product(name="Baguette")
    limits = [
        make_capacity(bake_day=make_bake_day(date=day_from_today(n)), product=product)
        for n in (-2, 5)
    ]
    client = client_of(make_staff(OWNER))
    for query, found in (("?q=bagu", limits[1:]), ("?q=bagu&days=all", limits)):
        answer = client.get(f"/admin/shop/capacity/{query}")
        assert list(answer.context["cl"].result_list) == found


def test_a_resource_of_very_many_variants_is_shown_without_them(monkeypatch):
    monkeypatch.setattr("shop.admin.limits.MOST_USES", 2)
    oven = make_resource(uses={make_variant(): 1, make_variant(): 1})
    client = client_of(make_staff(OWNER))
    address = f"/admin/shop/resource/{oven.pk}/change/"
    assert b"uses-TOTAL_FORMS" in client.get(address).content
    with CaptureQueriesContext(connection) as few:
        client.get(address)
    oven.uses.create(variant=make_variant(), units=1)
    with CaptureQueriesContext(connection) as many:
        assert b"uses-TOTAL_FORMS" not in client.get(address).content
    assert len(many) < len(few)


# --- sorts --------------------------------------------------------------------------


def heads(answer):
    """The words of the columns that offer a sort."""
    columns = result_headers(answer.context["cl"])
    return {str(each["text"]).capitalize() for each in columns if each["sortable"]}


@pytest.mark.parametrize("chosen", ["", "days=today", "days=tomorrow"])
def test_the_orders_of_a_day_are_sorted_by_any_column(chosen):
    for days in (0, 1):
        slot = make_slot(bake_day=make_bake_day(date=day_from_today(days)))
        make_order(slot=slot, lines={make_variant(): 1})
        make_order(slot=slot, lines={make_variant(): 9})
    client = client_of(make_staff(OWNER))
    answer = client.get(f"/admin/shop/order/?{chosen}&o=-6")
    assert {"Pieces", "Name", "Total"} <= heads(answer)
    pieces = [order.piece_count for order in answer.context["cl"].result_list]
    assert pieces == sorted(pieces, reverse=True)
    assert {1, 9} == set(pieces)


@pytest.mark.parametrize("chosen", ["days=all", "days=past", "days=coming", "q=mrs"])
def test_the_orders_of_years_are_sorted_by_what_an_index_knows(chosen):
    for days in (-2, 0, 3):
        order_on(days, lines={make_variant(): 5 - days}, name="Mrs Ssoni")
    client = client_of(make_staff(OWNER))
    asked = [client.get(f"/admin/shop/order/?{chosen}{o}") for o in ("", "&o=6")]
    assert heads(asked[0]) == {"Code", "Bake day", "Slot"}
    assert "piece_count" not in asked[1].context["cl"].queryset.query.order_by


def test_limits_of_years_are_sorted_by_day():
    fill(2)
    client = client_of(make_staff(OWNER))
    assert heads(client.get("/admin/shop/capacity/?days=all")) == {"Bake day"}
    assert "Taken" in heads(client.get("/admin/shop/capacity/"))


def test_a_limit_is_found_by_all_the_words_of_its_name():
    day = make_bake_day(date=day_from_today(1))
    loaf, _ = (
        make_capacity(bake_day=day, product=make_product(name=name))
        for name in ("Dark rye loaf", "Dark wheat loaf")
    )
    oven = make_capacity(bake_day=day, resource=make_resource(name="Dark oven, rye"))
    answer = client_of(make_staff(OWNER)).get("/admin/shop/capacity/?q=rye+dark")
    assert set(answer.context["cl"].result_list) == {loaf, oven}


def test_an_offered_variant_costs_no_query_of_its_own():
    client = client_of(make_staff(OWNER))
    address = "/admin/autocomplete/?app_label=shop&model_name=option"
    address += "&field_name=variant&term=loaf"

    def asked(count):
        for number in range(count):
            make_variant(product=make_product(name=f"Loaf {number}", variant=False))
        with CaptureQueriesContext(connection) as queries:
            found = client.get(address).json()["results"]
        assert len(found) >= count
        return len(queries)

    assert asked(1) == asked(9)


def test_a_customer_is_found_by_the_whole_address_without_reading_all():
    make_customer(email="mrs@bakery.example")
    make_customer(email="mrs@bakery.example.org")
    client = client_of(make_staff(OWNER))
    with CaptureQueriesContext(connection) as queries:
        answer = client.get("/admin/shop/customer/?q=Mrs@bakery.example")
    [found] = answer.context["cl"].result_list
    assert found.email == "mrs@bakery.example"
    assert not [each for each in queries if "LIKE" in each["sql"].upper()]
    answer = client.get("/admin/shop/customer/?q=mrs@bakery")
    assert len(answer.context["cl"].result_list) == 2


def test_a_rare_word_reads_the_table_once():
    order_on(-400, code="BBBBB", name="Mrs Ssoni")
    order_on(-401, code="CCCCC", name="Leo")
    client = client_of(make_staff(OWNER))
    with CaptureQueriesContext(connection) as queries:
        assert codes(client, "?q=ssoni&days=all") == ["BBBBB"]
    readers = [each for each in queries if "LIKE" in each["sql"].upper()]
    assert len(readers) == 1


def test_a_frequent_word_is_counted_and_shown_as_ever(monkeypatch):
    monkeypatch.setattr("shop.admin.base.ShopAdmin.few", 1)
    for days, code in ((-401, "BBBBB"), (-400, "CCCCC")):
        order_on(days, code=code, name="Mrs Ssoni")
    client = client_of(make_staff(OWNER))
    assert codes(client, "?q=ssoni&days=all") == ["BBBBB", "CCCCC"]


@pytest.mark.parametrize("few", [0, 200])
def test_variants_are_found_by_number_name_and_product_word_by_word(monkeypatch, few):
    monkeypatch.setattr("shop.admin.base.ShopAdmin.few", few)
    rye, oat = (make_product(name=f"{n} loaf", variant=False) for n in ("Rye", "Oat"))
    whole = make_variant(product=rye, name="whole", sku="r-1")
    half = make_variant(product=rye, name="half", sku="r-2", is_active=False)
    other = make_variant(product=oat, name="whole", sku="o-1")
    client = client_of(make_staff(OWNER))

    def found(words):
        answer = client.get("/admin/shop/variant/", {"q": words})
        return list(answer.context["cl"].result_list)

    assert found("rye") == [whole, half]
    assert found("LOAF hal") == [half]
    assert found("whole") == [whole, other]
    assert found("-1") == [whole, other]
    assert found("rye o-1") == found("nothing") == []
    assert found(" ") == [whole, half, other]


def test_a_box_is_counted_as_far_as_it_shows():
    product = make_product(variant=False)
    for n in range(45):
        make_variant(product=product, name=f"{n} g")
    client = client_of(make_staff(OWNER))
    address = "/admin/autocomplete/?app_label=shop&model_name=resourceuse"
    for page, shown, more in (("", 20, True), ("&page=2", 20, True), ("&page=3", 5, 0)):
        with CaptureQueriesContext(connection) as queries:
            answer = client.get(f"{address}&field_name=variant&term={page}").json()
        assert (len(answer["results"]), answer["pagination"]["more"]) == (shown, more)
        [counted] = [each["sql"] for each in queries if "COUNT" in each["sql"].upper()]
        assert f"LIMIT {20 * int(page[-1:] or 1) + 1})" in counted


@pytest.mark.parametrize("page", ["4", "0", "-1", "x", "9" * 30])
def test_a_box_has_no_other_pages(page):
    client = client_of(make_staff(OWNER))
    address = "/admin/autocomplete/?app_label=shop&model_name=resourceuse"
    answer = client.get(f"{address}&field_name=variant&term=&page={page}")
    assert answer.status_code == 404


def test_a_frequent_name_is_put_into_order_by_the_days_it_is_looked_for_on(monkeypatch):
    """By their numbers alone each order would be held against all days there are."""
    monkeypatch.setattr("shop.admin.base.ShopAdmin.few", 0)
    order_on(-20, code="BBBBB", name="Mrs Ssoni")
    client = client_of(make_staff(OWNER))
    with CaptureQueriesContext(connection) as queries:
        assert codes(client, "?q=ssoni") == ["BBBBB"]
    [shown] = [each["sql"] for each in queries if "piece_count" in each["sql"]]
    assert '"shop_bakeday"."date" >= ' in shown
    assert '"shop_order"."bake_day_id" IN (' in shown


def test_products_are_found_by_sku():
    product = make_product(variant=False)
    make_variant(product=product, sku="milk-bread-500")
    make_product()
    answer = client_of(make_staff(OWNER)).get("/admin/shop/product/?q=milk-bread-500")
    assert list(answer.context["cl"].result_list) == [product]
