"""Basket tokens and the cookie value that proves we issued them.

A cookie reads `<token>.<proof>`: 32 lower-case hex digits that nobody can guess, a full
stop, and the lower-case hex HMAC-SHA256 of those 32 characters under signing_key().
That is all, so that a load balancer which was given the key can issue it as well on
pages that it answers from its own cache. In HAProxy's words:
`uuid(),regsub(-,,g)` and `hmac(sha256,<key in base64>),hex,lower`.

It says in BALANCER_HEADER that it does so for this request, with a value that only who
has the key can make: a shopper who writes the header gets a cookie all the same.
"""

from __future__ import annotations

import hmac
import re
import secrets
from functools import lru_cache

from basket.configured import configured

BALANCER_HEADER = "X-Basket-From-Balancer"
COOKIE_LENGTH = 32 + 1 + 64
COOKIE_FORM = re.compile(r"([0-9a-f]{32})\.([0-9a-f]{64})")


def new_token() -> str:
    """32 hex digits that nobody can guess."""
    return secrets.token_hex(16)


def sign(token: str) -> str:
    """The cookie value for a token."""
    return f"{token}.{_proof(token, signing_key())}"


def read(cookie_value: str | None) -> str | None:
    """The token in a cookie value that we signed, now or with a former key.

    Anything else, whatever it holds, is None.
    """
    if cookie_value is None or len(cookie_value) != COOKIE_LENGTH:
        return None
    return _proven(cookie_value, configured().secrets)


# Each of a shopper's requests brings the same one. With other keys, it is judged anew.
@lru_cache(maxsize=1_000)
def _proven(cookie_value: str, keys: tuple[str, ...]) -> str | None:
    match = COOKIE_FORM.fullmatch(cookie_value)
    if match is None:
        return None
    token, proof = match.groups()
    for key in keys:
        if hmac.compare_digest(proof, _proof(token, signing_key(key))):
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
    marks = _marks(configured().secrets)
    return any(hmac.compare_digest(given, mark) for mark in marks)


@lru_cache(maxsize=4)
def _marks(keys: tuple[str, ...]) -> list[bytes]:
    return [mark_of_balancer(signing_key(key)).encode() for key in keys]


def key_for(purpose: str, secret: str | None = None) -> bytes:
    """A key for this purpose alone, the same on every server."""
    return _key(purpose, secret or configured().secrets[0])


@lru_cache(maxsize=16)
def _key(purpose: str, secret: str) -> bytes:
    return hmac.digest(secret.encode(), purpose.encode(), "sha256")


def _proof(token: str, key: bytes) -> str:
    proof = _begun(key).copy()
    proof.update(token.encode())
    return proof.hexdigest()


# Finding the hash function and taking in the key costs more than what follows.
@lru_cache(maxsize=16)
def _begun(key: bytes) -> hmac.HMAC:
    return hmac.new(key, digestmod="sha256")
