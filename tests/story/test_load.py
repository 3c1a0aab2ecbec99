"""Many at once, while servers die: nothing lost, mixed up or turned away."""

from __future__ import annotations

import secrets
import threading
import time
import urllib.request

import pytest

from settings.caches import TIMEOUT
from tests.processes import wait_until
from tests.story.conftest import answers
from tests.story.crowd import at_once
from tests.story.journey import log_in, pieces_on, rows
from tests.story.visitor import Answer, Visitor

BREADS = ["milk-bread", "baguette", "croissant", "bagel"]


def add(fleet, cookies: dict[str, str], sku: str = "milk-bread") -> Answer:
    """One press of one shopper, in a window of its own, with an id of its own."""
    window = Visitor(fleet.port, cookies=dict(cookies))
    fields = {"sku": sku, "quantity": 1, "operation": secrets.token_hex(8)}
    return window.post("/basket/lines/", fields)


@pytest.fixture
def shopper(fleet) -> Visitor:
    shopper = Visitor(fleet.port)
    shopper.get("/")
    return shopper


def pieces(shopper: Visitor) -> int:
    return pieces_on(shopper.get("/basket/"))


@pytest.mark.slow
def test_180_adds_of_one_shopper_at_once_are_all_kept(fleet, shopper):
    outcome = at_once(
        180, lambda n: add(fleet, shopper.cookies, BREADS[n % 4]), threads=30
    )
    assert outcome.statuses == [303] * 180
    assert pieces(shopper) == 180


@pytest.mark.slow
def test_fifty_first_clicks_at_once_meet_in_one_basket(fleet, shopper):
    outcome = at_once(50, lambda _: add(fleet, shopper.cookies), threads=25)
    assert outcome.statuses == [303] * 50
    assert pieces(shopper) == 50


