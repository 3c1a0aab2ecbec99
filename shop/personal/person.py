"""One person, wherever the shop knows them: account, customer, orders as a guest."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from allauth.account.models import EmailAddress
from django.db.models import Q, QuerySet

from basket.backends.base import stores
from shop.accounts.baskets import aside_name, owner_name
from shop.models import Customer, Order, User


@dataclass(frozen=True)
class Person:
    """An account, a customer, both of the same person, or an address in orders."""

    user: User | None
    customer: Customer | None
    email: str = ""  # by which they were looked for

    @property
    def emails(self) -> list[str]:
        """Every address that is proved to be theirs, or that staff know them by."""
        found = {each.email.lower() for each in (self.user, self.customer) if each}
        found |= {self.email.lower()} - {""}
        if self.user:
            proved = EmailAddress.objects.filter(user=self.user, verified=True)
            found |= {email.lower() for email in proved.values_list("email", flat=True)}
        return sorted(found)

    def customers(self) -> QuerySet[Customer]:
        """Their own, and those that orders under another address of theirs have made.

        Never one that belongs to another account.
        """
        rows = Q()
        for email in self.emails:
            rows |= Q(email__iexact=email)
        mine = Q(user=None)
        if self.user:
            mine |= Q(user=self.user)
        own = Q(pk=self.customer.pk) if self.customer else Q()
        return Customer.objects.filter(own | (rows & mine))

    def orders(self) -> QuerySet[Order]:
        """All of them, those of before the account too."""
        rows = Q(customer__in=self.customers())
        for email in self.emails:
            rows |= Q(customer=None, email__iexact=email)
        return Order.objects.filter(rows)

    def baskets(self, named: Iterable[str] = ()) -> list[str]:
        """Tokens of the account's baskets, of those that became orders, and so on."""
        ordered = self.orders().values_list("basket_token", flat=True)
        tokens = [*ordered, *named]
        user = self.user
        owners = [owner_name(user), aside_name(user)] if user else []
        return stores["default"].trail(tokens, owners=owners)


def person_of(user: User) -> Person:
    """The person who is logged in."""
    return Person(user, Customer.objects.filter(user=user).first())


def find_person(email: str) -> Person | None:
    """Whom the shop knows by this address, with or without an account."""
    email = email.strip()
    user = User.objects.filter(email__iexact=email).first()
    customer = Customer.objects.filter(email__iexact=email).first()
    if user is None and customer is not None:
        user = customer.user
    own = Customer.objects.filter(user=user).first() if user else None
    person = Person(user, own or customer, email)
    is_known = user or customer or person.orders().exists()
    return person if is_known else None
