"""Guessing is slow for whoever guesses, on all servers together, Redis or not."""

import threading

import pytest
from django.contrib.auth.hashers import PBKDF2PasswordHasher
from django.core.cache import caches
from django.test import override_settings
from django.urls import reverse

from bakery.hashing import OneAtATimeArgon2, Turns
from bakery.login_limits import KEEPERS
from settings.caches import caches as caches_of
from shop.accounts.second_factor import new_codes
from shop.exceptions import InAMoment
from tests.races.crowd import all_at_once
from tests.shop.accounts.people import PASSWORD, is_logged_in, log_in, make_account
from tests.shop.shopper import Shopper

WRONG = "not the right one"
REAL = ["bakery.hashing.OneAtATimeArgon2"]
AWAY = caches_of("redis://127.0.0.1:1/0")


@pytest.fixture
def no_limits_left():
    """Tests with many connections empty the models' tables; limits are in another."""
    caches["shared"].clear()
    yield
    caches["shared"].clear()


def guess(number: int = 0, network: int = 1, email: str = "ssoni@example.com") -> int:
    browser = Shopper(REMOTE_ADDR=f"203.0.{network}.{number % 250 + 1}")
    return log_in(browser, email, WRONG).status_code


def comes_in_from(address: str) -> bool:
    browser = Shopper(REMOTE_ADDR=address)
    log_in(browser, "ssoni@example.com")
    return is_logged_in(browser)


@pytest.mark.django_db
@pytest.mark.parametrize("where", [{}, {"CACHES": AWAY}], ids=["as is", "Redis away"])
def test_after_five_wrong_ones_a_network_waits_and_the_victim_does_not(where):
    make_account()
    with override_settings(**where):
        assert [guess() for _ in range(7)] == [422] * 5 + [429] * 2
        assert not comes_in_from("203.0.1.77")
        assert comes_in_from("198.51.100.7")


@pytest.mark.django_db
def test_the_answer_to_too_many_says_how_long_to_wait():
    make_account()
    for _ in range(5):
        guess()
    answer = log_in(Shopper(REMOTE_ADDR="203.0.1.1"), "ssoni@example.com")
    assert answer.status_code == 429
    assert answer["Retry-After"] == "300"
    assert "wait five minutes" in answer.content.decode()


@pytest.mark.django_db
def test_an_unknown_address_is_limited_as_a_known_one_is():
    make_account()
    known = [guess(network=1) for _ in range(7)]
    unknown = [guess(network=2, email="nobody@example.com") for _ in range(7)]
    assert known == unknown


@pytest.mark.django_db
def test_many_addresses_from_one_place_are_ten_tries():
    tries = [
        log_in(
            Shopper(REMOTE_ADDR="203.0.113.9"), f"somebody-{n}@example.com", WRONG
        ).status_code
        for n in range(13)
    ]
    assert tries == [422] * 10 + [429] * 3


@pytest.mark.django_db
def test_another_host_header_or_forwarded_address_is_no_new_chance():
    make_account()
    for _ in range(5):
        guess()
    browser = Shopper(REMOTE_ADDR="203.0.1.1")
    headers = {
        "host": "other.example",
        "x-forwarded-for": "198.51.100.7",
        "sec-fetch-site": "same-origin",
    }
    answer = log_in(browser, "ssoni@example.com", headers=headers)
    assert answer.status_code == 429


@pytest.mark.django_db
def test_right_passwords_use_nothing_up():
    make_account()
    assert all(comes_in_from("203.0.1.1") for _ in range(8))


@pytest.mark.django_db
def test_codes_are_limited_too():
    new_codes(make_account())
    browser = Shopper()
    log_in(browser, "ssoni@example.com")
    page = reverse("mfa_authenticate")
    tries = [browser.post(page, {"code": "000000"}).status_code for _ in range(7)]
    assert tries[-2:] == [429, 429]
    assert tries.count(422) <= 5


@pytest.mark.django_db
def test_asking_for_many_mails_ends_in_a_page_that_says_so():
    browser = Shopper()
    page = reverse("account_reset_password")
    answers = [browser.post(page, {"email": "a@example.com"}) for _ in range(6)]
    assert [each.status_code for each in answers] == [302] * 5 + [429]
    assert "Please wait a few minutes." in answers[-1].content.decode()
    assert answers[-1]["Retry-After"] == "300"


