"""One line per record, whatever is in it, and nobody's secrets."""

from __future__ import annotations

import json
import logging
import sys

import pytest
from django.test import RequestFactory

from bakery.logs import (
    CONTROL,
    JsonLines,
    ReadableLines,
    WithoutProbes,
    one_line,
    request_id,
)

EVIL = "bread\r\n2026-01-01 00:00:00 INFO shop order placed\x1b[2J\u2028"


def record(message: str, *args, **fields) -> logging.LogRecord:
    made = logging.makeLogRecord(
        {"name": "shop.orders", "levelno": 20, "levelname": "INFO", "msg": message}
        | {"args": args, "created": 1767225600.25}
    )
    vars(made).update(fields)
    return made


def as_json(given: logging.LogRecord) -> dict:
    line = JsonLines(clone="clone-3", release="7").format(given)
    assert "\n" not in line
    return json.loads(line)


@pytest.fixture
def in_a_request():
    token = request_id.set("a" * 32)
    yield
    request_id.reset(token)


def test_a_line_of_json_says_who_when_and_what(in_a_request):
    line = as_json(record("order placed order=%s", "K7M2P", event="order", pieces=3))
    assert line == {
        "time": "2026-01-01T00:00:00.250+00:00",
        "level": "INFO",
        "logger": "shop.orders",
        "message": "order placed order=K7M2P",
        "request": "a" * 32,
        "clone": "clone-3",
        "release": "7",
        "event": "order",
        "pieces": 3,
    }


def test_objects_stay_out_and_nobody_forges_the_fixed_fields():
    line = as_json(record("x", clone="other", request=object(), status_code=404))
    assert line["clone"] == "clone-3"
    assert line["request"] == ""
    assert line["status_code"] == 404


@pytest.mark.parametrize("seconds", [0.0, 0.25, 0.999, 1.0, 3600.5, -1.0])
def test_a_readable_line_is_in_logging_s_own_words(in_a_request, seconds):
    usual = logging.Formatter("%(asctime)s %(levelname)s %(name)s %(message)s")
    now = 1767225600 + seconds
    made = record("order placed order=%s", "K7M2P", created=now, msecs=now % 1 * 1000)
    line = ReadableLines().format(made)
    assert line == f"{usual.format(made)} request={'a' * 32}"


@pytest.mark.parametrize("formatter", [ReadableLines(), JsonLines("c", "1")])
def test_a_line_break_in_a_value_makes_no_line(formatter):
    text = formatter.format(record("added %s", EVIL, path=EVIL))
    assert len(text.splitlines()) == 1
    assert "\x1b" not in text


def test_every_character_that_could_make_a_line_is_spelled_out():
    control = {chr(n) for n in range(0x3000) if CONTROL.fullmatch(chr(n))}
    assert {*map(chr, range(32)), "\x7f", "\x85", "\u2028", "\u2029"} == control
    for each in control:
        assert each not in one_line(f"a{each}b")
    assert one_line("Brötchen, 3 €") == "Brötchen, 3 €"


def test_a_traceback_is_indented_so_that_it_forges_no_line():
    try:
        raise ValueError(EVIL)
    except ValueError:
        made = record("failed", exc_info=sys.exc_info())
    first, *rest = ReadableLines().format(made).splitlines()
    assert first.endswith("INFO shop.orders failed")
    assert rest
    assert all(line.startswith("  | ") for line in rest)
    made.exc_text = None
    assert "ValueError" in as_json(made)["trace"]


@pytest.mark.parametrize("formatter", [ReadableLines(), JsonLines("c", "1")])
def test_the_secret_of_an_order_s_address_is_left_out(formatter):
    secret = "S3cr3tS3cr3tS3cr3t"
    path = f"/order/{secret}/calendar.ics"
    text = formatter.format(record("Not Found: %s", path, path=path))
    assert secret not in text
    assert "/order/-/calendar.ics" in text


@pytest.mark.parametrize(("path", "kept"), [("/ready", False), ("/basket/", True)])
def test_refusals_of_probes_are_left_out(path, kept):
    made = record("Service Unavailable", request=RequestFactory().get(path))
    assert WithoutProbes().filter(made) is kept
    assert WithoutProbes().filter(record("something else"))
