"""A real HAProxy with the configuration of a fleet file, told things over real ssh."""

from __future__ import annotations

import stat
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from bakery.deploy.balancers import Balancers, NotAtBalancer, statistics
from bakery.deploy.connection import HostError, Remote
from bakery.deploy.together import Failures
from bakery.fleet import deployed
from bakery.fleet.balancer import configuration
from bakery.fleet.deployed import CertificateMissing, balancer_of, write_configuration
from bakery.servers.haproxy import haproxy
from bakery.servers.ports import free_port
from bakery.servers.process import DidNotStart, Program
from tests.processes import wait_until

SECRET = "tests only: " + "0123456789 abcdef" * 4


@pytest.fixture
def clones(tmp_path: Path) -> Iterator[dict[str, Program]]:
    """Two servers that are ready, and have one page."""
    folder = tmp_path / "www"
    folder.mkdir()
    for name in ("ready", "page"):
        folder.joinpath(name).write_text("yes\n")
    made = {}
    for name in ("app1", "app2"):
        port = free_port()
        words = [sys.executable, "-m", "http.server", str(port)]
        words += ["--bind", "127.0.0.1", "--directory", str(folder)]
        log = tmp_path / f"{name}.log"
        made[name] = Program(name, words, port=port, log=log)
        made[name].start()
    for clone in made.values():
        clone.wait_until_up()
    yield made
    for clone in made.values():
        clone.stop()


@pytest.fixture
def front(remotes: dict[str, Remote], clones, short: Path) -> Iterator[Remote]:
    """The host with the balancer, which runs and has found both clones up."""
    remote = remotes["app1"]
    hosts = {
        name: replace(host, address="127.0.0.1", port=clones[name].port)
        for name, host in remote.fleet.hosts.items()
    }
    port = free_port()
    balancing = replace(remote.fleet.balancer, bind=f"127.0.0.1:{port}")
    remote.fleet = replace(
        remote.fleet, path=str(short), hosts=hosts, balancer=balancing
    )
    (short / "var").mkdir()
    text = configuration(balancer_of(remote.fleet, short, SECRET))
    write_configuration(text, short / deployed.CONFIGURATION)
    program = haproxy(short / deployed.CONFIGURATION, port=port, log=short / "log")
    program.start()
    try:
        program.wait_until_up()
        assert wait_until(lambda: all(r.is_up for r in seen(remote).values()))
        yield remote
    finally:
        program.stop()


@pytest.fixture
def short(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The path of a socket has room for a hundred letters."""
    return tmp_path_factory.mktemp("f")


def seen(remote: Remote) -> dict:
    return {n: row for n, row in statistics(remote).items() if n != "FRONTEND"}


def shop(remote: Remote) -> int:
    url = f"http://{remote.fleet.balancer.bind}/page"
    try:
        with urllib.request.urlopen(url, timeout=10) as answer:
            return answer.status
    except urllib.error.HTTPError as error:
        return error.code


def test_a_clone_without_weight_gets_no_request(front):
    balancers = Balancers([front])
    balancers.send_away_from("app1")
    before = seen(front)
    assert [shop(front) for _ in range(12)] == [200] * 12
    after = seen(front)
    assert after["app1"].requests == before["app1"].requests
    assert after["app2"].requests > before["app2"].requests
    balancers.send_to("app1")
    assert seen(front)["app1"].weight == 100


def test_a_part_of_the_traffic_is_a_part_of_the_weight(front):
    Balancers([front]).send_to("app1", 25)
    assert {n: row.weight for n, row in seen(front).items()} == {
        "app1": 25,
        "app2": 100,
    }


def test_what_somebody_has_left_changed_is_set_right(front):
    balancers = Balancers([front])
    balancers.weigh("app1", 0)
    balancers.set_right(["app1", "app2", "app9"])
    assert {row.weight for row in seen(front).values()} == {100}


def test_what_haproxy_does_not_know_is_told_in_its_words(front):
    with pytest.raises(Failures, match=r"app1: HAProxy says: No such server"):
        Balancers([front]).weigh("app9", 50)


def test_a_clone_that_is_down_is_not_taken_for_up(front, clones, monkeypatch):
    monkeypatch.setattr("bakery.deploy.balancers.SEEN_SECONDS", 1)
    clones["app2"].kill()
    assert wait_until(lambda: not seen(front)["app2"].is_up)
    with pytest.raises(NotAtBalancer, match="app2 is not up there"):
        Balancers([front]).send_to("app2")


def test_without_a_balancer_there_is_nobody_to_tell():
    none = Balancers([])
    none.send_away_from("app1")
    none.send_to("app1")
    none.set_right(["app1"])
    assert none.look() == {}


def test_a_balancer_that_does_not_run_is_an_error_on_its_host(app1):
    with pytest.raises(HostError, match="app1"):
        statistics(app1)
    assert Balancers([app1]).look_where_possible() == {}


def test_a_new_configuration_is_taken_over_by_the_one_that_runs(front):
    base = Path(front.fleet.path)
    hosts = front.fleet.hosts | {
        "app3": replace(front.fleet.hosts["app2"], name="app3"),
    }
    text = configuration(balancer_of(replace(front.fleet, hosts=hosts), base, SECRET))
    assert write_configuration(text, base / deployed.CONFIGURATION)
    assert not write_configuration(text, base / deployed.CONFIGURATION)
    assert deployed.reload(base / deployed.SOCKET)
    assert set(seen(front)) == {"app1", "app2", "app3"}
    assert shop(front) == 200


def test_nobody_else_reads_the_configuration_for_it_holds_a_key(front):
    path = Path(front.fleet.path, deployed.CONFIGURATION)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_what_haproxy_refuses_changes_nothing(tmp_path):
    path = tmp_path / "haproxy.cfg"
    path.write_text("as it was\n")
    with pytest.raises(DidNotStart, match="HAProxy refuses"):
        write_configuration("frontend shop\n    bind nowhere\n", path)
    assert path.read_text() == "as it was\n"


def test_there_is_nobody_to_reload_where_none_runs(tmp_path):
    assert deployed.reload(tmp_path / "none.sock") is False


def test_the_fleet_file_says_how_clones_are_asked(fleet, tmp_path):
    site = replace(fleet, site_url="https://shop.example")
    text = configuration(balancer_of(site, tmp_path, SECRET))
    assert "hdr Host shop.example" in text
    assert "X-Forwarded-Proto https" in text
    assert "server app1 127.0.0.1:8000 maxconn 12" in text
    assert "__Host-basket" in text


def test_a_certificate_that_is_not_there_is_named(fleet, tmp_path):
    balancing = replace(fleet.balancer, certificate=str(tmp_path / "none.pem"))
    with pytest.raises(CertificateMissing, match=r"none.pem on this balancer"):
        balancer_of(replace(fleet, balancer=balancing), tmp_path, SECRET)
