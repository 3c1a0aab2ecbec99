"""Somebody at a browser, with an account or on the way to one."""

from __future__ import annotations

import re
from typing import Any

from django.core import mail
from django.urls import reverse
from django_tasks_db.models import DBTaskResult

from shop.accounts.mails import send_account_mail
from shop.accounts.vouching import vouch_for
from shop.models import User
from tests.shop.make import make_user
from tests.shop.shopper import Shopper

PASSWORD = "milk bread at dawn"
LOG_IN = "/account/auth/login/"


def make_account(email: str = "ssoni@example.com", **facts: Any) -> User:
    """A shopper whose address is verified, with PASSWORD."""
    user = make_user(email=email, password=PASSWORD, **facts)
    vouch_for(user)
    return user


def log_in(
    browser: Shopper, email: str, password: str = PASSWORD, to: str = "", **named: Any
):
    facts = {"login": email, "password": password} | ({"next": to} if to else {})
    return browser.post(reverse("account_login"), facts, **named)


def is_logged_in(browser: Shopper) -> bool:
    return "_auth_user_id" in browser.session


def deliver() -> list[mail.EmailMultiAlternatives]:
    """Do what the worker does with the account mails that are queued."""
    for row in DBTaskResult.objects.filter(task_path=send_account_mail.module_path):
        send_account_mail.call(*row.args_kwargs["args"])
        row.delete()
    sent = list(mail.outbox)
    mail.outbox.clear()
    return sent


def link_in(message: mail.EmailMultiAlternatives) -> str:
    """The path of the first link."""
    return re.search(r"https?://[^/\s]+(/account/auth/\S+)", message.body)[1]
