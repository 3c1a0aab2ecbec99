from __future__ import annotations

import re

import pytest
from django.test import RequestFactory

from basket import tokens
from basket.basket import ShopperBasket
from basket.operations import operation_of

COOKIE = "a" * 32


def press(*, token=COOKIE, badge="", headers=None, **fields):
    """A press of a button on a page of the shopper's."""
    factory = RequestFactory()
    if badge:
        factory.cookies["badge"] = badge
    request = factory.post("/", fields, headers=headers)
    request.basket = ShopperBasket(tokens.sign(token))
    return request


@pytest.mark.parametrize("given", ["abcdefgh", "A-1_z" * 3, "x" * 64])
def test_the_id_of_the_pages_script_is_taken(given):
    assert operation_of(press(operation=given), "add", "rye") == given
    by_header = press(headers={"x-operation": given})
    assert operation_of(by_header, "add", "rye") == given


@pytest.mark.parametrize(
    "given",
    ["", "short", "x" * 65, "with space", "naïve-id", "a" * 8 + "\n", "\x00" * 9],
)
def test_what_is_no_id_is_passed_over(given):
    derived = operation_of(press(), "add", "rye")
    assert operation_of(press(operation=given), "add", "rye") == derived
    assert re.fullmatch("[0-9a-f]{64}", derived)


def test_a_double_click_gives_the_same_id():
    first = operation_of(press(badge="4.2.900"), "add", "rye")
    assert operation_of(press(badge="4.2.900"), "add", "rye") == first


@pytest.mark.parametrize(
    ("request_", "words"),
    [
        (press(badge="5.3.900"), ("add", "rye")),
        (press(token="b" * 32, badge="4.2.900"), ("add", "rye")),
        (press(badge="4.2.900"), ("put", "rye")),
        (press(badge="4.2.900"), ("add", "bun")),
        (press(badge="4.2.900"), ("add", "rye", "sliced")),
        (press(badge="4.2.900"), ("add rye",)),
    ],
)
def test_another_press_gives_another_id(request_, words):
    first = operation_of(press(badge="4.2.900"), "add", "rye")
    assert operation_of(request_, *words) != first


def test_the_version_of_a_form_goes_before_the_badge():
    by_form = operation_of(press(badge="9.2.900", version="4"), "add", "rye")
    assert by_form == operation_of(press(badge="4.2.900"), "add", "rye")


@pytest.mark.parametrize("version", ["", "-1", "x", "4.0", "9" * 5_000, "٤"])
def test_a_broken_version_falls_back_to_the_badge(version):
    derived = operation_of(press(badge="4.2.900"), "add", "rye")
    broken = press(badge="4.2.900", version=version)
    assert operation_of(broken, "add", "rye") == derived


def test_a_press_without_any_version_still_has_an_id():
    assert operation_of(press(), "add") == operation_of(press(version="0"), "add")
