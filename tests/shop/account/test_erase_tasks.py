"""Erased: no task of the outbox speaks of the person any more, waiting or done."""

from __future__ import annotations

import pytest
from allauth.account.models import EmailAddress
from django.urls import reverse
from django_tasks_db.models import DBTaskResult

from shop.accounts.mails import queue_account_mail
from shop.models import OrderEvent
from shop.personal.erase import erase
from shop.personal.person import person_of
from shop.resend import mail_again
from shop.tasks import send_order_mail
from tests.shop import make
from tests.shop.account.people import make_account, past_order
from tests.shop.accounts.people import log_in
from tests.shop.shopper import Shopper

pytestmark = pytest.mark.django_db(transaction=True)

STATES = ["READY", "SUCCESSFUL", "FAILED", "RUNNING"]


def texts() -> str:
    """All that the tasks tell."""
    rows = DBTaskResult.objects.values_list("args_kwargs", "return_value", "traceback")
    return str(list(rows)).lower()


@pytest.mark.parametrize("state", STATES)
def test_mails_of_every_kind_go_whatever_became_of_them(state):
    customer = make_account()
    order = past_order(customer)
    queue_account_mail(customer.email, "Hello", f"Dear {customer.name}", customer.user)
    send_order_mail.enqueue(order.pk, "confirmation")
    mail_again(order, actor=None)
    DBTaskResult.objects.update(status=state, traceback=f"to {customer.email}: 550")
    assert DBTaskResult.objects.count() == 3
    erased = erase(person_of(customer.user))
    assert erased.tasks == 3
    assert customer.email not in texts()
    assert customer.name.lower() not in texts()
    # A worker would stumble over a running one that is gone; it is emptied.
    left = DBTaskResult.objects.values_list("args_kwargs", flat=True)
    empty = {"args": [], "kwargs": {}}
    assert list(left) == ([empty] * 3 if state == "RUNNING" else [])


def test_a_link_to_an_address_that_was_never_proved_goes_too():
    customer = make_account()
    browser = Shopper()
    log_in(browser, customer.email)
    answer = browser.post(
        reverse("account_email"), {"action_add": "", "email": "second@example.com"}
    )
    assert answer.status_code == 302, answer.content.decode()
    assert not EmailAddress.objects.get(email="second@example.com").verified
    assert "second@example.com" in texts()
    erase(person_of(customer.user))
    assert "second@example.com" not in texts()


def test_an_address_with_letters_beyond_ascii_is_found():
    customer = make_account(email="mina@bäckerei.example")
    queue_account_mail(customer.email, "Hello", "Without the account's number")
    assert erase(person_of(customer.user)).tasks == 1
    assert not DBTaskResult.objects.exists()


def test_mails_to_others_are_left_alone():
    customer, other = make_account(), make_account()
    queue_account_mail(other.email, "Hello", "To somebody else", other.user)
    order = make.make_order(email=other.email)
    send_order_mail.enqueue(order.pk, "confirmation")
    assert erase(person_of(customer.user)).tasks == 0
    assert DBTaskResult.objects.count() == 2
    assert not OrderEvent.objects.filter(kind="mail_asked").exists()
