"""Somebody is erased while tasks and orders of theirs are on their way.

Each race has its control: the same without the guard, at its worst moment.
"""

from __future__ import annotations

import pytest
from django.db import IntegrityError, connection, transaction

from basket.backends.base import stores
from basket.models import Basket
from shop.accounts.baskets import owner_name
from shop.accounts.claims import claim_orders
from shop.customers import remember_customer
from shop.exceptions import BasketChanged
from shop.models import Customer, Order, User
from shop.personal.erase import HasOrdersToCome, erase
from shop.personal.person import find_person, person_of
from tests.races.crowd import while_another_waits, while_others_queue
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


# --- the order in which rows are locked --------------------------------------------


@pytest.fixture
def row_locks():
    if connection.vendor != "postgresql":
        pytest.skip("SQLite has one lock for everything, so nobody waits in a ring")


@pytest.fixture
def claimed(row_locks, guest_order):
    """An account that has just proved the guest's address as its second one."""
    remember_customer(guest_order)
    return make_account().user


def while_the_order_is_held(order, claim):
    """First the erasure waits for the order, then the claim of it comes."""
    return while_others_queue(
        lambda: Order.objects.select_for_update().get(pk=order.pk), erase_guest, claim
    )


def test_an_erasure_and_a_claim_of_the_same_orders_wait_in_no_ring(
    claimed, guest_order
):
    outcomes = while_the_order_is_held(
        guest_order, lambda: claim_orders(claimed, GUEST)
    )
    assert errors_in(outcomes) == []
    order = Order.objects.get()
    assert (order.customer, order.email) == (None, "")
    assert [each.user for each in Customer.objects.all()] == [claimed]


def test_control_a_claim_that_locks_the_customer_first_closes_the_ring(
    claimed, guest_order
):
    def customer_first():
        with transaction.atomic():
            same = Customer.objects.select_for_update().get(email=GUEST)
            Order.objects.filter(customer=same).update(customer=claimed.customer)
            same.delete()

    outcomes = while_the_order_is_held(guest_order, customer_first)
    assert len(errors_in(outcomes)) == 1
    assert "deadlock" in str(errors_in(outcomes)[0])


def test_a_claim_takes_along_an_order_that_comes_in_the_same_moment(
    claimed, guest_order
):
    def one_more():
        same = Customer.objects.select_for_update().get(email=GUEST)
        Order.objects.filter(pk=copy_order(guest_order, 1).pk).update(customer=same)

    while_another_waits(one_more, lambda: claim_orders(claimed, GUEST))
    owners = {order.customer.user for order in Order.objects.all()}
    assert owners == {claimed}
    assert Customer.objects.count() == 1


@pytest.fixture
def crossed(row_locks):
    """Two baskets: the one that was made first has the later token."""
    store = stores["default"]
    for token in ("later", "earlier"):
        store.add(token, "rye", 1, operation=f"add-{token}")
    return ["earlier", "later"]


def while_the_first_made_is_held(remove, crossed):
    return while_others_queue(
        lambda: Basket.objects.select_for_update().get(token="later"),
        remove,
        lambda: stores["default"].merge(*crossed),
    )


def test_an_erasure_and_a_log_in_with_the_same_baskets_wait_in_no_ring(crossed):
    outcomes = while_the_first_made_is_held(
        lambda: stores["default"].remove(crossed), crossed
    )
    assert outcomes == [2, []]
    assert stores["default"].read("later").lines == ()


def test_control_baskets_that_are_locked_by_number_close_the_ring(crossed):
    def by_number():
        with transaction.atomic():
            rows = Basket.objects.filter(token__in=crossed).select_for_update()
            keys = [row.pk for row in rows.order_by("pk")]
            Basket.objects.filter(pk__in=keys).delete()

    outcomes = while_the_first_made_is_held(by_number, crossed)
    assert len(errors_in(outcomes)) == 1
    told = errors_in(outcomes)[0]  # the store says it in its own words
    assert "deadlock" in f"{told} {told.__cause__}"
