"""No configuration that keeps a shopper's things on one server becomes a fleet."""

from __future__ import annotations

import os
import re
import subprocess
import sys

import pytest
from allauth.mfa.models import Authenticator
from django.core import checks
from django.db import connection
from django.test import override_settings

from bakery.starting import MustNotStart, demand_golden_rule
from settings.caches import caches
from shop.demo.counter import give_own_log_ins, make_staff
from shop.models import User
from tests.one_time_codes import code_of
from tests.processes import ROOT

A_FLEET = {
    "FLEET": "x",
    "CACHE_URL": "redis://127.0.0.1:1/0",
    "DATABASE_URL": "postgresql://bakery@127.0.0.1:1/bakery",
    "STORAGE_URL": "s3://key:secret@127.0.0.1:1/bucket?tls=no",
    "SECRET_KEY": "tests only: " + "0123456789 abcdef" * 4,
    "EMAIL_URL": "smtp://127.0.0.1:1",
    "SITE_URL": "https://shop.example",
    "ALLOWED_HOSTS": "shop.example",
}


def manage(folder, *words, settings="settings.prod", **variables):
    """A command of the shop with exactly these variables; nothing has to answer."""
    given = {"PATH": os.defpath, "VAR_DIR": str(folder)} | variables
    return subprocess.run(
        [sys.executable, "manage.py", *words],
        cwd=ROOT,
        env=given | {"DJANGO_SETTINGS_MODULE": settings},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )


def ids(words: str) -> list[str]:
    return sorted(re.findall(r"\((bakery\.\w+)\)", words))


def test_each_broken_rule_of_a_fleet_is_one_error(tmp_path):
    answer = manage(tmp_path, "check", settings="tests.bakery.checks.broken", FLEET="x")
    assert answer.returncode == 1
    numbers = [*range(1, 12), 13]  # the twelfth asks the database
    assert ids(answer.stderr) == [f"bakery.E{number:03}" for number in numbers]
    errors = answer.stderr.partition("WARNINGS:")[0]
    assert ids(errors) == ids(answer.stderr)
    assert errors.count("HINT: ") == 12


def test_the_mission_s_four_are_among_them(tmp_path):
    """File sessions, local caches, SQLite, local media."""
    answer = manage(tmp_path, "check", settings="tests.bakery.checks.broken", FLEET="x")
    assert {"bakery.E001", "bakery.E003", "bakery.E005", "bakery.E006"} <= {
        *ids(answer.stderr)
    }


def test_on_one_machine_nothing_is_said_without_being_asked(tmp_path):
    answer = manage(tmp_path, "check")
    assert answer.returncode == 0
    assert ids(answer.stdout + answer.stderr) == []


def test_on_one_machine_deploy_warns_and_accepts(tmp_path):
    answer = manage(tmp_path, "check", "--deploy")
    assert answer.returncode == 0
    assert ids(answer.stderr) == [
        *("bakery.E005", "bakery.E006", "bakery.E008", "bakery.E010", "bakery.E011"),
        "bakery.W002",
    ]


def test_a_fleet_s_own_configuration_breaks_no_rule(tmp_path):
    answer = manage(tmp_path, "check", **A_FLEET)
    assert answer.returncode == 0, answer.stderr
    assert ids(answer.stdout + answer.stderr) == []


def test_a_fleet_without_a_cache_is_warned_only(tmp_path):
    answer = manage(tmp_path, "check", **A_FLEET | {"CACHE_URL": ""})
    assert answer.returncode == 0
    assert ids(answer.stderr) == ["bakery.W001"]


@pytest.mark.parametrize(
    ("variables", "broken"),
    [
        ({"DATABASE_URL": "sqlite:///shop.sqlite3"}, "bakery.E005"),
        ({"STORAGE_URL": "file:////mnt/media"}, "bakery.E006"),
        ({"SECRET_KEY": ""}, "bakery.E008"),
        ({"DEBUG": "on"}, "bakery.E009"),
        ({"ALLOWED_HOSTS": "*"}, "bakery.E010"),
        ({"SITE_URL": "http://shop.example"}, "bakery.E011"),
        ({"EMAIL_URL": "filemail:///mail"}, "bakery.E013"),
        ({"EMAIL_URL": "dummymail://"}, "bakery.E013"),
    ],
)
def test_each_variable_alone_breaks_its_rule(tmp_path, variables, broken):
    answer = manage(tmp_path, "check", **A_FLEET | variables)
    assert answer.returncode == 1
    assert ids(answer.stderr) == [broken]


