"""A local fleet with real servers: scaled, hurt, ended."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import psutil
import pytest

from bakery.fleet.local import LocalFleet, demand_free_port, lock
from bakery.fleet.plan import Plan
from bakery.servers.ports import free_port
from bakery.servers.process import DidNotStart
from tests.processes import ROOT, family_of, gone, wait_until
from tests.story.visitor import Visitor

pytestmark = [pytest.mark.fleet, pytest.mark.slow]


@pytest.fixture(scope="module")
def fleet(tmp_path_factory):
    fleet = LocalFleet(
        tmp_path_factory.mktemp("local"), Plan(workers=1, pictures=False)
    )
    try:
        fleet.up(2)
        yield fleet
    finally:
        fleet.down()


def states(fleet: LocalFleet) -> dict[str, str]:
    return {row["name"]: row["state"] for row in fleet.status()}


def test_a_killed_clone_comes_back_with_scale_and_no_request_is_lost(fleet):
    fleet.kill("clone-2")
    assert states(fleet)["clone-2"] == "dead"
    failed, ended = [], threading.Event()

    def shop() -> None:
        while not ended.is_set():
            answer = Visitor(fleet.port).get("/basket/")
            if answer.status != 200:
                failed.append(answer.status)

    shoppers = [threading.Thread(target=shop) for _ in range(3)]
    for each in shoppers:
        each.start()
    fleet.scale(3)
    assert {name for name in states(fleet) if "clone" in name} == {
        "clone-1",
        "clone-2",
        "clone-3",
    }
    fleet.scale(1)
    ended.set()
    for each in shoppers:
        each.join()
    assert failed == []
    assert set(states(fleet)) == {
        "clone-1", "postgres", "valkey", "s3", "mail", "worker", "balancer"
    }  # fmt: skip
    assert set(states(fleet).values()) == {"runs"}


def test_fewer_than_one_clone_is_refused(fleet):
    with pytest.raises(ValueError, match="at least one clone"):
        fleet.scale(0)
    assert "clone-1" in fleet.clones


def test_each_server_has_a_log(fleet):
    logs = {path.name for path in fleet.folder.glob("**/*.log")}
    assert logs >= {
        "clone-1.log", "worker.log", "balancer.log", "postgres.log",
        "valkey.log", "s3.log", "mail.log",
    }  # fmt: skip


def is_well(fleet: LocalFleet) -> bool:
    """By the doctor's exit code: manage() raises when a command does not end with 0."""
    try:
        return bool(fleet.manage("doctor"))
    except DidNotStart:
        return False


def test_everything_is_well_in_the_eyes_of_a_member(fleet):
    assert wait_until(lambda: is_well(fleet), 60)  # the worker has told that it lives
    told = json.loads(fleet.manage("doctor", "--json"))
    states = {each["name"]: each["state"] for each in told["findings"]}
    assert set(states.values()) == {"ok"}
    assert {"database", "cache", "pictures", "mail", "workers", "rules"} <= set(states)


def test_mails_are_kept_in_the_fleet_s_folder(fleet):
    fleet.manage("sendtestemail", "ssoni@example.com")
    kept = [mail.read_text() for mail in fleet.backends.mails.glob("new/*")]
    assert sum("To: ssoni@example.com" in mail for mail in kept) == 1


def test_a_second_fleet_in_the_same_folder_is_refused(fleet):
    second = LocalFleet(fleet.folder, Plan(pictures=False))
    with pytest.raises(DidNotStart, match=r"runs in .* already: .*fleet status"):
        second.up(1)
    second.down()
    assert set(states(fleet).values()) == {"runs"}


def test_the_database_keeps_its_data_through_faults(fleet):
    postgres = fleet.backends.postgres
    before = Visitor(fleet.port).get("/category/breads/?a").text
    for hurt in (postgres.halt, postgres.kill):
        hurt()
        assert not postgres.runs
        assert Visitor(fleet.port).get("/basket/").status == 503
        postgres.resume()
        assert wait_until(lambda: Visitor(fleet.port).get("/basket/").status == 200, 5)
    assert Visitor(fleet.port).get("/category/breads/?b").text.count(
        "product/"
    ) == before.count("product/")


def test_a_taken_port_is_told_with_a_way_out(fleet):
    with pytest.raises(DidNotStart, match=f"fleet up --port {fleet.port + 1}"):
        demand_free_port(fleet.port)


def test_the_folder_is_free_again_when_its_holder_is_gone(tmp_path):
    lock(tmp_path).close()
    lock(tmp_path).close()


def fleet_up(folder: Path, **streams: int) -> subprocess.Popen:
    """The command as in a terminal of its own, with two clones."""
    words = ["fleet", "--folder", str(folder), "up", "--clones=2", "--no-pictures"]
    return subprocess.Popen(
        [sys.executable, "manage.py", *words, f"--port={free_port()}"],
        cwd=ROOT,
        env=os.environ | {"VAR_DIR": str(folder)},
        text=True,
        start_new_session=True,
        **streams,
    )


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGKILL])
def test_nothing_survives_the_command(tmp_path: Path, number):
    command = fleet_up(tmp_path, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    try:
        assert any("Ctrl-C" in line for line in command.stdout)
        family = family_of(command)
        assert len(family) > 10
        command.send_signal(number)
        assert command.wait(40) == (0 if number == signal.SIGINT else -number)
        assert wait_until(lambda: gone(family), 30)
    finally:
        command.stdout.close()
        for member in [psutil.Process(command.pid)] if command.poll() is None else []:
            member.kill()


@pytest.mark.parametrize(
    "moment", ["Starting PostgreSQL", "Preparing", "Starting clone-1"]
)
def test_ctrl_c_during_the_start_leaves_nothing(tmp_path: Path, moment):
    command = fleet_up(tmp_path, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    try:
        assert any(moment in line for line in command.stderr)
        family = family_of(command)
        # As the terminal does: to everything that is in the foreground.
        os.killpg(command.pid, signal.SIGINT)
        said = command.stderr.read()
        assert command.wait(40) == 0
        assert said.splitlines()[-1] == "Stopping the fleet."
        assert "Traceback" not in said
        assert wait_until(lambda: gone(family), 30)
    finally:
        command.stderr.close()
        if command.poll() is None:
            command.kill()
            command.wait()
