"""Orders made as a guest become the account's when its address is verified."""

from __future__ import annotations

from django.db import IntegrityError, transaction
from django.db.models import Q

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
    """Orders are locked before customers, each by number, as an erasure does it."""
    moving = _orders_to_move(email)
    mine, same = _locked_customers(user, email)
    if mine is None and same is None:
        return Customer.objects.create(email=email, user=user, name=user.name)
    if mine is None:
        return _become(user, same)
    if same is not None and same.pk != mine.pk:
        if same.user_id is not None:
            return mine
        Order.objects.filter(pk__in=moving).update(customer=mine)
        same.delete()  # an IntegrityError if a task has just brought one more order
    if mine.email != email:
        mine.email = email
        mine.save(update_fields=["email"])
    return mine


def _orders_to_move(email: str) -> list[int]:
    """Those of the address, as long as it is no account's; locked."""
    rows = Order.objects.filter(
        customer__email__iexact=email, customer__user=None
    ).select_for_update(of=("self",))
    return list(rows.order_by("pk").values_list("pk", flat=True))


def _locked_customers(
    user: User, email: str
) -> tuple[Customer | None, Customer | None]:
    """Who is the user, and who has the address."""
    rows = Customer.objects.filter(Q(user=user) | Q(email__iexact=email))
    found = list(rows.select_for_update().order_by("pk"))
    mine = (each for each in found if each.user_id == user.pk)
    same = (each for each in found if each.email.lower() == email)
    return next(mine, None), next(same, None)


def _become(user: User, customer: Customer) -> Customer:
    if customer.user_id is None:
        customer.user = user
        customer.save(update_fields=["user"])
    return customer
