"""What a proof looks up in the database, and that it leaves nothing there."""

from __future__ import annotations

import threading

import pytest
from django.db import connection

from bakery.prove import behind
from bakery.prove.comparing import Difference
from shop.models import Product
from shop.reserved import seen
from tests.bakery.prove.conftest import Prover, cancel
from tests.bakery.prove.test_reserved import rows, run_mail_tasks


@pytest.fixture
def order(prover):
    return prover.place_order()


def test_the_goods_are_there_for_one_proof_and_gone_afterwards(db):
    before = rows()
    with behind.reserved_goods():
        Prover().place_order()
        assert behind.number_of_orders() == 1
    assert rows() == before


def test_a_proof_that_fails_is_cleared_up_as_well(db):
    before = rows()
    with pytest.raises(Difference), behind.reserved_goods():
        behind.order_behind(Prover().place_order().secret + "?")
    assert rows() == before


def test_a_mail_that_comes_is_waited_for(order):
    run_mail_tasks(order)
    behind.demand_mail(order, "confirmation")


def test_a_mail_that_does_not_come_is_a_difference(order, monkeypatch):
    monkeypatch.setattr(behind, "MAIL_SECONDS", 0)
    with pytest.raises(Difference) as found:
        behind.demand_mail(order, "confirmation")
    assert found.value.kind == "mail"


def test_one_mail_of_each_kind_is_right_and_two_are_not(prover, order):
    run_mail_tasks(order)
    cancel(prover, order)
    run_mail_tasks(order)
    behind.demand_one_mail_each(order)
    note = order.events.filter(kind="mail_sent").first()
    order.events.create(kind=note.kind, data=note.data)
    with pytest.raises(Difference) as found:
        behind.demand_one_mail_each(order)
    assert "'confirmation': 2" in found.value.what


def test_units_that_are_still_taken_are_a_difference(prover, order):
    with pytest.raises(Difference) as found:
        behind.demand_all_given_back()
    assert found.value.kind == "limits"
    cancel(prover, order)
    behind.demand_all_given_back()


def test_an_address_without_an_order_is_a_difference(goods):
    with pytest.raises(Difference):
        behind.order_behind("nobody-knows")


@pytest.mark.django_db(transaction=True)
def test_a_second_proof_waits_for_its_turn(monkeypatch):
    if connection.vendor != "postgresql":
        pytest.skip("SQLite is no fleet's database; proofs there take no turns")
    monkeypatch.setattr(behind, "TURN_SECONDS", 0)
    inside, ended = threading.Event(), threading.Event()

    def first() -> None:
        with behind.reserved_goods():
            inside.set()
            ended.wait(10)
        connection.close()

    thread = threading.Thread(target=first)
    thread.start()
    assert inside.wait(10)
    with pytest.raises(behind.OtherProof), behind.reserved_goods():
        raise AssertionError("Two proofs at once.")
    with seen():
        assert Product.objects.exists()  # those of the first one are still there
    ended.set()
    thread.join()
    with behind.reserved_goods():
        assert behind.number_of_orders() == 0
