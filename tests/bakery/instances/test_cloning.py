"""A fleet grows and shrinks whole: also when hosts are dead, or it is told to stop."""

from __future__ import annotations

import os
import signal
import threading
import time
from pathlib import Path

import pytest

from bakery.deploy.connection import HostAway
from bakery.deploy.fleet_file import read_fleet
from bakery.deploy.signals import Stopped
from bakery.instances.choosing import CannotChange
from bakery.instances.cloning import Growth
from bakery.instances.network import NoHosts


def names(file: Path) -> list[str]:
    return list(read_fleet(file).hosts)


def growth(file: Path, warned: list[str] | None = None) -> Growth:
    warn = [].append if warned is None else warned.append
    return Growth(file, file.parent, file.parent, warn=warn)


def test_a_dead_clone_leaves_before_one_that_lives(written, told):
    file = written("app3", "app4")
    text = file.read_text().replace("app3", "app0", 1)  # the last one is another
    file.write_text(text)
    growth(file).scale(3)
    assert names(file) == ["app1", "app2", "app0"]
    growth(file).scale(2)
    assert names(file) == ["app1", "app2"]
    assert told() == ["remove app4", "remove app0"]


def test_of_those_that_live_the_youngest_leaves(written, told):
    file = written()
    # Drains it: no metrics answer there, so nobody has a request left.
    growth(file).scale(1)
    assert names(file) == ["app1"]
    assert told() == ["remove app2"]


def test_where_nobody_answers_nobody_leaves(written, told):
    file = written("app3")
    text = file.read_text()
    port = next(line for line in text.splitlines() if "ssh_port" in line)
    file.write_text(text.replace(port, "ssh_port = 1"))
    with pytest.raises(HostAway):
        growth(file).scale(1)
    assert names(file) == ["app1", "app2", "app3"]
    assert told() == []


def test_a_file_that_is_older_than_the_fleet_changes_nothing(written, base, told):
    file = written()
    grown = file.read_text().replace("hosts.app2", "hosts.app7")
    base.joinpath("shared/fleet.toml").write_text(grown)
    before = file.read_text()
    with pytest.raises(CannotChange, match="app7: in the fleet's own file .app1, "):
        growth(file).scale(1)
    assert (file.read_text(), told()) == (before, [])


def test_a_machine_that_cannot_be_made_ready_is_removed(written, told):
    """Nobody listens for ssh there."""
    file = written(create="echo 127.0.0.8")
    before = file.read_text()
    with pytest.raises(HostAway):
        growth(file).clone("app3")
    assert told() == ["create app3", "remove app3"]
    assert file.read_text() == before


def test_a_machine_that_was_not_made_is_not_removed(written, told):
    """It may be somebody's of the same name."""
    file = written(create="exit 1")
    with pytest.raises(NoHosts, match="ended with 1"):
        growth(file).clone("app3")
    assert told() == ["create app3"]


def test_a_machine_that_may_still_run_is_told(written, told):
    warned = []
    file = written(create="echo 127.0.0.8", remove="exit 1")
    with pytest.raises(HostAway):
        growth(file, warned).clone("app3")
    [words] = warned
    assert "app3 may still run: take it away yourself" in words


@pytest.mark.parametrize("number", [signal.SIGHUP, signal.SIGTERM, signal.SIGINT])
def test_who_is_told_to_stop_leaves_no_machine(written, told, number):
    file = written(create="exec sleep 60")

    def stop() -> None:
        until = time.monotonic() + 20
        while not told() and time.monotonic() < until:
            time.sleep(0.02)
        if told():  # else nobody waits for the signal, and it would end all tests
            os.kill(os.getpid(), number)

    before, handler = file.read_text(), signal.getsignal(number)
    stopper = threading.Thread(target=stop)
    stopper.start()
    with pytest.raises(Stopped):
        growth(file).clone("app3")
    stopper.join()
    assert told() == ["create app3", "remove app3"]
    assert file.read_text() == before
    assert signal.getsignal(number) == handler


@pytest.mark.parametrize(
    ("number", "told_of"),
    [
        (5, ["# command: create app3", "# command: create app4"]),
        (1, ["# command: remove app0", "# command: remove app2"]),
    ],
)
def test_a_dry_run_tells_of_every_host_and_does_nothing(written, told, number, told_of):
    file = written("app0")
    before = file.read_text()
    said = []
    Growth(file, file.parent, file.parent, dry=said.append).scale(number)
    assert [words for words in said if words.startswith("#")][-2:] == told_of
    assert (file.read_text(), told()) == (before, [])
