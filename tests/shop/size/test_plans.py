"""No page reads the history of the shop from end to end, as PostgreSQL tells."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from shop import reconcile
from shop.dashboard import dashboard
from shop.models import Capacity, Customer, Order, Product
from shop.opening import open_days
from tests.shop.size.plans import seq_scans
from tests.shop.staffing import client_of, make_staff

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.slow,
    pytest.mark.skipif(
        "connection.vendor != 'postgresql'", reason="EXPLAIN is PostgreSQL's here"
    ),
]

PAGES = (
    *("/", "/category/breads/", "/category/breads/?p=2", "/search/?q=sourdough"),
    *("/category/breads/?vegan=1", "/category/breads/?can=1", "/product/{slug}/"),
    *("/search/?q=without+nuts", "/sitemap.xml", "/sitemap.xml?p=2"),
    *("/allergens/", "/allergens/?p=2"),
    *("/staff/", "/staff/bake-sheet/{day}/", "/staff/packing/{day}/"),
    *("/staff/hand-over/?q=kelleher", "/staff/orders/{code}/", "/admin/"),
)
LISTS = (
    *("order/", "order/?days=today", "order/?days=coming", "order/?q=kelleher"),
    *("order/?q={code}", "order/?q={email}", "order/?days=today&state__exact=ready"),
    *("order/?days=all&state__exact=expired", "order/{pk}/change/"),
    *("customer/", "customer/?q={email}", "customer/{customer}/change/"),
    *("capacity/", "capacity/?days=coming", "capacity/?q=baguette"),
    *("bakeday/", "bakeday/{bake_day}/change/", "product/", "product/?q=oat"),
    *("hold/", "variant/", "category/", "resource/"),
)


@pytest.fixture(scope="module")
def owner(large_shop):
    return client_of(make_staff("owner"))


@pytest.fixture(scope="module")
def names(large_shop):
    """What the addresses of the pages have to name."""
    order = Order.objects.filter(bake_day__date__gt=large_shop).earliest("pk")
    return {
        "day": order.bake_day.date,
        "bake_day": order.bake_day_id,
        "code": order.code,
        "email": order.email,
        "pk": order.pk,
        "customer": Customer.objects.latest("pk").pk,
        "slug": Product.objects.latest("pk").slug,
    }


def statements_of(ask):
    with CaptureQueriesContext(connection) as asked:
        ask()
    return [query["sql"] for query in asked]


@pytest.mark.parametrize(
    "address", [*PAGES, *(f"/admin/shop/{each}" for each in LISTS)]
)
def test_a_page_reads_nothing_from_end_to_end(owner, names, address):
    answers = []
    asked = statements_of(
        lambda: answers.append(owner.get(address.format(**names), follow=True))
    )
    assert answers[0].status_code == 200
    assert asked
    assert seq_scans(asked) == []


def test_the_look_at_a_plan_sees_a_scan(large_shop):
    [(table, _)] = seq_scans([str(Order.objects.filter(note="x").only("pk").query)
                              .replace("= x", "= 'x'")])  # fmt: skip
    assert table == "shop_order"


def test_the_dashboard_reads_two_weeks(large_shop):
    assert seq_scans(statements_of(dashboard)) == []


def test_opening_days_reads_their_orders_alone(large_shop):
    """Limits that are new on days with orders: these orders are counted."""
    day = large_shop + dt.timedelta(days=1)
    Capacity.objects.filter(bake_day__date=day, product__isnull=False, taken=0).delete()
    asked = statements_of(lambda: open_days(day, 2))
    assert [each for each in asked if "shop_draw" in each]
    assert seq_scans(asked) == []


def test_reconciling_is_a_statement_a_kind_for_thousands_of_orders(large_shop):
    assert len(statements_of(reconcile.reconcile)) <= 15
