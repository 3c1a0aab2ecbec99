"""Customers, known by e-mail address from their first order or log-in on."""

from __future__ import annotations

from allauth.account.models import EmailAddress
from django.contrib.auth.models import AnonymousUser
from django.db import transaction

from shop.accounts.claims import claim_orders
from shop.models import Customer, Order, User


def remember_customer(order: Order) -> Customer | None:
    """The order's customer, made if new. Repeatable, also by two servers at once.

    What staff or an earlier order wrote is kept: anybody can type anybody's address.
    Only a name or phone number that was missing is filled in. An order that was placed
    from an account is that customer's already, whatever address it names; one that has
    lost its address to an erasure has no customer, and None is the answer.
    """
    with transaction.atomic():
        # Whoever erases takes this lock too: nobody comes back by a task on its way.
        row = Order.objects.select_for_update().get(pk=order.pk)
        if row.customer_id or not row.email:
            return row.customer
        customer, is_new = Customer.objects.get_or_create(
            email=row.email.lower(), defaults={"name": row.name, "phone": row.phone}
        )
        if not is_new:
            _fill_in(customer, row)
        Order.objects.filter(pk=row.pk, customer=None).update(customer=customer)
        return customer


def own_customer(user: User) -> Customer | None:
    """The customer this account is, made if there is none. Repeatable, as above.

    None, and nothing is made, for an account whose address is not proved to be theirs:
    that may be an address under which somebody else has ordered.
    """
    found = Customer.objects.filter(user=user).first()
    if found or not _has_proved_address(user):
        return found
    return claim_orders(user, user.email)


def customer_of(user: User | AnonymousUser) -> Customer | None:
    """The customer who is logged in, for any visitor. No query for a guest."""
    return own_customer(user) if user.is_authenticated else None


def contact_of(user: User | AnonymousUser) -> dict[str, str]:
    """What checkout need not ask again; {} for a guest."""
    customer = customer_of(user)
    if customer is None:
        return {}
    return {"name": customer.name, "email": user.email, "phone": customer.phone}


def _has_proved_address(user: User) -> bool:
    """Staff are given their accounts by the owner, who knows them."""
    proved = EmailAddress.objects.filter(user=user, email__iexact=user.email)
    return user.is_staff or proved.filter(verified=True).exists()


def _fill_in(customer: Customer, order: Order) -> None:
    mine = Customer.objects.filter(pk=customer.pk)
    if order.name and not customer.name:
        mine.filter(name="").update(name=order.name)
    if order.phone and not customer.phone:
        mine.filter(phone="").update(phone=order.phone)
