"""What `configure` brings is for the next switch; until then nothing is touched."""

from __future__ import annotations

import hashlib

import pytest

from bakery.host.layout import key_values
from bakery.servers.ports import free_port
from tests.bakery.host.machine import Host
from tests.bakery.host.steps import steps
from tests.processes import wait_until

pytestmark = [pytest.mark.hosts, pytest.mark.usefixtures("runit", "built_before")]
ELSEWHERE = '[hosts.app2]\naddress = "127.0.0.2"\nroles = ["web", "work"]\n'


def threads_of(host: Host, file: str = "host") -> str:
    return key_values(host.base.joinpath("shared", file).read_text())["WEB_THREADS"]


def test_configure_touches_nothing_that_runs(host, small):
    release = small("good")
    host.set_up(release)
    host.switch(release)
    before, file = host.state, host.base.joinpath("shared/host").read_text()
    assert host.configure('"web"', more="threads = 7\n" + ELSEWHERE)[0] == 0
    state = host.state
    assert host.base.joinpath("shared/host").read_text() == file
    assert threads_of(host, "host.next") == "7"
    assert (state["services"], state["roles"]) == (before["services"], ["web", "work"])
    assert state["served_id"] == before["served_id"] == before["wanted_id"]
    assert state["wanted_id"] != before["wanted_id"]
    assert state["fleet_id"] != before["fleet_id"]
    assert state["hosts"] == ["app1", "app2"]


def test_the_same_release_starts_anew_with_what_was_changed(host, small):
    release = small("good")
    host.set_up(release)
    host.switch(release)
    host.configure(more="threads = 7\n")
    code, said = host.switch(release)
    assert (code, steps(said)[-1]) == (0, "runs")
    assert threads_of(host) == "7"
    assert threads_of(host, "host.former") == "4"
    state = host.state
    assert state["served_id"] == state["wanted_id"]
    assert steps(host.switch(release)[1]) == ["ready", "serves already"]
    host.write_environment("GREETING=good evening\n")
    assert host.state["served_id"] != host.state["wanted_id"]
    code, said = host.switch(release)
    assert (code, steps(said)[-1]) == (0, "runs")
    [server] = host.running("server.py")
    assert server.environ()["GREETING"] == "good evening"


def test_a_changed_port_is_given_up_only_when_the_old_one_is_idle(host, small):
    first, second = small("good"), small("better")
    host.set_up(first, second)
    host.switch(first)
    old, host.port = host.port, free_port()
    host.configure()
    assert host.state["port"] == old
    new, host.port = host.port, old
    host.begin_slow_request()
    code, said = host.switch(second, "--drain", "0")
    [drained] = [line for line in said if line["step"] == "drained"]
    assert (code, drained["requests_left"]) == (0, 1)
    host.asked.join()
    host.port = new
    assert (host.serves(second), host.state["port"]) == (True, new)


def test_a_switch_that_fails_goes_back_to_the_facts_of_before(host, small):
    good, bad = small("good"), small("does not boot")
    host.set_up(good, bad)
    host.switch(good)
    old, host.port = host.port, free_port()
    host.configure()
    assert host.switch(bad, "--ready", "1")[0] == 3
    host.port = old
    assert (host.serves(good), host.state["port"]) == (True, old)


def test_who_goes_back_later_gets_the_facts_of_before_too(host, small):
    first, second = small("good"), small("better")
    host.set_up(first, second)
    host.switch(first)
    host.configure(more="threads = 7\n")
    host.switch(second)
    assert threads_of(host) == "7"
    assert host.switch(first)[0] == 0
    assert threads_of(host) == "4"
    assert host.switch(second)[0] == 0
    assert threads_of(host) == "7"


def test_a_role_that_is_gone_is_retired_after_the_switch(host, small):
    release = small("good")
    host.set_up(release)
    host.switch(release)
    assert steps(host.run("retire")[1]) == []
    host.configure('"work"', more=ELSEWHERE)
    assert steps(host.run("retire")[1]) == []
    before = host.running("server.py")
    assert host.switch(release)[0] == 0
    assert host.serves(release)
    assert host.running("server.py") == before
    host.begin_slow_request()
    retiring = host.agent("retire", "--settle", "0.1")
    assert wait_until(lambda: host.get("/ready")[0] == 503)
    host.enough()
    retiring.communicate()
    host.asked.join()
    assert (retiring.returncode, host.answers[0][0]) == (0, 200)
    assert host.get("/up")[0] == 0
    state = host.state
    assert (state["roles"], state["draining"]) == (["work"], False)
    assert state["services"]["work"]
    assert not host.base.joinpath("service/bakery-web").exists()
    assert steps(host.run("retire")[1]) == []


def test_a_role_that_is_new_starts_with_the_switch(host, small):
    release = small("good")
    host.set_up(release, roles='"web"', more=ELSEWHERE)
    host.switch(release)
    host.configure('"web", "work"')
    assert host.state["services"].keys() == {"web"}
    assert host.switch(release)[0] == 0
    assert all(host.state["services"][role] for role in ("web", "work"))


@pytest.mark.parametrize("damage", ["", "CLONE_ID=app1\nROLES=web\n", "\0\0\0"])
def test_a_damaged_file_is_no_configuration_and_is_mended(host, damage):
    host.write_environment("SECRET_KEY=x\n")
    host.configure()
    whole = host.base.joinpath("shared/host").read_text()
    host.base.joinpath("shared/host").write_text(damage)
    state = host.state
    assert (state["configured"], state["roles"], state["port"]) == (False, [], 0)
    assert host.run("ready")[0] == 1
    assert host.configure()[0] == 0
    assert host.base.joinpath("shared/host").read_text() == whole
    assert (host.state["configured"], host.state["port"]) == (True, host.port)


def test_hosts_with_the_same_secrets_say_so_and_nothing_about_them(host):
    assert host.state["environment_id"] == ""
    host.write_environment("SECRET_KEY=x\n")
    expected = hashlib.sha256(b"SECRET_KEY=x\n").hexdigest()[:12]
    assert host.state["environment_id"] == expected
    host.write_environment("SECRET_KEY=y\n")
    assert host.state["environment_id"] != expected
