"""Makes the account of a proof's customer, and removes it with all that came of it."""

from __future__ import annotations

import secrets
from dataclasses import dataclass

from allauth.account.models import EmailAddress
from allauth.core import ratelimit
from allauth.usersessions.models import UserSession
from django.contrib.auth.hashers import make_password
from django.db import transaction
from django.http import HttpRequest

from basket.backends.base import stores
from shop.accounts.baskets import aside_name, owner_name
from shop.accounts.vouching import vouch_for
from shop.models import Customer, User
from shop.personal.sessions import end_sessions
from shop.profile_pictures import remove_profile_picture
from shop.reserved import DOMAIN, NAME, NETWORK, NUMBER, seen

_LIMITS = ("login", "login_failed", "profile_picture")


@dataclass(frozen=True)
class LogIn:
    """What the customer types into the form; both are of one walk."""

    email: str
    password: str


@seen()
def make_reserved_account() -> LogIn:
    """A customer with an account, address and password nobody has ever had.

    Repeatable: the account there is gets new ones, and is as good as new. Its orders
    stay; whoever was logged in no longer is.
    """
    _take_belongings_away()
    # Nobody can have signed up under it before to be in the way.
    log_in = LogIn(
        f"{secrets.token_hex(8)}@{DOMAIN}", password=secrets.token_urlsafe(24)
    )
    facts = {"email": log_in.email, "name": NAME}
    password = make_password(log_in.password)
    with transaction.atomic():
        user, _ = User.objects.update_or_create(
            pk=NUMBER, defaults=facts | {"password": password}
        )
        EmailAddress.objects.filter(user=user).delete()
        vouch_for(user)
        Customer.objects.update_or_create(pk=NUMBER, defaults=facts | {"user": user})
    return log_in


@seen()
def clear_reserved_account() -> None:
    """Remove it and whatever any proof has left of it. Repeatable.

    User, address, customer, picture with its files, sessions, baskets, and what the
    limits have noted. Its orders must be gone: see clear_reserved_goods().
    """
    _take_belongings_away()
    with transaction.atomic():
        Customer.objects.filter(pk=NUMBER).delete()
        User.objects.filter(pk=NUMBER).delete()


def _take_belongings_away() -> None:
    user = User.objects.filter(pk=NUMBER).first()
    if user is None:
        return
    keys = UserSession.objects.filter(user=user).values_list("session_key", flat=True)
    end_sessions(list(keys))
    UserSession.objects.filter(user=user).delete()
    remove_profile_picture(user)
    owners = [owner_name(user), aside_name(user)]
    stores["default"].remove(stores["default"].trail(owners=owners))
    _forget_limits(user)


def _forget_limits(user: User) -> None:
    """As if nobody had ever logged in as this one."""
    # What the limits ask a request, they are told for proofs without looking at it.
    request = HttpRequest()
    request.user = user
    key = f"{NETWORK}:{user.email}"
    for action in _LIMITS:
        ratelimit.clear(request, action=action, key=key, user=user)
