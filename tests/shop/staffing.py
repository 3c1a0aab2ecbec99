"""Somebody of the staff, logged in."""

from __future__ import annotations

import time

from django.test import Client

from shop.models import User
from shop.roles import make_roles
from tests.shop.make import make_user


def make_staff(role: str, **facts) -> User:
    """A user with exactly the rights of the role."""
    facts.setdefault("name", f"Mina the {role}")
    user = make_user(is_staff=True, **facts)
    user.groups.add(make_roles()[role])
    return user


def client_of(user: User | None) -> Client:
    """A browser of this user, who has shown a second factor; of nobody for None."""
    client = Client()
    if user is not None:
        client.force_login(user)
        show_second_factor(client, user)
    return client


def show_second_factor(client: Client, user: User) -> None:
    """As if a code had been entered in this session."""
    session = client.session
    session["account_authentication_methods"] = [{"method": "mfa", "at": time.time()}]
    session["account_authentication_methods_user"] = str(user.pk)
    session.save()
