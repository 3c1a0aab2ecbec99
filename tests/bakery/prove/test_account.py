"""The customer of a proof: logs in with a proof, and is not there for anybody else."""

from __future__ import annotations

import pytest
from allauth.account.models import EmailAddress
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib.sessions.models import Session
from django.core.cache import caches
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.urls import reverse
from django_tasks_db.models import DBTaskResult

from bakery.prove import behind
from bakery.prove.account import new_picture
from shop.models import Customer, ProfilePicture, User
from shop.personal.person import find_person
from shop.reserved import NUMBER
from shop.reserved_account import LogIn, clear_reserved_account, make_reserved_account
from shop.reserved_goods import clear_reserved_goods, make_reserved_goods
from shop.roles import OWNER
from tests.bakery.prove.conftest import Prover, cancel
from tests.bakery.prove.test_reserved import rows, run_mail_tasks
from tests.shop.accounts.people import is_logged_in, log_in, make_account
from tests.shop.shopper import Shopper, text
from tests.shop.staffing import client_of, make_staff

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def no_limits_left():
    caches["shared"].clear()
    yield
    caches["shared"].clear()


@pytest.fixture
def account(goods):
    yield make_reserved_account()
    clear_reserved_goods()  # with its orders
    clear_reserved_account()


def log_in_as(browser: Shopper, account: LogIn):
    return log_in(browser, account.email, account.password)


def send_picture(browser: Shopper) -> str:
    """Its digest."""
    sent = new_picture()
    file = SimpleUploadedFile(sent.name, sent.content, sent.content_type)
    answer = browser.post(reverse("account_pages:picture"), {"file": file})
    assert answer.status_code == 303, text(answer)
    return ProfilePicture.objects.get(user=NUMBER).digest


def files() -> set[str]:
    there = default_storage.exists("people")
    return set(default_storage.listdir("people")[1]) if there else set()


def limits_noted() -> int:
    """Rows of the cache in which limits are kept."""
    with connection.cursor() as cursor:
        table = connection.ops.quote_name(caches["shared"]._table)
        cursor.execute(f"SELECT count(*) FROM {table}")
        return cursor.fetchone()[0]


# --- with a proof ------------------------------------------------------------------


def test_with_a_proof_it_logs_in_by_the_form_and_has_a_page(account):
    prover = Prover()
    assert log_in_as(prover, account).url == "/account/"
    page = prover.get("/account/")
    assert page["Cache-Control"] == "private, no-store"
    assert account.email in text(page)


def test_what_it_orders_is_among_its_orders_and_can_be_ordered_again(account):
    prover = Prover()
    log_in_as(prover, account)
    order = prover.place_order(1)
    assert order.customer_id == NUMBER
    assert order.code in text(prover.get("/account/orders/"))
    again = prover.post(reverse("account_pages:order_again", args=[order.code]))
    assert again.status_code == 303
    assert list(prover.pieces().values()) == [1]


def test_a_walk_begins_with_a_new_password_and_nobody_logged_in(account):
    prover = Prover()
    log_in_as(prover, account)
    digest = send_picture(prover)
    new = make_reserved_account()
    assert new.email != account.email
    assert new.password != account.password
    assert prover.get("/account/").status_code == 302
    assert not [name for name in files() if name.startswith(digest)]
    assert log_in_as(Prover(), account).status_code == 422
    assert log_in_as(Prover(), new).status_code == 302


# --- without one -------------------------------------------------------------------


def test_nobody_logs_in_as_it_without_a_proof(account):
    browser = Shopper()
    answer = log_in_as(browser, account)
    assert answer.status_code == 422
    assert "We do not know this e-mail address and password together" in text(answer)
    assert not is_logged_in(browser)


def test_its_session_is_nobody_s_without_a_proof(account):
    prover = Prover()
    log_in_as(prover, account)
    prover.proof = ""
    answer = prover.get("/account/")
    assert answer.status_code == 302
    assert answer.url.startswith("/account/auth/login/")


