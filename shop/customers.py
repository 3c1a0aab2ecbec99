"""Customers, known by e-mail address from their first order on."""

from __future__ import annotations

from shop.models import Customer, Order


def remember_customer(order: Order) -> Customer:
    """The order's customer, made if new. Repeatable, also by two servers at once.

    What staff or an earlier order wrote is kept: anybody can type anybody's address.
    Only a name or phone number that was missing is filled in.
    """
    customer, is_new = Customer.objects.get_or_create(
        email=order.email.lower(), defaults={"name": order.name, "phone": order.phone}
    )
    if not is_new:
        _fill_in(customer, order)
    Order.objects.filter(pk=order.pk, customer=None).update(customer=customer)
    return customer


def _fill_in(customer: Customer, order: Order) -> None:
    mine = Customer.objects.filter(pk=customer.pk)
    if order.name and not customer.name:
        mine.filter(name="").update(name=order.name)
    if order.phone and not customer.phone:
        mine.filter(phone="").update(phone=order.phone)
