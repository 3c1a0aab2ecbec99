"""A deploy that goes wrong brings all hosts back, whatever happens meanwhile."""

from __future__ import annotations

import os
import signal

import pytest
from django.core.management.base import BaseCommand, CommandError

from bakery.deploy.commanding import FAILED, carry_out, end
from bakery.deploy.deploying import Deploy
from bakery.deploy.signals import Stopped
from tests.bakery.deploy.shop import away, everywhere


def test_a_host_that_cannot_start_it_brings_all_back(shop):
    shop.machines["app3"].bad = ("new",)
    report = shop.deploy()
    assert everywhere(shop, "old")
    assert (report.failed_at, report.failed_on) == ("rolling", "app3")
    assert sorted(report.went_back) == ["app1", "app2", "app3"]
    assert shop.events() == ["begun", "went back"]
    assert report.not_back == {}


def test_ctrl_c_while_hosts_go_back_does_not_stop_them(shop):
    shop.machines["app3"].bad = ("new",)
    pressed = []

    def press(host: str, what: str) -> None:
        if what.startswith("switch old") and not pressed:
            pressed.append(what)
            os.kill(os.getpid(), signal.SIGINT)
            os.kill(os.getpid(), signal.SIGTERM)
            os.kill(os.getpid(), signal.SIGHUP)

    shop.world.on = press
    report = shop.deploy()
    assert pressed
    assert everywhere(shop, "old")
    assert sorted(report.went_back) == ["app1", "app2", "app3"]
    assert shop.events() == ["begun", "went back"]


def test_ctrl_c_before_anything_is_changed_changes_nothing(shop):
    shop.world.on = lambda host, what: os.kill(os.getpid(), signal.SIGINT)
    with pytest.raises(Stopped):
        shop.deploy()
    assert everywhere(shop, "old")
    assert shop.events() == []


def test_that_nothing_was_changed_is_told_in_words(shop):
    shop.world.on = lambda host, what: os.kill(os.getpid(), signal.SIGHUP)
    with pytest.raises(CommandError, match="Nothing was changed: it was told") as told:
        carry_out(BaseCommand(), shop.prepared(), as_json=False)
    assert told.value.returncode == FAILED


def test_signals_do_as_before_when_it_has_ended(shop):
    before = signal.getsignal(signal.SIGINT)
    shop.machines["app3"].bad = ("new",)
    shop.deploy()
    assert signal.getsignal(signal.SIGINT) is before


@pytest.mark.parametrize("error", [KeyError("app2"), RuntimeError("no thread")])
@pytest.mark.parametrize("where", ["switch new", "weigh app2 100%"])
def test_an_error_that_nobody_foresaw_brings_all_back(shop, error, where):
    raised = []

    def raise_once(host: str, what: str) -> None:
        if what.startswith(where) and not raised:
            raised.append(error)
            raise error

    shop.world.on = raise_once
    report = shop.deploy()
    assert raised
    assert everywhere(shop, "old")
    assert type(error).__name__ in report.why
    assert shop.events()[-1] == "went back"


def test_an_error_of_our_own_brings_all_back_and_is_shown(shop, monkeypatch):
    def broken(deploy: Deploy) -> None:
        raise ZeroDivisionError("nobody thought of it")

    monkeypatch.setattr("bakery.deploy.deploying.configure_balancers", broken)
    report = shop.deploy()
    assert everywhere(shop, "old")
    assert isinstance(report.unexpected, ZeroDivisionError)
    with pytest.raises(Exception, match="--traceback") as told:
        end(report)
    assert told.value.__cause__ is report.unexpected


def test_who_is_not_back_is_told_and_the_record_says_it(shop):
    def cut(host: str, what: str) -> None:
        if host == "app2" and what.startswith("switch"):
            raise away("app2")

    shop.world.on = cut
    report = shop.deploy()
    assert list(report.not_back) == ["app2"]
    assert shop.events() == ["begun", "left"]
    assert shop.on()["app1"] == "old"


def test_a_failure_before_anybody_was_switched_ends_the_record_too(shop, monkeypatch):
    def no_room(self: Deploy, done: list[str]) -> bool:
        raise away("app1")

    monkeypatch.setattr(Deploy, "_has_to_prove_itself", no_room)
    report = shop.deploy()
    assert shop.events() == ["begun", "went back"]
    assert "No host had been switched" in report.in_words()


def test_a_breaking_migration_is_found_before_all_hosts_have_the_release(shop):
    def refuse(host: str, what: str) -> None:
        if "safemigrate --expand --dry-run" in what:
            raise away("app1")

    shop.world.on = refuse
    report = shop.deploy()
    assert report.failed_at == "migrations"
    assert {host for host, _ in shop.told("install")} == {"app1"}
    assert shop.told("switch") == []
    assert shop.events() == []


def test_the_balancers_get_the_former_configuration_back(shop, monkeypatch):
    shop.machines["front"].bad = ()
    own = shop.world.happens

    def fail_after(host: str, what: str) -> None:
        own(host, what)
        if what.startswith("manage new balancer_config"):
            shop.machines["front"].configuration = "new"
            raise away("front")

    shop.world.happens = fail_after
    report = shop.deploy()
    assert not report.ok
    assert shop.machines["front"].configuration.startswith("old ")
    assert everywhere(shop, "old")


@pytest.mark.parametrize("kind", ["retire", "prune"])
def test_what_fails_at_the_end_is_left_to_people(shop, kind):
    def cut(host: str, what: str) -> None:
        if what.startswith(kind) and host == "app2":
            raise away(host)

    shop.world.on = cut
    report = shop.deploy()
    assert report.ok
    assert everywhere(shop, "new")
    assert shop.events() == ["begun", "done"]
    assert report.left[0].startswith("app2: ")


def test_ctrl_c_at_the_end_leaves_the_release_where_it_is(shop):
    def press(host: str, what: str) -> None:
        if what.startswith("manage new shelf"):
            os.kill(os.getpid(), signal.SIGINT)

    shop.world.on = press
    report = shop.deploy()
    assert report.ok
    assert report.left == ["it was not finished: it was told to stop (`deploy` again)"]
    assert everywhere(shop, "new")
    assert shop.events() == ["begun", "done"]


def test_releases_that_failed_do_not_fill_the_disks(shop):
    shop.machines["app3"].bad = ("new",)
    shop.deploy()
    assert {host for host, _ in shop.told("prune")} == set(shop.fleet.hosts)


def test_room_is_made_before_it_is_judged(shop):
    shop.machines["app2"].free = 1000
    assert shop.deploy().ok
    assert shop.told("prune")[0][0] == "app2"
