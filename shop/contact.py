"""Whom an order is for, checked before it is written anywhere."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from shop.exceptions import BadChoice

NOT_WRITTEN = "Please use letters that can be written."
LONGEST = {"name": 120, "email": 254, "phone": 40, "note": 300}


@dataclass(frozen=True)
class Contact:
    """What the first checkout screen asks; all on one line each."""

    name: str
    email: str
    phone: str = ""
    note: str = ""

    def as_facts(self) -> dict[str, str]:
        return asdict(self)

    @classmethod
    def from_facts(cls, facts: Mapping[str, Any]) -> Contact | None:
        """The contact that a hold remembers, or None if it has none."""
        if not facts.get("name") or not facts.get("email"):
            return None
        return cls(**{key: str(facts.get(key, "")) for key in LONGEST})


def clean_contact(contact: Contact) -> Contact:
    """The contact with single blanks. Raises BadChoice with the field's name.

    Forms say the same earlier and more kindly; this holds for whoever calls.
    """
    clean = {key: _clean(key, getattr(contact, key)) for key in LONGEST}
    if not clean["name"]:
        raise BadChoice("Enter your name.", field="name")
    try:
        validate_email(clean["email"])
    except ValidationError as error:
        raise BadChoice(
            "Enter an e-mail address like name@example.com.", field="email"
        ) from error
    return Contact(**clean)


def _clean(field: str, value: str) -> str:
    text = " ".join(value.split())
    if len(text) > LONGEST[field]:
        raise BadChoice(f"At most {LONGEST[field]} letters, please.", field=field)
    if not can_be_written(text):
        raise BadChoice(NOT_WRITTEN, field=field)
    return text


def can_be_written(text: str) -> bool:
    """No control character and no half of a pair."""
    # What can be printed has neither, and nearly all that is typed can be.
    return text.isprintable() or not any(
        unicodedata.category(sign) in {"Cc", "Cs"} for sign in text
    )
