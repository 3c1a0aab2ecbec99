"""Erased is erased: nothing of the person is left, and nothing of others goes."""

from __future__ import annotations

import pytest
from django.core.files.storage import default_storage
from django.db import connection

from shop.models import (
    Capacity,
    Customer,
    Hold,
    Order,
    OrderLine,
    Payment,
    PaymentEvent,
    User,
)
from shop.personal.erase import CannotErase, HasOrdersToCome, erase
from shop.personal.person import find_person, person_of
from tests.shop import make
from tests.shop.account import marked
from tests.shop.account.people import make_account, past_order
from tests.shop.baskets import everything

pytestmark = pytest.mark.django_db


def dump():
    """All rows of all tables as they stand."""
    found = {}
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")
            found[table] = sorted(map(str, cursor.fetchall()))
    return found


def kept_of(order):
    """What the tax office may ask for."""
    lines = OrderLine.objects.filter(order=order).order_by("pk")
    payments = Payment.objects.filter(order=order)
    return [
        *Order.objects.filter(pk=order.pk).values_list(
            "code", "state", "bake_day", "slot", "currency", "total_cents", "tax_cents"
        ),
        *lines.values_list("name", "quantity", "unit_price_cents", "tax_cents"),
        *payments.values_list("method", "amount_cents", "state"),
        *PaymentEvent.objects.filter(payment__in=payments).values_list(
            "provider", "event_id", "amount_cents"
        ),
    ]


def test_every_table_is_named_as_personal_or_as_nobody_s():
    """A new model: add it to marked.py, with a row that is a person's or without."""
    assert marked.PERSONAL.isdisjoint(marked.NOBODY_S)
    assert marked.all_tables() == marked.PERSONAL | marked.NOBODY_S


def test_a_marked_person_has_a_mark_in_every_personal_table():
    person = marked.make_marked_person()
    tables = {name.rpartition(".")[0] for name in person.fields.values()}
    without_texts = {"shop.Payment", "shop.ProfilePicture"}
    assert tables >= marked.PERSONAL - without_texts
    found = set().union(*marked.marks_in_database().values())
    assert person.fields.keys() - found - marked.marks_in_storage() == set()


def test_nothing_of_the_person_is_left():
    person = marked.make_marked_person()
    before = kept_of(person.order)
    erase(person_of(person.user))
    left = {
        (table, person.fields[mark])
        for table, marks in marked.marks_in_database().items()
        for mark in marks
    }
    assert left == set()
    assert marked.marks_in_storage() & set(person.fields) == set()
    assert not [name for name in person.files if default_storage.exists(name)]
    assert kept_of(person.order) == before


def test_nothing_of_the_person_is_left_in_redis(redis_cache, redis_client):
    person = marked.make_marked_person()
    assert marked.marks_in_redis(redis_client) != set()
    erase(person_of(person.user))
    assert marked.marks_in_redis(redis_client) == set()


def test_nothing_of_anybody_else_goes():
    other = marked.make_marked_person()
    before, files = marked.marks_in_database(), marked.marks_in_storage()
    person = marked.make_marked_person()
    erase(person_of(person.user))
    assert marked.marks_in_database() == before
    assert marked.marks_in_storage() == files
    assert User.objects.filter(pk=other.user.pk).exists()


def test_a_guest_is_erased_by_address():
    order = make.make_order(
        email="Guest@Example.com", slot=make.make_slot(bake_day=_gone()), note="zz1zz"
    )
    customer = make.make_customer(email="guest@example.com", name="zz2zz")
    done = erase(find_person("GUEST@example.com"))
    assert (done.account, done.customers, done.orders_kept) == (0, 1, 1)
    assert not Customer.objects.filter(pk=customer.pk).exists()
    order.refresh_from_db()
    assert (order.name, order.email, order.phone, order.note) == ("", "", "", "")
    assert marked.marks_in_database() == {}


def test_a_second_time_there_is_nobody():
    customer = make_account()
    person = person_of(customer.user)
    erase(person)
    again = erase(person)
    assert set(again.as_facts().values()) == {0}
    assert find_person(customer.email) is None


def test_a_dry_run_counts_and_changes_nothing():
    person = marked.make_marked_person()
    before = dump()
    would = erase(person_of(person.user), dry_run=True)
    assert dump() == before
    assert erase(person_of(person.user)) == would
    assert (would.account, would.pictures, would.customers) == (1, 1, 1)
    assert (would.orders_kept, would.baskets, would.checkouts) == (1, 2, 1)
    assert (would.sessions, would.tasks, would.log_entries) == (2, 2, 2)


def test_who_has_something_to_pick_up_is_not_erased():
    customer = make_account()
    order = make.make_order(customer=customer, email=customer.email)
    before = everything()
    with pytest.raises(HasOrdersToCome) as refusal:
        erase(person_of(customer.user))
    assert refusal.value.orders == [order]
    assert order.code in str(refusal.value)
    assert everything() == before
    assert User.objects.filter(pk=customer.user_id).exists()


def test_staff_are_not_erased():
    user = make.make_user(is_staff=True)
    with pytest.raises(CannotErase):
        erase(person_of(user))
    assert User.objects.filter(pk=user.pk).exists()


def test_what_was_kept_in_a_checkout_goes_back():
    customer = make_account()
    slot = make.make_slot(places=8)
    capacity = Capacity.objects.get(slot=slot)
    order = past_order(customer)
    hold = make.make_hold(basket_token=order.basket_token, slot=slot)
    make.make_draw(capacity=capacity, hold=hold)
    erase(person_of(customer.user))
    capacity.refresh_from_db()
    assert capacity.taken == 0
    assert not Hold.objects.exists()


def test_what_was_chosen_stays_and_what_was_written_goes():
    customer = make_account()
    order = past_order(customer)
    chosen = {"group": "Slicing", "choice": "Thick"}
    group = make.make_product().option_groups.create(name="Slicing", slug="slicing")
    group.options.create(slug="thick", name="Thick")
    order.lines.update(options=[chosen, {"group": "Message", "choice": "For Mina"}])
    erase(person_of(customer.user))
    assert order.lines.get().options == [chosen, {"group": "Message", "choice": ""}]


def test_the_old_link_to_an_order_leads_nowhere(client):
    customer = make_account()
    link = past_order(customer).get_absolute_url()
    assert client.get(link).status_code == 200
    erase(person_of(customer.user))
    assert client.get(link).status_code == 404


def _gone():
    return make.make_bake_day(date=make.day_from_today(-2))
