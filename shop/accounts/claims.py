"""Orders made as a guest become the account's when its address is verified."""

from __future__ import annotations

from django.db import IntegrityError, transaction

from shop.models import Customer, Order, User


def claim_orders(user: User, email: str) -> Customer:
    """Make the user the customer of this address, which must be verified.

    Atomic and repeatable, also by two servers at once. Orders of the address go along,
    those of an earlier address stay theirs. Somebody else's customer is never taken.
    """
    try:
        return _claim(user, email.lower())
    except IntegrityError:  # somebody ordered, or claimed, at the same moment
        return _claim(user, email.lower())


@transaction.atomic
def _claim(user: User, email: str) -> Customer:
    rows = Customer.objects.select_for_update()
    mine = rows.filter(user=user).first()
    same = rows.filter(email__iexact=email).first()
    if mine is None and same is None:
        return Customer.objects.create(email=email, user=user, name=user.name)
    if mine is None:
        return _become(user, same)
    if same is not None and same.pk != mine.pk:
        if same.user_id is not None:
            return mine
        Order.objects.filter(customer=same).update(customer=mine)
        same.delete()
    if mine.email != email:
        mine.email = email
        mine.save(update_fields=["email"])
    return mine


def _become(user: User, customer: Customer) -> Customer:
    if customer.user_id is None:
        customer.user = user
        customer.save(update_fields=["user"])
    return customer
