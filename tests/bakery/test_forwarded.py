"""Whose address counts when proxies stand in between."""

from __future__ import annotations

import pytest

from bakery.forwarded import behind_proxies

TRUSTED = {"127.0.0.1", "10.0.0.7"}


def address_of(remote: str, forwarded: str | None = None) -> str:
    seen = {}
    environ = {"REMOTE_ADDR": remote}
    if forwarded is not None:
        environ["HTTP_X_FORWARDED_FOR"] = forwarded
    behind_proxies(lambda environ, _: seen.update(environ) or [], TRUSTED)(
        environ, lambda *_: None
    )
    return seen["REMOTE_ADDR"]


@pytest.mark.parametrize(
    ("remote", "forwarded", "address"),
    [
        ("203.0.113.5", None, "203.0.113.5"),
        ("127.0.0.1", None, "127.0.0.1"),
        ("127.0.0.1", "", "127.0.0.1"),
        ("127.0.0.1", "203.0.113.5", "203.0.113.5"),
        ("127.0.0.1", "203.0.113.5, 10.0.0.7", "203.0.113.5"),
    ],
)
def test_the_last_address_that_is_no_proxy_of_ours_counts(remote, forwarded, address):
    assert address_of(remote, forwarded) == address


def test_what_a_shopper_writes_into_the_header_counts_for_nothing():
    assert address_of("203.0.113.5", "198.51.100.1") == "203.0.113.5"
    assert address_of("127.0.0.1", "198.51.100.1, 203.0.113.5") == "203.0.113.5"
