"""Customers with an account, logged in, and orders of theirs."""

from __future__ import annotations

from allauth.account.models import EmailAddress

from shop.models import BakeDay, Customer, Order, User
from tests.shop import make
from tests.shop.shopper import Shopper

PASSWORD = "milk bread at dawn"


def make_account(**facts) -> Customer:
    """A customer with an account whose address is proved."""
    email = facts.pop("email", f"mina-{make.number()}@example.com")
    name = facts.setdefault("name", "Mina Ssoni")
    user = make.make_user(email=email, password=PASSWORD, name=name)
    EmailAddress.objects.create(user=user, email=email, verified=True, primary=True)
    return make.make_customer(email=email, user=user, **facts)


def visitor(customer: Customer | User) -> Shopper:
    """A browser in which this customer is logged in."""
    shopper = Shopper()
    shopper.force_login(getattr(customer, "user", customer))
    return shopper


def past_order(customer: Customer, lines=None, **facts) -> Order:
    """Handed over on a day that has gone."""
    facts.setdefault("state", Order.State.HANDED_OVER)
    facts.setdefault("slot", make.make_slot(bake_day=_yesterday(), places=None))
    facts.setdefault("email", customer.email)
    return make.make_order(customer=customer, lines=lines, **facts)


def _yesterday():
    date = make.day_from_today(-1)
    there = BakeDay.objects.filter(date=date).first()
    return there or make.make_bake_day(date=date)
