"""Every page of the admin opens: lists, empty forms, filled forms, histories."""

import pytest
from django.contrib import admin
from django.urls import reverse

from basket.models import Basket, BasketLine
from shop.models import OptionGroup
from shop.roles import OWNER
from shop.tasks import send_order_mail
from tests.shop.make import (
    make_bake_day,
    make_capacity,
    make_customer,
    make_draw,
    make_exception,
    make_hold,
    make_ingredient,
    make_order,
    make_payment,
    make_recipe,
    make_resource,
    make_slot,
    make_user,
    make_variant,
)
from tests.shop.staffing import client_of, make_staff

pytestmark = pytest.mark.django_db

OURS = ("shop", "basket", "django_tasks_database")
MODELS = [model for model in admin.site._registry if model._meta.app_label in OURS]


def fill():
    """One row for every list, with the rows inside it."""
    part = make_recipe(parts={make_ingredient(allergens=["milk"]): 1})
    variant = make_variant(recipe=make_recipe(parts={part: 1}), dough_g=9)
    slot = make_slot(bake_day=make_bake_day())
    order = make_order(slot=slot, lines={variant: 2}, customer=make_customer())
    order.events.create(kind="placed", actor=make_user())
    make_payment(order=order)
    make_draw(capacity=slot.capacity, hold=make_hold(slot=slot))
    make_capacity(bake_day=slot.bake_day, resource=make_resource(uses={variant: 1}))
    make_exception(date=slot.bake_day.date)
    group = OptionGroup.objects.create(name="Slicing", slug="slicing")
    group.products.add(variant.product)
    group.options.create(name="sliced", slug="sliced")
    basket = Basket.objects.create(token="0" * 32)
    BasketLine.objects.create(basket=basket, item=variant.sku, quantity=1)
    send_order_mail.enqueue(order.pk, "confirmation")


def address_of(model, page, *args):
    meta = model._meta
    return reverse(f"admin:{meta.app_label}_{meta.model_name}_{page}", args=args)


@pytest.mark.parametrize("who", ["owner", "superuser"])
@pytest.mark.parametrize("model", MODELS, ids=lambda model: model._meta.model_name)
def test_every_page_of_a_model_opens(model, who):
    fill()
    user = (
        make_staff(OWNER)
        if who == "owner"
        else make_user(is_staff=True, is_superuser=True)
    )
    client = client_of(user)
    row = model._default_manager.last()
    assert client.get(address_of(model, "changelist")).status_code == 200
    assert client.get(address_of(model, "change", row.pk)).status_code == 200
    assert client.get(address_of(model, "history", row.pk)).status_code == 200
    assert client.get(address_of(model, "add")).status_code in {200, 403}
    assert client.get(address_of(model, "change", "no-such")).status_code == 302
    search = client.get(address_of(model, "changelist"), {"q": "milk \x00 %"})
    assert search.status_code in {200, 302}


def test_the_front_page_names_the_bakery_and_leads_to_today():
    page = client_of(make_staff(OWNER)).get("/admin/").content.decode()
    assert "FADU Bakery" in page
    assert 'href="/staff/"' in page


def test_the_admin_stands_under_the_same_strict_policy_as_the_shop():
    answer = client_of(make_staff(OWNER)).get("/admin/shop/product/add/")
    policy = answer["Content-Security-Policy"]
    assert "script-src 'self';" in f"{policy};"
    assert "unsafe" not in policy
    assert " style=" not in answer.content.decode()


def test_lines_and_events_of_an_order_ask_a_fixed_number_of_times(
    django_assert_num_queries,
):
    client = client_of(make_staff(OWNER))
    order = make_order(lines={make_variant(): n for n in range(1, 12)})
    for kind in ("placed", "ready", "handed_over"):
        order.events.create(kind=kind, actor=make_user())
    make_payment(order=order)
    make_payment(order=order)
    client.get(f"/admin/shop/order/{order.pk}/change/")  # content types are kept
    with django_assert_num_queries(8):
        client.get(f"/admin/shop/order/{order.pk}/change/")