@pytest.mark.django_db(transaction=True)
def test_guesses_from_many_servers_at_once_count_together(no_limits_left):
    """Each thread has its own connection, and nothing else is between the servers."""
    make_account()
    tries = all_at_once(lambda number: guess(number), 60, threads=4)
    assert tries.count(422) <= 10
    assert tries.count(422) + tries.count(429) == 60
    assert comes_in_from("198.51.100.7")


@pytest.mark.django_db
def test_allauth_keeps_its_limits_where_all_servers_count():
    for module in KEEPERS:
        module.cache.set("where", "here", 5)
        assert caches["shared"].get("where") == "here"
        module.cache.delete("where")


# --- hashing -----------------------------------------------------------------------


def test_one_is_hashed_at_a_time_few_wait_and_the_rest_come_back():
    turns = Turns(waiting=1, longest_wait=5)
    inside, go_on = threading.Event(), threading.Event()
    done = []

    def hash_one(name, event=None):
        with turns.turn():
            if event:
                event.set()
                go_on.wait()
            done.append(name)

    first = threading.Thread(target=hash_one, args=("first", inside))
    first.start()
    inside.wait()
    second = threading.Thread(target=hash_one, args=("second",))
    second.start()
    while turns._room._value:
        pass
    with pytest.raises(InAMoment), turns.turn():
        done.append("third")
    go_on.set()
    first.join()
    second.join()
    assert done == ["first", "second"]
    with turns.turn():
        done.append("later")


def test_who_waits_too_long_is_told_and_leaves_no_trace():
    turns = Turns(waiting=1, longest_wait=0.01)
    with turns.turn():
        for _ in range(3):
            with pytest.raises(InAMoment), turns.turn():
                pass
    with turns.turn():
        pass


@pytest.mark.django_db
def test_a_busy_server_says_so_and_no_try_is_used_up(monkeypatch):
    from bakery import hashing

    make_account()
    full = Turns(waiting=0)
    with override_settings(PASSWORD_HASHERS=REAL):
        monkeypatch.setattr(hashing, "turns", full)
        with full.turn():
            for _ in range(6):
                answer = log_in(Shopper(), "ssoni@example.com")
                assert answer.status_code == 503
                assert answer["Retry-After"] == "5"
                assert "in a moment" in answer.content.decode()
                assert PASSWORD not in answer.content.decode()
    browser = Shopper()
    log_in(browser, "ssoni@example.com")
    assert is_logged_in(browser)


# --- equal work --------------------------------------------------------------------


@pytest.fixture
def hashes(monkeypatch):
    """How often a password was hashed, by the real hasher."""
    counted = []

    def count(name):
        real = getattr(OneAtATimeArgon2, name)

        def counting(self, *args):
            counted.append(name)
            return real(self, *args)

        monkeypatch.setattr(OneAtATimeArgon2, name, counting)

    count("encode")
    count("verify")
    with override_settings(PASSWORD_HASHERS=REAL):
        yield counted


@pytest.mark.django_db
def test_known_unknown_and_closed_accounts_cost_one_hash_each(hashes):
    make_account("ssoni@example.com")
    make_account("gone@example.com", is_active=False)
    for email in ("ssoni@example.com", "nobody@example.com", "gone@example.com"):
        hashes.clear()
        log_in(Shopper(), email, WRONG)
        assert len(hashes) == 1, email


@pytest.mark.django_db
def test_signing_up_costs_one_hash_with_an_account_or_without(hashes):
    make_account("ssoni@example.com")
    page = reverse("account_signup")
    for email in ("ssoni@example.com", "new@example.com"):
        hashes.clear()
        Shopper().post(page, {"email": email, "password1": PASSWORD})
        assert hashes == ["encode"], email


@pytest.mark.django_db
def test_an_older_hash_is_made_anew_at_log_in():
    hashers = [*REAL, "django.contrib.auth.hashers.PBKDF2PasswordHasher"]
    with override_settings(PASSWORD_HASHERS=hashers):
        user = make_account()
        user.password = PBKDF2PasswordHasher().encode(PASSWORD, "saltsaltsalt", 1000)
        user.save()
        log_in(Shopper(), "ssoni@example.com")
        user.refresh_from_db()
    assert user.password.startswith("argon2$argon2id$")
