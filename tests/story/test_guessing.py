"""A thousand guesses over four clones: few are looked at, and the victim gets in."""

from __future__ import annotations

import time
from collections import Counter
from itertools import count

import pytest

from bakery.fleet.local import LocalFleet
from tests.story.account_steps import (
    ACCOUNT,
    LOG_IN,
    PASSWORD,
    SIGN_UP,
    link_in_mail,
    token_on,
)
from tests.story.crowd import Outcome, at_once
from tests.story.database import rows
from tests.story.door import Door
from tests.story.visitor import Answer

GUESSES = 1_000
CLONES = ["clone-1", "clone-2", "clone-3", "clone-4"]
# What the limits of all clones together let through in five minutes.
MOST_CHECKED = 10
networks = count(1)  # nobody is limited for what another test did


def test_of_a_thousand_guesses_over_four_clones_ten_are_checked(fleet, victim):
    checked, outcome = guessed(fleet, victim, GUESSES)
    assert_few_were_checked(checked, outcome)
    assert comes_in(fleet, victim)


def test_without_the_cache_no_more_of_them_are_checked(fleet, victim):
    fleet.backends.valkey.kill()
    checked, outcome = guessed(fleet, victim, GUESSES)
    assert_few_were_checked(checked, outcome)
    assert comes_in(fleet, victim)


def test_if_the_clones_forgot_what_they_counted_many_more_would_be_checked(
    fleet, victim
):
    """The control: the guesses are ones that would be checked."""
    checked, _ = guessed(fleet, victim, 60, forgetting=True)
    assert checked > 2 * MOST_CHECKED


def assert_few_were_checked(checked: int, outcome: Outcome) -> None:
    told = Counter(outcome.statuses)
    # 503 on a machine without a second to spare: not checked, and it counts for none.
    assert told.keys() <= {422, 429, 503}, outcome.problems
    assert 1 <= checked == told[422] <= MOST_CHECKED


@pytest.fixture
def victim(fleet: LocalFleet) -> str:
    """The address of somebody with an account and PASSWORD."""
    email = f"victim-{time.time_ns()}@example.com"
    browser = Door(fleet.clones["clone-5"].port, address=an_address(next(networks)))
    submit(browser, SIGN_UP, {"email": email, "password1": PASSWORD})
    submit(browser, link_in_mail(fleet, email), {})
    assert browser.get(ACCOUNT).status == 200
    return email


def comes_in(fleet: LocalFleet, email: str) -> bool:
    """From another network, with the right password."""
    browser = Door(fleet.clones["clone-1"].port, address=an_address(next(networks)))
    submit(browser, LOG_IN, {"login": email, "password": PASSWORD})
    return browser.get(ACCOUNT).status == 200


def guessed(
    fleet: LocalFleet, email: str, guesses: int, *, forgetting: bool = False
) -> tuple[int, Outcome]:
    """How many passwords were really hashed, and what the guesser was told.

    From all addresses of one network, by two threads for each clone, so that those
    that are looked at need not wait long for their turn to be hashed.
    """
    network = next(networks)
    first = Door(fleet.clones[CLONES[0]].port)
    fields = {"login": email, "csrfmiddlewaretoken": token_on(first.get(LOG_IN))}

    def guess(number: int) -> Answer:
        if forgetting:
            rows(fleet, "DELETE FROM shared_cache RETURNING 1")
        return Door(
            fleet.clones[CLONES[number % len(CLONES)]].port,
            cookies=dict(first.cookies),
            address=an_address(network, number),
        ).post(LOG_IN, fields | {"password": f"milk bread number {number}"})

    before = hashes(fleet)
    outcome = at_once(guesses, guess, threads=2 * len(CLONES))
    assert len(outcome.statuses) == guesses
    return hashes(fleet) - before, outcome


def hashes(fleet: LocalFleet) -> int:
    """So many have the clones written down; each does so before it hashes."""
    logs = (fleet.folder / f"{name}.log" for name in CLONES)
    return sum(log.read_text().count('"password hashed"') for log in logs)


def submit(browser: Door, path: str, fields: dict[str, str]) -> None:
    token = {"csrfmiddlewaretoken": token_on(browser.get(path))}
    assert browser.post(path, fields | token).status == 302


def an_address(network: int, number: int = 0) -> str:
    return f"203.0.{network}.{number % 250 + 1}"
