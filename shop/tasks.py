"""What the background worker does for the shop. Every task may run more than once."""

from __future__ import annotations

from django_tasks import task

from shop.customers import remember_customer
from shop.mails import send_once
from shop.models import Order
from shop.pictures import make_later_formats
from shop.reserved import seen


@task()
@seen()
def send_order_mail(order_id: int, kind: str) -> bool:
    """Send one mail about an order and remember the customer; was one sent now?

    Repeatable: a mail that is known to have left is not sent again. A worker that is
    killed between sending and noting it sends a second copy with the same Message-ID.
    Nobody is the customer of a proof.
    """
    order = Order.objects.select_related("bake_day", "slot__place").get(pk=order_id)
    if not order.is_reserved:
        remember_customer(order)
    return send_once(order, kind)


@task()
def make_formats(picture_id: int) -> bool:
    """Make the formats of an uploaded picture that take longer; repeatable."""
    return make_later_formats(picture_id)
