"""Somebody is erased while tasks and orders of theirs are on their way.

Each race has its control: the same without the guard, at its worst moment.
"""

from __future__ import annotations

import pytest
from django.db import IntegrityError, transaction

from basket.backends.base import stores
from shop.accounts.baskets import owner_name
from shop.customers import remember_customer
from shop.exceptions import BasketChanged
from shop.models import Customer, Order, User
from shop.personal.erase import HasOrdersToCome, erase
from shop.personal.person import find_person, person_of
from tests.races.crowd import while_another_waits
from tests.races.rivals import copy_order, errors_in, race
from tests.shop import make
from tests.shop.account.people import make_account, past_order
from tests.shop.baskets import make_basket, place

pytestmark = pytest.mark.django_db(transaction=True)

GUEST = "guest@example.com"


@pytest.fixture
def guest_order():
    """Picked up; the task that remembers the guest has read it and is not done."""
    day = make.make_bake_day(date=make.day_from_today(-1))
    slot = make.make_slot(bake_day=day, places=None)
    return make.make_order(email=GUEST, name="Mina", slot=slot)


def erase_guest():
    return erase(find_person(GUEST))


def test_a_task_on_its_way_brings_nobody_back(guest_order):
    came = while_another_waits(erase_guest, lambda: remember_customer(guest_order))
    assert came is None
    assert not Customer.objects.exists()


def test_control_a_task_that_trusts_what_it_read_brings_them_back(guest_order):
    def unlocked():
        return Customer.objects.get_or_create(email=guest_order.email)

    while_another_waits(erase_guest, unlocked)
    assert Customer.objects.get().email == GUEST  # nobody would be right


def test_an_erasure_takes_the_customer_whom_a_task_has_just_made(guest_order):
    erased = while_another_waits(lambda: remember_customer(guest_order), erase_guest)
    assert erased.orders_kept == 1
    assert not Customer.objects.exists()


def test_an_order_from_the_account_in_the_same_moment_is_a_guest_s():
    customer = make_account()
    contents = make_basket()
    placed = while_another_waits(
        lambda: erase(person_of(customer.user)),
        lambda: place(contents, customer=customer),
    )
    assert placed.is_new
    assert Order.objects.get().customer is None
    assert not Customer.objects.exists()


def test_control_an_order_that_trusts_the_page_s_customer_fails():
    customer = make_account()
    order = make.make_order()

    def unread():
        with transaction.atomic():
            copied = copy_order(order, 1)
            Order.objects.filter(pk=copied.pk).update(customer=customer.pk)

    with pytest.raises(IntegrityError):
        while_another_waits(lambda: erase(person_of(customer.user)), unread)


def test_the_account_s_basket_is_ordered_or_erased_and_never_both():
    for _ in range(4):
        customer = make_account()
        contents = make_basket()
        store = stores["default"]
        store.merge(contents.token, contents.token, owner=owner_name(customer.user))
        contents = store.read(contents.token)
        erased, placed = race(
            lambda customer=customer: erase(person_of(customer.user)),
            lambda contents=contents, customer=customer: place(
                contents, customer=customer
            ),
        )
        assert errors_in([erased], HasOrdersToCome) == []
        assert errors_in([placed], BasketChanged) == []
        was_erased = not isinstance(erased, Exception)
        assert was_erased is isinstance(placed, BasketChanged)
        assert User.objects.filter(pk=customer.user_id).exists() is not was_erased


def test_pressed_twice_at_once_it_is_done_once():
    customer = make_account()
    for _ in range(3):
        past_order(customer)
    person = person_of(customer.user)
    outcomes = race(*[lambda: erase(person)] * 4)
    assert errors_in(outcomes) == []
    assert sum(done.account for done in outcomes) == 1
    assert sum(done.customers for done in outcomes) == 1
    assert list(Order.objects.values_list("email", flat=True)) == [""] * 3
