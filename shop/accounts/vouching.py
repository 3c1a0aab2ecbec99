"""Addresses that count as verified because somebody answers for them."""

from __future__ import annotations

from allauth.account.models import EmailAddress

from shop.models import User


def vouch_for(user: User) -> None:
    """Let the user log in without a mail to click in first. Repeatable.

    For people made at the server itself: whoever can do that owns the shop.
    """
    EmailAddress.objects.update_or_create(
        user=user, email=user.email, defaults={"verified": True, "primary": True}
    )