def test_a_mount_that_every_server_has_is_shared(tmp_path):
    shared = {"STORAGE_URL": f"file:///{tmp_path}?shared=1"}
    assert manage(tmp_path, "check", **A_FLEET | shared).returncode == 0


@pytest.mark.django_db
@pytest.mark.parametrize(
    "engine", ["file", "signed_cookies", "cache", "cached_db", "db"]
)
def test_django_s_sessions_are_refused_except_plain_rows(engine):
    name = f"django.contrib.sessions.backends.{engine}"
    with override_settings(SESSION_ENGINE=name):
        found = [m.id for m in checks.run_checks(include_deployment_checks=True)]
    assert found.count("bakery.E003") == (engine != "db")


@pytest.mark.django_db
def test_the_usual_redis_settings_are_refused_for_their_pickles():
    ours = caches("redis://127.0.0.1:1/0")
    django_s = {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": "redis://127.0.0.1:1",
    }
    for settings, count in ((ours, 0), (ours | {"default": django_s}, 1)):
        with override_settings(CACHES=settings):
            found = [m.id for m in checks.run_checks(include_deployment_checks=True)]
        assert found.count("bakery.E002") == count


def test_no_server_of_a_fleet_starts_with_a_broken_rule(tmp_path):
    serve = manage(tmp_path, "serve", **A_FLEET | {"SECRET_KEY": ""})
    assert serve.returncode == 1
    assert "bakery.E008" in serve.stderr
    assert "Set SECRET_KEY" in serve.stderr
    assert "Traceback" not in serve.stderr


def test_gunicorn_itself_refuses_too(tmp_path):
    variables = A_FLEET | {"SECRET_KEY": "", "VAR_DIR": str(tmp_path)}
    answer = subprocess.run(
        [sys.executable, "-m", "gunicorn", "bakery.wsgi", "--config=gunicorn.conf.py",
         "--bind=127.0.0.1:0"],
        cwd=ROOT,
        env={"PATH": os.defpath} | variables,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )  # fmt: skip
    assert answer.returncode == 1
    assert "does not start in the fleet 'x'" in answer.stderr
    assert "bakery.E008: SECRET_KEY was made on this server" in answer.stderr
    assert "Traceback" not in answer.stderr


@pytest.mark.django_db
def test_the_published_password_is_refused_in_a_fleet():
    make_staff()
    assert ids_of_database_checks() == [("bakery.E012", checks.WARNING)]
    with override_settings(FLEET="x"):
        assert ids_of_database_checks() == [("bakery.E012", checks.ERROR)]
        with pytest.raises(MustNotStart, match="3 log-ins have the published password"):
            demand_golden_rule()


@pytest.mark.django_db
@pytest.mark.parametrize("databases", [None, ["default"]])
def test_deploy_says_the_published_password_once(databases):
    make_staff()
    found = checks.run_checks(include_deployment_checks=True, databases=databases)
    assert [message.id for message in found].count("bakery.E012") == 1


@pytest.mark.django_db
def test_own_passwords_keep_the_rule_and_the_people():
    make_staff()
    given = give_own_log_ins()
    assert ids_of_database_checks() == []
    assert len(given) == len(set(given.values())) == User.objects.count() == 3
    for email, log_in in given.items():
        user = User.objects.get(email=email)
        assert user.check_password(log_in.password)
        codes = Authenticator.objects.get(user=user).wrap()
        assert codes.validate_code(code_of(log_in.key))
    assert give_own_log_ins() == {}


def test_checks_without_a_database_ask_none():
    """No database mark on this test: a query would fail it."""
    assert checks.run_checks(tags=["golden_rule"]) == []


@pytest.mark.django_db
def test_a_shop_on_one_machine_starts_whatever_it_breaks():
    make_staff()
    demand_golden_rule()
    assert connection.is_usable()


def ids_of_database_checks() -> list[tuple[str, int]]:
    found = checks.run_checks(tags=[checks.Tags.database], databases=["default"])
    return [(message.id, message.level) for message in found]
