"""What a password may be, beside Django's own rules."""

from __future__ import annotations

import re

from django.conf import settings
from django.core.exceptions import ValidationError

from shop.models import User

LONGEST = 128  # characters
OWN_WORDS = {"bakery", "bread", "password"}
SHORTEST_REST = 8  # characters beside the shop's own words


class NotTooLong:
    """Longer ones make nothing safer and hashing slower."""

    def validate(self, password: str, user: User | None = None) -> None:
        if len(password) > LONGEST:
            raise ValidationError(
                f"Choose a password of at most {LONGEST} characters.",
                code="password_too_long",
            )

    def get_help_text(self) -> str:
        return f"At most {LONGEST} characters."


class NotTheShopsOwnWords:
    """Whoever guesses at a bakery's accounts begins with "fadubakery2026"."""

    def validate(self, password: str, user: User | None = None) -> None:
        rest = password.lower()
        for word in _own_words():
            rest = rest.replace(word, "")
        if rest != password.lower() and len(rest) < SHORTEST_REST:
            raise ValidationError(
                "This is mostly the shop's own name. Choose something only you know.",
                code="password_is_the_shops",
            )

    def get_help_text(self) -> str:
        return "Not just the shop's name."


def _own_words() -> set[str]:
    return OWN_WORDS | set(re.findall(r"\w{4,}", settings.SHOP_NAME.lower()))
