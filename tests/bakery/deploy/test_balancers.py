"""A real HAProxy with the configuration of a fleet file, told things over real ssh."""

from __future__ import annotations

import stat
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest
from django.core.management import call_command

from bakery.deploy.balancers import Balancers, NotAtBalancer, statistics
from bakery.deploy.connection import HostError, Remote
from bakery.deploy.together import Failures
from bakery.fleet import deployed
from bakery.fleet.balancer import configuration
from bakery.fleet.deployed import balancer_of, write_configuration
from bakery.servers.haproxy import haproxy
from bakery.servers.ports import free_port
from bakery.servers.process import Program
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


FILE = """
name = "quick"
site_url = "http://shop.example"

[hosts.app1]
address = "127.0.0.1"
roles = ["web", "work", "balancer"]
port = {one}

[hosts.app2]
address = "127.0.0.1"
roles = ["web"]
port = {two}
ssh_port = 2222
workers = {workers}

[balancer]
bind = "{bind}"
"""


@pytest.fixture
def configure(front, capsys):
    """`balancer_config` with a fleet file; what it says of the file it has written."""
    base = Path(front.fleet.path)
    hosts = front.fleet.hosts

    def run(*words: str, workers: int = 3) -> str:
        text = FILE.format(
            one=hosts["app1"].port,
            two=hosts["app2"].port,
            bind=front.fleet.balancer.bind,
            workers=workers,
        )
        base.joinpath("fleet.toml").write_text(text)
        file = str(base / "fleet.toml")
        call_command("balancer_config", "--file", file, "--base", str(base), *words)
        return capsys.readouterr().out.rpartition(": ")[2].strip()

    return run


def process(front: Remote) -> int:
    return deployed._process(Path(front.fleet.path, deployed.SOCKET))


def test_what_was_written_and_not_taken_over_is_taken_over_by_the_next(
    configure, front
):
    """Whoever wrote it was broken off before HAProxy heard of it."""
    assert configure("--reload") == "taken over."
    assert configure(workers=5) == "written."
    former = process(front)
    assert configure("--reload", workers=5) == "taken over."
    assert process(front) != former


def test_what_runs_already_is_not_reloaded(configure, front):
    """Weights that were told meanwhile would be forgotten."""
    configure("--reload")
    former = process(front)
    Balancers([front]).weigh("app1", 25)
    assert configure("--reload") == "as it was."
    assert process(front) == former
    assert seen(front)["app1"].weight == 25


def test_what_was_written_and_taken_back_is_known_to_be_what_runs(configure, front):
    configure("--reload")
    former = process(front)
    configure(workers=5)
    assert configure("--reload") == "written."
    assert process(front) == former


def test_after_a_start_that_nobody_noted_it_is_taken_over_once_more(configure, front):
    """It may have read another file than the one that is there now."""
    configure("--reload")
    configure(workers=5)
    deployed.reload(Path(front.fleet.path, deployed.SOCKET))
    assert configure("--reload") == "taken over."


def test_a_clone_that_haproxy_does_not_know_is_an_error_on_its_host(front):
    """As when somebody reloaded it with another file between two looks."""
    balancers = Balancers([front])
    with pytest.raises(NotAtBalancer, match=r"app1: HAProxy knows no app9 there"):
        balancers._until("app9", lambda row: row.is_up, 1)


def test_many_who_wait_for_a_balancer_share_its_answers(front, tmp_path):
    """A batch of a large fleet: each of its threads tells and asks every balancer."""
    python = tmp_path / "python"
    asked = tmp_path / "asked"
    python.write_text(f'#!/bin/sh\necho "$4" >> {asked}\nexec {sys.executable} "$@"\n')
    python.chmod(0o755)
    front.fleet = replace(front.fleet, python=str(python))
    balancers = Balancers([front])
    with ThreadPoolExecutor(12) as threads:
        rows = list(threads.map(lambda _: balancers.look(), range(12)))
    assert all(row["app1"]["app1"].is_up for row in rows)
    looks = asked.read_text().splitlines()
    assert set(looks) == {"show stat"}
    assert len(looks) <= 4


def test_what_a_shell_prints_before_an_answer_is_passed_over(front, tmp_path):
    python = tmp_path / "python"
    python.write_text(f'#!/bin/sh\necho Welcome!\nexec {sys.executable} "$@"\n')
    python.chmod(0o755)
    front.fleet = replace(front.fleet, python=str(python))
    Balancers([front]).weigh("app1", 50)
    assert seen(front)["app1"].weight == 50


def test_nobody_else_reads_the_configuration_for_it_holds_a_key(front):
    path = Path(front.fleet.path, deployed.CONFIGURATION)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