@pytest.mark.slow
def test_no_request_fails_when_a_clone_is_killed_under_load(fleet):
    """2,000 of them, half of them changes; the clone dies at a quarter of the way."""
    shoppers = [Visitor(fleet.port) for _ in range(20)]
    for each in shoppers:
        each.get("/")
    dead = threading.Event()

    def request(number: int) -> Answer:
        if number == 500:
            fleet.kill("clone-3")
            dead.set()
        shopper = shoppers[number // 2 % 20]
        if number % 2:
            return add(fleet, shopper.cookies, BREADS[number // 40 % 4])
        return Visitor(fleet.port, cookies=dict(shopper.cookies)).get("/basket/")

    outcome = at_once(2_000, request, threads=12)
    assert dead.is_set()
    assert outcome.failed() == [], outcome.problems
    assert sum(map(pieces, shoppers)) == outcome.statuses.count(303) == 1_000


@pytest.mark.slow
@pytest.mark.parametrize("trouble", ["kill", "freeze"])
def test_without_the_cache_everything_goes_on_and_staff_can_log_in(
    trouble, fleet, shopper
):
    getattr(fleet.backends.valkey, trouble)()
    staff = Visitor(fleet.port)
    assert log_in(fleet, staff).status == 302
    assert staff.get("/staff/").status == 200

    def request(number: int) -> Answer:
        if number % 4 == 0:
            return add(fleet, shopper.cookies)
        path = ("/basket/", "/product/milk-bread/", "/staff/")[number % 4 - 1]
        return Visitor(fleet.port, cookies=shopper.cookies | staff.cookies).get(path)

    outcome = at_once(200, request, threads=4)
    assert outcome.failed() == [], outcome.problems
    assert pieces(shopper) == 50


@pytest.mark.slow
def test_a_frozen_cache_costs_each_process_one_time_out_a_second(fleet):
    """Asked of one clone, whose every answer here asks the cache."""
    clone = fleet.clones["clone-2"].port

    def ready(_: int) -> Answer:
        with urllib.request.urlopen(f"http://127.0.0.1:{clone}/ready") as answer:
            told = answer.read().decode()
            return Answer(answer.status, answer.headers, told)

    usual = at_once(300, ready, threads=2).slower_than(TIMEOUT)
    fleet.backends.valkey.freeze()
    began = time.monotonic()
    outcome = at_once(600, ready, threads=2)
    seconds = time.monotonic() - began
    assert outcome.statuses == [200] * 600
    # Without the breaker it would be all 600. Both threads may be asking as it freezes.
    processes = fleet.plan.workers
    most = (seconds + 1) * processes + 1 + 2 * usual
    assert 1 <= outcome.slower_than(TIMEOUT) <= most


@pytest.mark.slow
def test_without_the_database_writes_are_told_to_come_again(fleet, shopper):
    postgres = fleet.backends.postgres
    for hurt in (postgres.halt, postgres.kill):
        before = pieces(shopper)
        hurt()
        for answer in (
            add(fleet, shopper.cookies),
            shopper.get("/basket/"),
            shopper.post("/checkout/", {}),
        ):
            assert (answer.status, answer.headers["Retry-After"]) == (503, "5")
        assert all(answers(fleet, name) for name in fleet.clones)
        postgres.resume()
        # Within five seconds on a machine that has time.
        assert wait_until(
            lambda: {shopper.get("/basket/").status for _ in range(20)} == {200}, 15
        )
        assert pieces(shopper) == before


CATALOGUE = ["/", "/product/milk-bread/", "/category/breads/", "/allergens/"]


@pytest.mark.slow
def test_without_the_database_every_clone_shows_the_catalogue(fleet):
    """Also those that have never made the page: it is kept for all of them."""
    postgres = fleet.backends.postgres
    rows(fleet, "UPDATE shop_place SET name = name RETURNING 1")  # pages are old now
    time.sleep(1)
    before = {path: Visitor(fleet.port).get(path, at="clone-2") for path in CATALOGUE}
    assert {page.headers["X-Page"] for page in before.values()} == {"made"}
    for hurt in (postgres.halt, postgres.kill):
        hurt()
        for name in fleet.clones:
            for path, page in before.items():
                answer = Visitor(fleet.port).get(path, at=name)
                assert (answer.status, answer.served_by) == (200, name)
                assert answer.headers["X-Page"] in {"kept", "old"}
                assert answer.text == page.text
        # It has not been taken for new all the time.
        assert wait_until(lambda: how_home_is_shown(fleet) == {"old"}, 5)
        postgres.resume()
        assert wait_until(lambda: how_home_is_shown(fleet) <= {"kept", "made"}, 5)


def how_home_is_shown(fleet) -> set[str]:
    pages = [Visitor(fleet.port).get("/", at=name) for name in fleet.clones]
    assert {page.status for page in pages} == {200}
    return {page.headers["X-Page"] for page in pages}


@pytest.mark.slow
@pytest.mark.parametrize("cache", ["there", "away"])
def test_a_new_price_is_on_every_clone_within_a_second(cache, fleet):
    """Asked of all clones all the time; each has kept the page with the old price."""
    if cache == "away":
        fleet.backends.valkey.kill()
    path = "/product/milk-bread/"
    for name in fleet.clones:
        Visitor(fleet.port).get(path, at=name)
    for cents, words in ((777, "€7.77"), (450, "€4.50")):
        shown: dict[str, float] = {}
        rows(fleet, f"{NEW_PRICE} RETURNING 1", cents)
        began = time.monotonic()
        while len(shown) < len(fleet.clones) and time.monotonic() - began < 5:
            for name in fleet.clones.keys() - shown.keys():
                asked = time.monotonic() - began
                answer = Visitor(fleet.port).get(path, at=name)
                assert (answer.status, answer.served_by) == (200, name)
                if words in answer.text:
                    shown[name] = asked
        assert shown.keys() == fleet.clones.keys()
        assert max(shown.values()) <= 1


NEW_PRICE = "UPDATE shop_variant SET price_cents = %s WHERE sku = 'milk-bread'"
