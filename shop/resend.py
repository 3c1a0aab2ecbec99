"""Sending the confirmation once more, when a shopper says it has not come."""

from __future__ import annotations

from django.contrib.auth.base_user import AbstractBaseUser
from django.db import transaction
from django_tasks import task

from shop.exceptions import MoveNotAllowed
from shop.mails import KINDS, build
from shop.models import Order, OrderEvent

ASKED, SENT = "mail_asked", "mail_sent_again"


def mail_again(order: Order, *, actor: AbstractBaseUser | None) -> OrderEvent:
    """Queue the mail that is true of the order now. Atomic; each call is one mail.

    Raises MoveNotAllowed when no mail fits the order's state.
    """
    kind = _kind_for(order)
    if kind is None:
        raise MoveNotAllowed(
            f"There is no mail for an order that is {order.get_state_display()}."
        )
    with transaction.atomic():
        event = OrderEvent.objects.create(
            order=order, kind=ASKED, actor=actor, data={"mail": kind}
        )
        send_mail_again.enqueue(event.pk)
        return event


@task()
def send_mail_again(event_id: int) -> bool:
    """Send the mail somebody asked for; was one sent now? Repeatable, as tasks are.

    The message has an id of its own: mailboxes would drop a second one with the first
    one's as a double.
    """
    asked = OrderEvent.objects.select_related(
        "order__bake_day", "order__slot__place"
    ).get(pk=event_id)
    if asked.order.events.filter(kind=SENT, data__asked=event_id).exists():
        return False
    message = build(asked.order, asked.data["mail"])
    first = message.extra_headers["Message-ID"]
    message.extra_headers["Message-ID"] = first.replace("@", f"-{event_id}@")
    message.send()
    OrderEvent.objects.create(
        order=asked.order,
        kind=SENT,
        data={"asked": event_id, "mail": asked.data["mail"]},
    )
    return True


def _kind_for(order: Order) -> str | None:
    fitting = (kind for kind, facts in KINDS.items() if order.state in facts.states)
    return next(fitting, None)
