"""What the shoppers of a load do: each function gives visits for client.py.

site is the port of the shop that the requests are for.
"""

from __future__ import annotations

import html
import random
import re
from collections.abc import Iterator
from itertools import cycle, islice
from typing import Any

from tests.bench.browser import Browser, operation
from tests.bench.client import Answer, Visit

FREE_SLOT = re.compile(r'<input type="radio" name="slot"[^>]*value="(\d+)"[^>]*>')
ITEM = re.compile(r'name="item" value="([^"]+)"')
CONTACT = {"name": "Mrs Ssoni", "phone": "+353 1 555 0100", "note": ""}
LAST_CLICK = "/checkout/order/"


class WrongTurn(Exception):
    """A page on the way was answered as no shopper expects it."""


# --- the same again and again ------------------------------------------------------


def asked(requests: list[str], count: int) -> Iterator[Visit]:
    """These requests in turns, so many in all."""
    whole = [request.encode() for request in requests]
    return (_one(request) for request in islice(cycle(whole), count))


def _one(request: bytes) -> Visit:
    yield request


def shown(request: str) -> Iterator[Visit]:
    """One request, which gives its answer."""

    def ask() -> Visit:
        answer = yield request.encode()
        return answer.status, answer.headers.decode("latin-1"), answer.body.hex()

    return iter([ask()])


# --- baskets -----------------------------------------------------------------------


def filled_baskets(site: int, skus: list[str], count: int) -> Iterator[Visit]:
    """New shoppers with one of each in the basket. Each gives: {cookies, items}."""
    return (_fill(Browser(site), skus) for _ in range(count))


def _fill(browser: Browser, skus: list[str]) -> Visit:
    yield from _get(browser, "/")
    for sku in skus:
        yield from _post(browser, "/basket/lines/", {"sku": sku, "quantity": 1})
    page = yield from _get(browser, "/basket/")
    items = sorted({html.unescape(item) for item in ITEM.findall(browser.text(page))})
    return {"cookies": browser.cookies, "items": items}


def adds(
    site: int, baskets: list[dict[str, Any]], skus: list[str], count: int
) -> Iterator[Visit]:
    """So many adds, in turns to these baskets, of these things by chance."""
    browsers = cycle([Browser(site, dict(each["cookies"])) for each in baskets])
    for browser in islice(browsers, count):
        fields = {"sku": random.choice(skus), "quantity": 1} | operation()
        yield _one(browser.post("/basket/lines/", fields))


def changes(site: int, baskets: list[dict[str, Any]], count: int) -> Iterator[Visit]:
    """So many changes of a line, in turns of these baskets."""
    browsers = cycle([(Browser(site, dict(b["cookies"])), b["items"]) for b in baskets])
    for number, (browser, items) in enumerate(islice(browsers, count)):
        fields = {"item": random.choice(items), "set": 1 + number % 3} | operation()
        yield _one(browser.post("/basket/line/", fields))


# --- checkout ----------------------------------------------------------------------


def ready_to_order(
    site: int, skus: list[str], lines: int, count: int
) -> Iterator[Visit]:
    """Shoppers before their last click, with so many lines; each gives its request.

    What they buy comes in turns, so that as few as possible want the same.
    """
    offered = cycle(skus)
    for _ in range(count):
        yield _until_last_click(Browser(site), list(islice(offered, lines)))


def _until_last_click(browser: Browser, skus: list[str]) -> Visit:
    yield from _get(browser, "/")
    for sku in skus:
        yield from _post(browser, "/basket/lines/", {"sku": sku, "quantity": 1})
    page = yield from _to_last_screen(browser)
    fields = browser.hidden(page, LAST_CLICK) | operation()
    return browser.post(LAST_CLICK, fields).decode()


def _to_last_screen(browser: Browser) -> Visit:
    """From a basket to the page with the last click on it."""
    page = yield from _get(browser, "/basket/pick-up/")
    slots = list(FREE_SLOT.finditer(browser.text(page)))
    free = [each[1] for each in slots if "disabled" not in each[0]]
    if not free:
        raise WrongTurn("There is no free pick-up time.")
    yield from _post(browser, "/basket/pick-up/", {"slot": random.choice(free)})
    yield from _post(browser, "/checkout/", {})
    contact = CONTACT | {"email": f"shopper{browser.number}@example.com"}
    yield from _get(browser, "/checkout/contact/")
    yield from _post(browser, "/checkout/contact/", contact)
    return (yield from _get(browser, LAST_CLICK))


def last_clicks(requests: list[str]) -> Iterator[Visit]:
    """Each of these once; each gives where it leads to, or what is wrong."""
    return (_click(request.encode()) for request in requests)


def _click(request: bytes) -> Visit:
    answer = yield request
    if answer.status != 303:
        return f"{answer.status}"
    return answer.header(b"Location").decode()


def trips(site: int, skus: list[str], slugs: list[str], count: int) -> Iterator[Visit]:
    """Whole trips: three adds and checkout, each page loaded. Each gives its order."""
    pairs = cycle(list(zip(skus, slugs, strict=True)))
    for _ in range(count):
        yield _trip(Browser(site), list(islice(pairs, 3)))


def _trip(browser: Browser, wanted: list[tuple[str, str]]) -> Visit:
    yield from _get(browser, "/")
    for sku, slug in wanted:
        yield from _get(browser, f"/product/{slug}/")
        yield from _post(browser, "/basket/lines/", {"sku": sku, "quantity": 1})
        yield from _get(browser, "/basket/")
    page = yield from _to_last_screen(browser)
    answer = yield from _post(browser, LAST_CLICK, browser.hidden(page, LAST_CLICK))
    order = answer.header(b"Location").decode()
    yield from _get(browser, order)
    return order


# --- steps -------------------------------------------------------------------------


def _get(browser: Browser, path: str) -> Visit:
    return (yield from _step(browser, browser.get(path), {200}, path))


def _post(browser: Browser, path: str, fields: dict[str, Any]) -> Visit:
    request = browser.post(path, fields | operation())
    return (yield from _step(browser, request, {303}, path))


def _step(browser: Browser, request: bytes, expected: set[int], path: str) -> Visit:
    answer: Answer = yield request
    browser.keep_cookies(answer)
    if answer.status not in expected:
        raise WrongTurn(f"{path}: {answer.status} {browser.text(answer)[:1500]}")
    return answer
