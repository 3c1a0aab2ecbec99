"""A person's own copy: everything that is theirs, and nothing that opens a door."""

from __future__ import annotations

import json

import pytest
from django.core.serializers.json import DjangoJSONEncoder

from shop.personal.person import find_person, person_of
from shop.personal.record import SECRETS, record_of
from tests.shop import make
from tests.shop.account import marked
from tests.shop.account.people import make_account, past_order

pytestmark = pytest.mark.django_db

# What has a mark and is not in the copy, beside SECRETS.
LEFT_OUT = {
    "account.EmailConfirmation": "keys of links in mails",
    "admin.LogEntry": "the staff's own log: who changed which field, no values",
    "basket.Basket.next_token": "a key",
    "basket.Basket.token": "a key",
    "basket.BasketOperation": "numbers of presses",
    "django_tasks_database.DBTaskResult": "mails on their way: they get these",
    "sessions.Session": "what the log-ins are kept by; the log-ins are in it",
    "file": "pictures are shown and kept as files, not as text",
}


def written(person) -> str:
    return json.dumps(record_of(person), cls=DjangoJSONEncoder, ensure_ascii=False)


def is_left_out(name: str) -> bool:
    secrets = {f"{label}.{each}" for label, them in SECRETS.items() for each in them}
    return name in secrets or name.startswith(tuple(LEFT_OUT))


def test_everything_of_the_person_is_in_it_but_secrets():
    person = marked.make_marked_person()
    text = written(person_of(person.user))
    missing = {name for mark, name in person.fields.items() if mark not in text}
    assert {name for name in missing if not is_left_out(name)} == set()
    secrets = {name for mark, name in person.fields.items() if mark in text}
    assert {name for name in secrets if is_left_out(name)} == set()


def test_nothing_of_anybody_else_is_in_it():
    other = marked.make_marked_person()
    text = written(person_of(make_account().user))
    assert [mark for mark in other.fields if mark in text] == []


def test_a_guest_s_orders_are_found_by_the_address():
    make.make_order(email="Guest@Example.com", note="for the party")
    make.make_customer(email="guest@example.com")
    record = record_of(find_person("guest@example.com"))
    assert record["account"] is None
    assert [order["note"] for order in record["orders"]] == ["for the party"]


def test_the_queries_do_not_grow_with_the_orders(django_assert_max_num_queries):
    customer = make_account()
    for _ in range(5):
        past_order(customer)
    person = person_of(customer.user)
    with django_assert_max_num_queries(20):
        record = record_of(person)
    assert len(record["orders"]) == 5
