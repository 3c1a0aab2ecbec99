"""Addresses in the forms that others read."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest

from bakery.deploy.addresses import known_as, url_of, with_port


@pytest.mark.parametrize("address", ["10.0.0.1", "app1.example", "fd00::1", "::1"])
def test_a_url_says_address_and_port_of_any_kind(address):
    parts = urlsplit(url_of(address, 8000, "/metrics"))
    assert (parts.hostname, parts.port, parts.path) == (address, 8000, "/metrics")


def test_an_address_full_of_colons_gets_brackets():
    assert url_of("fd00::1", 8000) == "http://[fd00::1]:8000"
    assert with_port("fd00::1", 80) == "[fd00::1]:80"
    assert with_port("10.0.0.1", 80) == "10.0.0.1:80"


def test_a_key_is_known_by_address_and_by_a_port_that_is_not_the_usual_one():
    assert known_as("10.0.0.1", 22) == "10.0.0.1"
    assert known_as("fd00::1", 22) == "fd00::1"
    assert known_as("10.0.0.1", 2222) == "[10.0.0.1]:2222"
