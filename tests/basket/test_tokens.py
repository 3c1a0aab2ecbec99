from __future__ import annotations

import base64
import hashlib
import hmac
import re

import pytest

from basket import tokens

HEX_32 = re.compile("[0-9a-f]{32}")


def test_new_tokens_are_hex_and_all_different():
    made = {tokens.new_token() for _ in range(100)}
    assert len(made) == 100
    assert all(HEX_32.fullmatch(token) for token in made)


def test_a_signed_token_is_read_back():
    token = tokens.new_token()
    assert tokens.read(tokens.sign(token)) == token


def test_whoever_has_the_key_can_issue_the_cookie_without_our_code():
    token = "0123456789abcdef0123456789abcdef"
    key = base64.b64decode(base64.b64encode(tokens.signing_key()))
    proof = hmac.new(key, token.encode(), hashlib.sha256).hexdigest()
    assert tokens.sign(token) == f"{token}.{proof}"
    assert tokens.read(f"{token}.{proof}") == token


def test_the_proof_key_is_neither_the_secret_key_nor_another_purposes(settings):
    assert tokens.signing_key() != settings.SECRET_KEY.encode()
    assert tokens.signing_key() != tokens.key_for("basket.tokens.next")
    assert len(tokens.signing_key()) == 32


@pytest.mark.parametrize(
    "forge",
    [
        lambda cookie: None,
        lambda cookie: "",
        lambda cookie: cookie[:32],
        lambda cookie: cookie[:-1],
        lambda cookie: cookie + "0",
        lambda cookie: cookie + "\n",
        lambda cookie: cookie.upper(),
        lambda cookie: "f" * 32 + cookie[32:],
        lambda cookie: cookie[:33] + "0" * 64,
        lambda cookie: cookie.replace(".", ":"),
        lambda cookie: "é" * 97,
        lambda cookie: "\ud800" + cookie,
        lambda cookie: cookie * 1_000,
        lambda cookie: "'; DROP TABLE basket_basket; --",
    ],
)
def test_a_forged_cookie_is_no_cookie(forge):
    cookie = tokens.sign("1" * 31 + "a")
    assert tokens.read(forge(cookie)) is None


def test_the_mark_of_the_balancer_is_believed_from_who_has_the_key(settings):
    mark = tokens.mark_of_balancer(tokens.signing_key())
    assert tokens.is_mark_of_balancer(mark)
    for other in ("", "1", mark[:-1], mark + "0", mark.upper(), "é", "\udce9"):
        assert not tokens.is_mark_of_balancer(other)
    former, settings.SECRET_KEY = settings.SECRET_KEY, "another"
    assert not tokens.is_mark_of_balancer(mark)
    settings.SECRET_KEY_FALLBACKS = [former]
    assert tokens.is_mark_of_balancer(mark)


def test_the_mark_of_the_balancer_is_the_proof_of_no_cookie():
    mark = tokens.mark_of_balancer(tokens.signing_key())
    assert tokens.read(f"{tokens.BALANCER_HEADER}.{mark}") is None


def test_what_was_read_before_a_key_was_withdrawn_is_read_no_more(settings):
    cookie = tokens.sign("b" * 32)
    former, settings.SECRET_KEY = settings.SECRET_KEY, "another"
    settings.SECRET_KEY_FALLBACKS = [former]
    assert tokens.read(cookie) == "b" * 32
    settings.SECRET_KEY_FALLBACKS = []
    assert tokens.read(cookie) is None


def test_cookies_of_a_former_key_are_still_read(settings):
    cookie = tokens.sign("a" * 32)
    former = settings.SECRET_KEY
    settings.SECRET_KEY = "a new one"
    assert tokens.read(cookie) is None
    settings.SECRET_KEY_FALLBACKS = [former]
    assert tokens.read(cookie) == "a" * 32
    assert tokens.sign("a" * 32) != cookie


def test_the_next_token_is_always_the_same_and_cannot_be_told_without_the_key(settings):
    first = tokens.next_token_of("a" * 32)
    assert HEX_32.fullmatch(first)
    assert tokens.next_token_of("a" * 32) == first
    assert tokens.next_token_of("b" * 32) != first
    settings.SECRET_KEY = "somebody else's"
    assert tokens.next_token_of("a" * 32) != first
