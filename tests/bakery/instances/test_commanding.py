"""What goes wrong while a fleet grows is a sentence with an exit code."""

from __future__ import annotations

import os
import signal

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from bakery.deploy.lock import LockLost
from bakery.deploy.signals import Stopped
from bakery.image.folders import NotOurs
from bakery.instances.choosing import CannotChange
from bakery.instances.commanding import changing
from bakery.instances.network import NoHosts
from bakery.instances.stopping import to_the_end
from tests.bakery.release.test_store import OLD, stored


@pytest.mark.parametrize(
    "error", [CannotChange("no"), NoHosts("no"), NotOurs("no"), LockLost("no")]
)
def test_a_fleet_that_cannot_be_changed_says_why(error):
    with pytest.raises(CommandError, match="no") as told, changing():
        raise error
    assert told.value.returncode == 1


def test_who_is_told_to_stop_says_so():
    with pytest.raises(CommandError, match="told to stop") as told, changing():
        raise Stopped
    assert told.value.returncode == 1


def test_a_signal_waits_for_what_must_not_be_parted():
    before = signal.getsignal(signal.SIGTERM)
    done = []

    def two_steps() -> None:
        with to_the_end():
            os.kill(os.getpid(), signal.SIGTERM)
            done.append("the second one")

    with pytest.raises(Stopped):
        two_steps()
    assert done == ["the second one"]
    assert signal.getsignal(signal.SIGTERM) == before


def test_nothing_is_published_into_the_folder_where_releases_are_made(tmp_path):
    ours = stored(tmp_path, OLD, 1)
    (tmp_path / "release.lock").touch()
    before = (tmp_path / f"{OLD}.json").read_bytes()
    with pytest.raises(CommandError, match="a folder of its own") as told:
        call_command("release", into=tmp_path, publish=str(tmp_path))
    assert told.value.returncode == 2
    assert (tmp_path / f"{OLD}.json").read_bytes() == before
    assert ours.is_sound
    assert not (tmp_path / "latest.json").exists()
