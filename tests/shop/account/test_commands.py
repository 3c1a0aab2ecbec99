"""export_customer and erase_customer, as operators and programs use them."""

from __future__ import annotations

import io
import json
import stat

import pytest
from django.core.management import CommandError, call_command

from shop.models import Customer, User
from tests.shop import make
from tests.shop.account.people import make_account, past_order

pytestmark = pytest.mark.django_db


@pytest.fixture
def customer():
    customer = make_account(email="mina@example.com")
    past_order(customer, note="with seeds")
    return customer


def run(*words: str, **options) -> str:
    said = io.StringIO()
    call_command(*words, stdout=said, **options)
    return said.getvalue()


def test_export_says_how_much_there_is(customer):
    said = run("export_customer", "MINA@example.com")
    assert said == "With an account, orders: 1, baskets: 0.\n"


def test_export_prints_one_document(customer):
    record = json.loads(run("export_customer", customer.email, json=True))
    assert record["orders"][0]["note"] == "with seeds"


def test_export_writes_a_file_for_its_owner_only(customer, tmp_path):
    path = tmp_path / "mina.json"
    assert "Written to" in run("export_customer", customer.email, str(path))
    assert json.loads(path.read_text())["account"]["email"] == customer.email
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    before = path.read_text()
    with pytest.raises(CommandError, match="is there already"):
        run("export_customer", customer.email, str(path))
    assert path.read_text() == before


def test_export_into_a_folder_that_is_not_there_is_one_sentence(customer, tmp_path):
    with pytest.raises(CommandError, match="cannot be written"):
        run("export_customer", customer.email, str(tmp_path / "no" / "mina.json"))


@pytest.mark.parametrize("command", ["export_customer", "erase_customer"])
def test_nobody_is_known_by_that_address(command):
    with pytest.raises(CommandError, match="Nobody is known by that address."):
        run(command, "nobody@example.com")


def test_a_guest_is_known_by_an_order_alone():
    make.make_order(email="guest@example.com")
    said = run("export_customer", "guest@example.com")
    assert said == "Without an account, orders: 1, baskets: 0.\n"


def test_a_dry_run_of_an_erasure_changes_nothing(customer):
    said = run("erase_customer", customer.email, dry_run=True)
    assert said.startswith("Would erase account: 1, pictures: 0, customers: 1")
    assert said.endswith("Orders kept without the person: 1.\n")
    assert Customer.objects.filter(pk=customer.pk).exists()


def test_an_erasure_says_what_it_has_done(customer):
    facts = json.loads(run("erase_customer", customer.email, json=True))
    assert facts["dry_run"] is False
    assert (facts["account"], facts["customers"], facts["orders_kept"]) == (1, 1, 1)
    assert not User.objects.exists()
    with pytest.raises(CommandError, match="Nobody"):
        run("erase_customer", customer.email)


def test_who_has_something_to_pick_up_is_named_by_the_order(customer):
    slot = make.make_slot(bake_day=make.make_bake_day())
    order = make.make_order(customer=customer, email=customer.email, slot=slot)
    with pytest.raises(CommandError, match=order.code):
        run("erase_customer", customer.email, yes=True)
    assert Customer.objects.filter(pk=customer.pk).exists()
