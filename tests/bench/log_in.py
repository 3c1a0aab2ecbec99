"""Whether the time of an answer tells that an address has an account: `make bench`.

Log-in, password reset and sign-up over HTTP, asked of one clone of a fleet of its own:
for addresses with an account and for others, in turns drawn at random. Every try is of
another address and from another network, so that no limit is ever reached.
"""

from __future__ import annotations

import os
import random
import statistics
import tempfile
import time
from itertools import count
from pathlib import Path

import django

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


def main() -> None:
    os.environ["DJANGO_SETTINGS_MODULE"] = "settings.test"
    django.setup()
    from bakery.fleet.local import LocalFleet
    from bakery.fleet.plan import Plan

    plan = Plan(name="bench", workers=1, pictures=False)
    with tempfile.TemporaryDirectory(prefix="bakery-bench-") as folder:
        fleet = LocalFleet(Path(folder), plan)
        try:
            fleet.up(1)
            fleet.worker.stop()  # mails wait: they would take the time of the answers
            fleet.manage("shell", "-c", MAKE.format(tries=TRIES))
            report(measured(fleet.clones["clone-1"].port))
        finally:
            fleet.down()


def measured(port: int) -> dict[tuple[str, str], list[float]]:
    """Milliseconds of each try, by form and by whether the address has an account."""
    tries = [
        (form, known, number)
        for form in FORMS
        for known in ("known", "unknown")
        for number in range(TRIES)
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


def report(taken: dict[tuple[str, str], list[float]]) -> None:
    print(f"milliseconds until the answer, {TRIES} tries each")  # noqa: T201
    print(f"  {'':<24} {'median':>8} {'least':>8} {'most':>8}")  # noqa: T201
    for form in FORMS:
        medians = {}
        for known in ("known", "unknown"):
            times = taken[form, known]
            medians[known] = statistics.median(times)
            print(  # noqa: T201
                f"  {form + ', ' + known:<24} {medians[known]:8.1f}"
                f" {min(times):8.1f} {max(times):8.1f}"
            )
        ratio = medians["known"] / medians["unknown"]
        words = "too far apart" if abs(ratio - 1) > MOST_APART else "as alike as can be"
        print(f"  {'known / unknown':<24} {ratio:8.3f}   {words}")  # noqa: T201


if __name__ == "__main__":
    main()
