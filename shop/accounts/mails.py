"""Mails about accounts. They leave as tasks, as all mails of the shop do."""

from __future__ import annotations

import secrets
from typing import TypedDict

from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django_tasks import task

from shop.links import site_host
from shop.models import User
from shop.reserved import is_reserved_address


class AccountMail(TypedDict):
    """A mail as it will be sent; the id lets mailboxes recognise a second copy.

    By `user` an erasure finds it, whatever address it goes to; 0 for nobody's.
    """

    to: str
    subject: str
    text: str
    html: str
    message_id: str
    user: int


def queue_account_mail(
    to: str, subject: str, text: str, user: User | None = None
) -> None:
    """One task row; in a transaction it counts only when that commits.

    None for the customer of a proof: nobody would get it.
    """
    if is_reserved_address(to):
        return
    html = render_to_string("shop/mails/account.html", {"text": text})
    mail = AccountMail(
        to=to,
        subject=subject,
        text=text,
        html=html,
        message_id=f"<account-{secrets.token_hex(12)}@{site_host()}>",
        user=user.pk if user else 0,
    )
    send_account_mail.enqueue(dict(mail))


@task()
def send_account_mail(mail: AccountMail) -> None:
    """Send it. Run twice, it sends a second copy with the same Message-ID."""
    message = EmailMultiAlternatives(
        subject=mail["subject"],
        body=mail["text"],
        to=[mail["to"]],
        headers={
            "Message-ID": mail["message_id"],
            # Tells holiday answering machines to keep quiet (RFC 3834).
            "Auto-Submitted": "auto-generated",
        },
    )
    message.attach_alternative(mail["html"], "text/html")
    message.send()