def test_a_proof_logs_in_as_nobody_else(account):
    shopper = make_account()
    prover = Prover()
    assert log_in(prover, shopper.email).status_code == 422
    assert not is_logged_in(prover)
    assert log_in(Shopper(), shopper.email).status_code == 302  # the control


def test_no_mail_is_made_for_its_address(account):
    Shopper().post(reverse("account_reset_password"), {"email": account.email})
    assert not DBTaskResult.objects.exists()


def test_no_list_search_or_admin_page_has_it(account):
    prover = Prover()
    log_in_as(prover, account)
    send_picture(prover)
    assert not User.objects.exists()
    assert not Customer.objects.exists()
    assert find_person(account.email) is None
    boss = make_staff(OWNER, is_superuser=True)
    browser = client_of(boss)
    lists = {
        "shop/user": 1,
        "shop/customer": 0,
        "basket/basket": 0,
        "account/emailaddress": EmailAddress.objects.filter(user=boss).count(),
        "usersessions/usersession": UserSession.objects.filter(user=boss).count(),
    }
    for path, number in lists.items():
        page = browser.get(f"/admin/{path}/")
        assert page.status_code == 200, path
        assert page.context["cl"].queryset.count() == number, path
        assert account.email not in page.content.decode()


# --- limits ------------------------------------------------------------------------


def test_others_who_have_tried_too_often_do_not_keep_it_out(account):
    shopper = make_account()
    for _ in range(11):
        refused = log_in(Shopper(), shopper.email, "a wrong password")
    assert refused.status_code == 429
    for _ in range(6):
        log_in(Shopper(), account.email, "a wrong password")
    assert log_in_as(Prover(), account).status_code == 302


def test_its_own_wrong_passwords_are_limited_and_use_up_nobody_else_s(account):
    shopper = make_account()
    tries = [log_in(Prover(), account.email, "a wrong password") for _ in range(6)]
    assert [each.status_code for each in tries] == [422] * 5 + [429]
    assert log_in_as(Prover(), account).status_code == 429
    assert log_in(Shopper(), shopper.email).status_code == 302


@pytest.mark.parametrize("proof", ["", "forged"])
def test_what_is_no_proof_is_counted_where_it_comes_from(account, proof):
    shopper = make_account()
    for _ in range(5):
        log_in(Prover(proof), shopper.email, "a wrong password")
    assert log_in(Shopper(), shopper.email).status_code == 429


# --- clearing ----------------------------------------------------------------------


def leave_off(last: str) -> None:
    """Begin as a walk does, and go no further than this."""
    account = behind.new_account()
    prover = Prover()
    if last == "account":
        return
    log_in_as(prover, account)
    if last == "log-in":
        return
    send_picture(prover)
    if last == "picture":
        return
    order = prover.place_order(1)
    run_mail_tasks(order)
    if last == "order":
        return
    prover.post(reverse("account_pages:order_again", args=[order.code]))
    if last == "again":
        return
    cancel(prover, order)
    run_mail_tasks(order)
    assert prover.post(reverse("account_logout")).status_code == 302


@pytest.mark.parametrize(
    "last", ["account", "log-in", "picture", "order", "again", "log-out"]
)
def test_nothing_is_left_however_far_it_came(last):
    kept = make_account()
    before = (rows(), files(), limits_noted())
    with behind.reserved_goods():
        leave_off(last)
        assert rows() != before[0]
    assert (rows(), files(), limits_noted()) == before
    assert User.objects.get() == kept


def test_what_a_killed_one_left_is_cleared_by_the_next():
    before = (rows(), files(), limits_noted())
    make_reserved_goods()
    leave_off("again")
    assert Session.objects.exists()
    assert files() != before[1]
    with behind.reserved_goods():
        assert not Session.objects.exists()
    assert (rows(), files(), limits_noted()) == before


def test_nothing_of_anybody_else_is_taken_away():
    shopper, browser = make_account(), Shopper()
    log_in(browser, shopper.email)
    with behind.reserved_goods():
        leave_off("picture")
    assert browser.get("/account/").status_code == 200
    assert settings.SESSION_COOKIE_NAME in browser.cookies
