"""Whether the time of an answer tells that an address has an account.

Log-in, password reset and sign-up over HTTP, asked of one clone of a fleet of its own:
for addresses with an account and for others, in turns drawn at random. Every try is of
another address and from another network, so that no limit is ever reached.
"""

from __future__ import annotations

import os
import random
import tempfile
import time
from itertools import count
from pathlib import Path

import django

from tests.bench.apart import apart
from tests.bench.row import Figure, Row, Target
from tests.bench.stage import Stage

TRIES = 200  # of each kind
MOST_APART = 0.10  # of the medians, before somebody could read something from it
MAKE = """
from django.contrib.auth.hashers import make_password
from shop.accounts.vouching import vouch_for
from shop.models import User
password = make_password("the one that nobody guesses")
for number in range({tries}):
    email = f"known-{{number}}@example.com"
    vouch_for(User.objects.create(email=email, password=password))
"""
FORMS = {
    "log-in": ("/account/auth/login/", "login", "password", 422),
    "password reset": ("/account/auth/password/reset/", "email", "", 302),
    "sign-up": ("/account/auth/signup/", "email", "password1", 302),
}
networks = count()


def measure(stage: Stage) -> list[Row]:
    """One row for each form: ours is of known addresses, the floor of unknown ones."""
    return apart(taken_by_a_fleet, 10 if stage.quick else TRIES)


def taken_by_a_fleet(tries: int) -> list[Row]:
    """In a process that has no Django yet."""
    with tempfile.TemporaryDirectory(prefix="bakery-bench-") as folder:
        os.environ["DJANGO_SETTINGS_MODULE"] = "settings.test"
        os.environ["VAR_DIR"] = folder
        django.setup()
        from bakery.fleet.local import LocalFleet
        from bakery.fleet.plan import Plan

        fleet = LocalFleet(Path(folder), Plan(name="bench", workers=1, pictures=False))
        try:
            fleet.up(1)
            fleet.worker.stop()  # mails wait: they would take the time of the answers
            fleet.manage("shell", "-c", MAKE.format(tries=tries))
            return rows(measured(fleet.clones["clone-1"].port, tries))
        finally:
            fleet.down()


def measured(port: int, count: int) -> dict[tuple[str, str], list[float]]:
    """Milliseconds of each try, by form and by whether the address has an account."""
    tries = [
        (form, known, number)
        for form in FORMS
        for known in ("known", "unknown")
        for number in range(count)
    ]
    random.shuffle(tries)
    ask_each_once(port)
    taken: dict[tuple[str, str], list[float]] = {}
    for form, known, number in tries:
        # Sign-ups make accounts: an address of theirs is unknown to no other form.
        address = f"{known}-{number}@example.com"
        if known == "unknown":
            address = f"{form.replace(' ', '-')}-{address}"
        taken.setdefault((form, known), []).append(milliseconds(port, form, address))
    return taken


def ask_each_once(port: int) -> None:
    for form in FORMS:
        milliseconds(port, form, "first@example.com")


def milliseconds(port: int, form: str, address: str) -> float:
    """From the press to the whole answer; getting the form before does not count."""
    from tests.story.account_steps import token_on
    from tests.story.door import Door

    path, name, password, status = FORMS[form]
    high, low = divmod(next(networks), 256)
    browser = Door(port, address=f"10.{high}.{low}.1")
    fields = {name: address, "csrfmiddlewaretoken": token_on(browser.get(path))}
    if password:
        fields[password] = "four loaves before the rain"
    began = time.perf_counter()
    answer = browser.post(path, fields)
    taken = (time.perf_counter() - began) * 1000
    if answer.status != status:
        raise SystemExit(f"{form} of {address}: {answer.status}\n{answer.text[:2000]}")
    return taken


def rows(taken: dict[tuple[str, str], list[float]]) -> list[Row]:
    """The ratio is of the middles: no try belongs to another one."""
    alike = Target("ratio", 1 - MOST_APART, 1 + MOST_APART)
    found = []
    for form in FORMS:
        known = Figure.of(taken[form, "known"])
        unknown = Figure.of(taken[form, "unknown"])
        ratio = known.median / unknown.median
        note = f"{len(taken[form, 'known'])} tries each; known and unknown addresses"
        found.append(Row(form, known, unknown, "ms", ratio, alike, note))
    return found
