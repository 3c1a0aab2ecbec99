"""Staff accounts and customers: nobody gives themselves more than they may."""

import pytest

from shop.models import Customer, User
from shop.roles import BAKER, COUNTER, OWNER, make_roles
from tests.shop.admin.forms import data_of, problems
from tests.shop.make import make_customer, make_order, make_user
from tests.shop.staffing import client_of, make_staff

pytestmark = pytest.mark.django_db

ADD = "/admin/shop/user/add/"


@pytest.fixture
def owner():
    return client_of(make_staff(OWNER, email="owner@bakery.example"))


def address_of(user):
    return f"/admin/shop/user/{user.pk}/change/"


def add(client, **typed):
    facts = {"email": "new@bakery.example", "name": "Leo", "usable_password": "true"}
    facts |= {"password1": "rye at four o'clock", "password2": "rye at four o'clock"}
    return client.post(ADD, facts | typed)


def test_an_owner_makes_a_bakers_account(owner):
    answer = add(owner, email="Leo@Bakery.example")
    leo = User.objects.get(email="leo@bakery.example")
    assert answer.url == address_of(leo)
    assert (leo.is_staff, leo.is_superuser) == (False, False)
    typed = data_of(owner.get(address_of(leo)))
    typed |= {"is_staff": "on", "groups": [make_roles()[BAKER].pk]}
    answer = owner.post(address_of(leo), typed)
    assert answer.status_code == 302, problems(answer)
    assert client_of(leo).get("/staff/").status_code == 200
    assert leo.check_password("rye at four o'clock")


def test_the_same_address_in_capitals_is_refused_with_a_sentence(owner):
    answer = add(owner, email="OWNER@bakery.example")
    assert answer.status_code == 200
    assert User.objects.count() == 1


def test_a_short_password_is_refused(owner):
    answer = add(owner, password1="rye", password2="rye")
    assert "too short" in problems(answer)
    assert User.objects.count() == 1


def test_an_owner_becomes_no_superuser(owner):
    me = User.objects.get()
    typed = data_of(owner.get(address_of(me)))
    typed |= {"is_superuser": "on", "user_permissions": ["1"]}
    assert owner.post(address_of(me), typed).status_code == 302
    me.refresh_from_db()
    assert not me.is_superuser
    assert not me.user_permissions.exists()


def test_an_owner_cannot_touch_a_superuser(owner):
    root = make_user(is_staff=True, is_superuser=True, name="Root")
    assert "Root" not in owner.get("/admin/shop/user/").content.decode()
    assert owner.get(address_of(root)).status_code == 302
    password = f"/admin/shop/user/{root.pk}/password/"
    typed = {"password1": "rye at four o'clock", "password2": "rye at four o'clock"}
    assert owner.post(password, typed).status_code in {302, 403, 404}
    root.refresh_from_db()
    assert root.check_password("milk bread at dawn")


@pytest.mark.parametrize("role", [BAKER, COUNTER])
def test_nobody_else_sees_accounts(role):
    client = client_of(make_staff(role))
    assert client.get("/admin/shop/user/").status_code == 403
    assert client.get(ADD).status_code == 403
    assert client.get("/admin/shop/customer/").status_code == 403


def test_the_owner_corrects_a_customer_and_finds_their_orders(owner):
    customer = make_customer(email="ada@bakery.example")
    make_order(customer=customer, email="ada@bakery.example")
    address = f"/admin/shop/customer/{customer.pk}/change/"
    page = owner.get(address)
    assert "?q=ada%40bakery.example" in page.content.decode()
    owner.post(address, data_of(page) | {"name": "Ada Kelly"})
    customer.refresh_from_db()
    assert customer.name == "Ada Kelly"
    owner.post(f"/admin/shop/customer/{customer.pk}/delete/", {"post": "yes"})
    assert Customer.objects.count() == 1
