"""Basket tokens and the cookie value that proves we issued them.

A cookie reads `<token>.<proof>`: 32 lower-case hex digits of a random UUID, a full
stop, and the lower-case hex HMAC-SHA256 of those 32 characters under signing_key().
That is all, so that a load balancer which was given the key can issue it as well on
pages that it answers from its own cache. In HAProxy's words:
`uuid(),regsub(-,,g)` and `hmac(sha256,<key in base64>),hex,lower`.

It says in BALANCER_HEADER that it does so for this request, with a value that only who
has the key can make: a shopper who writes the header gets a cookie all the same.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import uuid
from functools import lru_cache

from django.conf import settings

BALANCER_HEADER = "X-Basket-From-Balancer"
COOKIE_LENGTH = 32 + 1 + 64
COOKIE_FORM = re.compile(r"([0-9a-f]{32})\.([0-9a-f]{64})")


def new_token() -> str:
    """32 hex digits that nobody can guess."""
    return uuid.uuid4().hex


def sign(token: str) -> str:
    """The cookie value for a token."""
    return f"{token}.{_proof(token, signing_key())}"


def read(cookie_value: str | None) -> str | None:
    """The token in a cookie value that we signed, now or with a former key.

    Anything else, whatever it holds, is None.
    """
    match = COOKIE_FORM.fullmatch(cookie_value or "")
    if match is None:
        return None
    return _proven(*match.groups(), _secrets())


# Each of a shopper's requests brings the same one. With other keys, it is judged anew.
@lru_cache(maxsize=1_000)
def _proven(token: str, proof: str, secrets: tuple[str, ...]) -> str | None:
    for secret in secrets:
        if hmac.compare_digest(proof, _proof(token, signing_key(secret))):
            return token
    return None


def next_token_of(token: str) -> str:
    """Where a shopper goes on after ordering the basket: the same on every server.

    Nobody without the key can tell it from the token.
    """
    return _proof(token, key_for("basket.tokens.next"))[:32]


def signing_key(secret: str | None = None) -> bytes:
    """The key of the cookie's proof, made from SECRET_KEY but of no use for it."""
    return key_for("basket.tokens.cookie", secret)


def mark_of_balancer(key: bytes) -> str:
    """The value of BALANCER_HEADER from a balancer with this signing key.

    No cookie can be made of it: what it proves is no token.
    """
    return _proof(BALANCER_HEADER, key)


def is_mark_of_balancer(value: str) -> bool:
    """From a balancer with our key, now or a former one?"""
    given = value.encode(errors="replace")
    return any(hmac.compare_digest(given, mark) for mark in _marks(_secrets()))


@lru_cache(maxsize=4)
def _marks(secrets: tuple[str, ...]) -> list[bytes]:
    return [mark_of_balancer(signing_key(secret)).encode() for secret in secrets]


def key_for(purpose: str, secret: str | None = None) -> bytes:
    """A key for this purpose alone, the same on every server."""
    secret = secret or settings.SECRET_KEY
    return hmac.digest(secret.encode(), purpose.encode(), hashlib.sha256)


def _secrets() -> tuple[str, ...]:
    return (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)


def _proof(token: str, key: bytes) -> str:
    return hmac.new(key, token.encode(), hashlib.sha256).hexdigest()
