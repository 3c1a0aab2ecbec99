"""`drain` and `ready`: not while somebody changes the fleet, and not the last clone."""

from __future__ import annotations

import io

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from bakery.deploy import agent
from bakery.deploy.connection import remotes_of
from bakery.deploy.fleet_file import read_fleet
from bakery.deploy.lock import hold


@pytest.mark.parametrize("command", ["drain", "ready"])
def test_clones_are_left_alone_while_somebody_changes_the_fleet(base, file, command):
    remote = remotes_of(read_fleet(file))["app1"]
    agent.put_agent(remote)
    with hold(remote, "f" * 16), pytest.raises(CommandError) as error:
        call_command(command, "app2", "--file", str(file))
    remote.close()
    assert error.value.returncode == 5
    assert not base.joinpath("var").exists()


def test_the_last_clone_that_takes_customers_is_not_drained(base, file):
    with pytest.raises(CommandError, match="--even-the-last") as error:
        call_command("drain", "app1", "--file", str(file))
    assert error.value.returncode == 1
    assert not base.joinpath("var").exists()


@pytest.mark.parametrize("command", ["drain", "ready"])
def test_who_answers_no_customers_is_neither_drained_nor_ready(file, command):
    text = file.read_text().replace('roles = ["web"]', 'roles = ["balancer"]')
    file.write_text(text)
    with pytest.raises(CommandError, match="not the role web") as error:
        call_command(command, "app2", "--file", str(file))
    assert error.value.returncode == 2


def test_a_dry_run_does_not_say_that_it_is_drained(base, file):
    out = io.StringIO()
    given = ["drain", "app1", "--even-the-last", "--dry-run", "--file", str(file)]
    call_command(*given, stdout=out)
    assert "is drained" not in out.getvalue()
    assert " drain --base " in out.getvalue()


def test_only_hosts_of_the_fleet_file_are_drained(file):
    with pytest.raises(CommandError, match=r"no host app9 .*: app1, app2\.") as error:
        call_command("drain", "app9", "--file", str(file))
    assert error.value.returncode == 2
