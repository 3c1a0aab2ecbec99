"""Limits are raised and lowered by the owner; what is taken is never written here."""

import threading

import pytest
from django.db import connection
from django.db.models.signals import pre_save

from shop.models import Capacity
from shop.roles import OWNER
from tests.shop.admin.forms import data_of, problems
from tests.shop.make import make_capacity, make_hold, make_slot
from tests.shop.staffing import client_of, make_staff

SENTENCE = (
    "More is taken than this limit. Lower it to what is taken, or give a reason for "
    "overbooking."
)


def address_of(capacity):
    return f"/admin/shop/capacity/{capacity.pk}/change/"


def change(client, capacity, **typed):
    page = client.get(address_of(capacity))
    return client.post(address_of(capacity), data_of(page) | typed, follow=True)


@pytest.mark.django_db
def test_a_limit_can_be_raised_and_lowered_to_what_is_taken():
    owner = client_of(make_staff(OWNER))
    capacity = make_capacity(limit=10, taken=6)
    for limit in (50, 6):
        change(owner, capacity, limit=limit)
        capacity.refresh_from_db()
        assert (capacity.limit, capacity.taken) == (limit, 6)


@pytest.mark.django_db
def test_below_what_is_taken_it_is_refused_with_a_sentence():
    owner = client_of(make_staff(OWNER))
    capacity = make_capacity(limit=10, taken=6)
    answer = change(owner, capacity, limit=5)
    assert SENTENCE in problems(answer)
    capacity.refresh_from_db()
    assert (capacity.limit, capacity.taken) == (10, 6)


@pytest.mark.django_db
def test_with_a_reason_it_may_be_overbooked():
    owner = client_of(make_staff(OWNER))
    capacity = make_capacity(limit=10, taken=6)
    change(owner, capacity, limit=5, overbook_reason="a second oven comes")
    capacity.refresh_from_db()
    assert (capacity.limit, capacity.overbook_reason) == (5, "a second oven comes")


@pytest.mark.django_db
@pytest.mark.parametrize("limit", ["-1", "many", "", str(2**40)])
def test_what_is_no_limit_is_refused(limit):
    owner = client_of(make_staff(OWNER))
    capacity = make_capacity(limit=10)
    assert problems(change(owner, capacity, limit=limit))
    capacity.refresh_from_db()
    assert capacity.limit == 10


@pytest.mark.django_db
def test_a_sale_since_the_page_was_opened_is_not_undone():
    owner = client_of(make_staff(OWNER))
    capacity = make_capacity(limit=10, taken=6)
    typed = data_of(owner.get(address_of(capacity))) | {"limit": 20, "taken": 0}
    Capacity.objects.update(taken=9)
    owner.post(address_of(capacity), typed)
    capacity.refresh_from_db()
    assert (capacity.limit, capacity.taken) == (20, 9)


@pytest.mark.django_db(transaction=True)
def test_a_sale_between_check_and_save_is_told_in_the_same_sentence(request):
    """Another server sells after the form was found right, before it is saved."""
    owner = client_of(make_staff(OWNER))
    capacity = make_capacity(limit=10, taken=6)
    if connection.vendor == "sqlite":
        pytest.skip("SQLite lets one write at a time: nothing comes between.")

    def sell():
        Capacity.objects.update(taken=9)
        connection.close()

    def sell_first(**facts):
        rival = threading.Thread(target=sell)
        rival.start()
        rival.join()

    pre_save.connect(sell_first, sender=Capacity)
    request.addfinalizer(lambda: pre_save.disconnect(sell_first, sender=Capacity))
    answer = change(owner, capacity, limit=7)
    assert SENTENCE in answer.content.decode()
    assert answer.redirect_chain == [(address_of(capacity), 302)]
    capacity.refresh_from_db()
    assert (capacity.limit, capacity.taken) == (10, 9)


@pytest.mark.django_db
def test_limits_are_neither_made_nor_deleted_by_hand():
    owner = client_of(make_staff(OWNER))
    capacity = make_capacity()
    assert owner.get("/admin/shop/capacity/add/").status_code == 403
    address = f"/admin/shop/capacity/{capacity.pk}/delete/"
    assert owner.post(address, {"post": "yes"}).status_code == 403
    assert Capacity.objects.count() == 1


@pytest.mark.django_db
def test_holds_are_only_looked_at():
    owner = client_of(make_staff(OWNER))
    hold = make_hold(slot=make_slot())
    address = f"/admin/shop/hold/{hold.pk}/change/"
    assert owner.get(address).status_code == 200
    assert owner.post(address, {"extensions": 3}).status_code == 403
    page = owner.get(address).content.decode()
    assert hold.basket_token not in page
