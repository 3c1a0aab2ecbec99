"""The mails about an order. How they leave is the mail backend's business."""

from __future__ import annotations

from typing import NamedTuple

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string

from shop import allergens
from shop.ics import order_ics
from shop.links import order_link, site_host
from shop.models import Order, OrderEvent, OrderLine, Payment

SENT = "mail_sent"


class Kind(NamedTuple):
    """One kind of mail: its subject, and the states in which it is still true."""

    subject: str
    states: frozenset[str]


class MailLine(NamedTuple):
    """An order line and the allergens it contains, in words."""

    line: OrderLine
    contains: str


_GONE = frozenset({Order.State.CANCELLED, Order.State.EXPIRED})

KINDS = {
    "confirmation": Kind(
        "Your order {code} for {day}", frozenset(Order.State.values) - _GONE
    ),
    "cancellation": Kind("Your order {code} is cancelled", _GONE),
}


def send_once(order: Order, kind: str) -> bool:
    """Send the mail unless it is known to have left; was it sent now?

    Called outside of transactions, because it talks to the mail server. Raises what the
    mail backend raises; then the mail counts as not sent. A confirmation that the
    shopper's cancellation has overtaken is not sent any more. The mail of a
    proof's order goes nowhere but into the note itself.
    """
    if order.state not in KINDS[kind].states or was_sent(order, kind):
        return False
    message = build(order, kind)
    data = {"mail": kind}
    if order.is_reserved:
        data["message"] = message.message().as_string()
    else:
        message.send()
    OrderEvent.objects.create(order=order, kind=SENT, data=data)
    return True


def was_sent(order: Order, kind: str) -> bool:
    """Is the mail known to have left?"""
    return order.events.filter(kind=SENT, data__mail=kind).exists()


def message_id(order: Order, kind: str) -> str:
    """The same for the same order and kind, so that a repeat can be recognised."""
    return f"<order-{order.code}-{kind}@{site_host()}>"


def build(order: Order, kind: str) -> EmailMultiAlternatives:
    """The mail as text and HTML with the calendar file, not yet sent.

    Two queries beside order, bake day, slot and place.
    """
    facts = _facts(order)
    day = f"{order.bake_day.date:%A} {order.bake_day.date.day} {order.bake_day.date:%B}"
    message = EmailMultiAlternatives(
        subject=KINDS[kind].subject.format(code=order.code, day=day),
        body=render_to_string(f"shop/mails/{kind}.txt", facts),
        to=[order.email],
        headers={
            "Message-ID": message_id(order, kind),
            # Tells holiday answering machines to keep quiet (RFC 3834).
            "Auto-Submitted": "auto-generated",
        },
    )
    message.attach_alternative(
        render_to_string(f"shop/mails/{kind}.html", facts), "text/html"
    )
    message.attach(f"order-{order.code}.ics", order_ics(order), "text/calendar")
    return message


def _facts(order: Order) -> dict[str, object]:
    payments = order.payments.all()
    return {
        "order": order,
        "lines": [
            MailLine(line, ", ".join(allergens.words(line.allergens)))
            for line in order.lines.all()
        ],
        "place": order.slot.place,
        "link": order_link(order),
        "shop_name": settings.SHOP_NAME,
        "is_due": any(payment.state == Payment.State.DUE for payment in payments),
    }
