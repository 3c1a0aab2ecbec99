"""Order codes: short, said aloud at a counter, never a word and never mistaken."""

from __future__ import annotations

import secrets

# No I, O, 0 or 1, which are mistaken for one another, and no vowels (nor Y), so that
# no code spells a word.
ALPHABET = "BCDFGHJKLMNPQRSTVWXZ23456789"
LENGTH = 5
LONGEST = 6


def new_code(length: int = LENGTH) -> str:
    """A random code, one of 17 million; the database keeps it unique."""
    return "".join(secrets.choice(ALPHABET) for _ in range(length))


def new_secret() -> str:
    """The unguessable part of the link to an order's own page: 256 bits."""
    return secrets.token_urlsafe(32)


def read_code(text: str) -> str:
    """A code as somebody typed it: small letters, spaces and hyphens are forgiven."""
    return "".join(sign for sign in text.upper() if sign in ALPHABET)[: LONGEST + 1]
