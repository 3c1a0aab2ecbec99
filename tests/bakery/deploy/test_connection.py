"""Hosts spoken to over a real ssh connection."""

from __future__ import annotations

import contextlib
import stat
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from bakery.deploy.connection import CommandFailed, HostAway, Remote
from bakery.deploy.together import Failures, on_all, outcomes
from bakery.servers.ports import free_port

# Kills the server's own process for this connection, and not the one that listens.
HANG_UP = """
process=$$
until grep -q '^sshd' /proc/$process/comm; do
    process=$(cut -d' ' -f4 /proc/$process/stat)
done
kill -9 $process
sleep 5
"""


def test_words_reach_the_host_as_they_are(app1):
    said = app1.look("printf", "%s|", "two words", "$HOME", "a'b\"c", "*")
    assert said.out == "two words|$HOME|a'b\"c|*|"


def test_a_command_that_fails_says_where_with_what_and_why(app1):
    with pytest.raises(CommandFailed) as failed:
        app1.run("sh", "-c", "echo so sorry >&2; exit 7")
    assert (failed.value.host, failed.value.code) == ("app1", 7)
    assert "so sorry" in str(failed.value)


def test_a_file_is_there_whole_under_its_name_or_not_at_all(app1, tmp_path):
    source = tmp_path / "source"
    source.write_bytes(bytes(range(256)) * 10_000)
    target = Path(app1.base, "target")
    app1.put(source, str(target))
    assert target.read_bytes() == source.read_bytes()
    app1.put(b"other bytes", str(target))
    assert target.read_bytes() == b"other bytes"
    assert [path.name for path in Path(app1.base).iterdir()] == ["target"]


def test_a_file_has_its_mode_whatever_was_there_before(app1):
    target = Path(app1.base, "target")
    for mode in (0o600, 0o644, 0o600):
        app1.put(b"bytes", str(target), mode)
        assert stat.S_IMODE(target.stat().st_mode) == mode


def test_nobody_else_reads_a_file_while_it_is_copied(app1):
    """It has its mode only after it was made: until then a folder hides it."""
    modes = set()
    target = Path(app1.base, "target")
    with ThreadPoolExecutor(1) as threads:
        copied = threads.submit(app1.put, bytes(10_000_000), str(target), 0o600)
        while not copied.done():
            for each in Path(app1.base).glob("target.*"):
                with contextlib.suppress(FileNotFoundError):
                    modes.add(stat.S_IMODE(each.stat().st_mode))
    copied.result()
    assert modes == {0o700}
    assert stat.S_IMODE(target.stat().st_mode) == 0o600


def test_what_cannot_be_copied_leaves_nothing_behind(app1):
    folder = Path(app1.base, "folder")
    folder.mkdir()
    with pytest.raises(HostAway):
        app1.put(b"bytes", str(folder))
    assert list(Path(app1.base).iterdir()) == [folder]


def test_a_dry_run_tells_what_would_change_something_and_looks_for_real(make_remotes):
    told: list[str] = []
    dry = make_remotes(dry=told.append)["app1"]
    file = Path(dry.base, "file")
    dry.run("touch", str(file))
    dry.put(b"four", str(file))
    assert not dry.has(str(file))
    assert dry.look("echo", "looked").out == "looked\n"
    assert told == [f"app1: touch {file}", f"app1: # put 4 bytes into {file}"]


def test_a_host_whose_key_is_not_known_is_not_spoken_to(app1, tmp_path):
    nobody = tmp_path / "nobody"
    nobody.touch()
    strange = Remote(replace(app1.fleet, known_hosts=str(nobody)), app1.host)
    with pytest.raises(HostAway, match="ssh-keyscan -p"):
        strange.look("true")


def test_a_host_that_shows_another_key_is_not_spoken_to(app1, tmp_path, ssh_server):
    kind, key = ssh_server.folder.joinpath("key.pub").read_text().split()[:2]
    wrong = tmp_path / "wrong"
    wrong.write_text(f"[127.0.0.1]:{ssh_server.port} {kind} {key}\n")
    strange = Remote(replace(app1.fleet, known_hosts=str(wrong)), app1.host)
    with pytest.raises(HostAway, match="another key than the known one"):
        strange.look("true")


def test_a_host_that_does_not_answer_is_named_with_its_address(app1):
    port = free_port()
    away = Remote(app1.fleet, replace(app1.host, ssh_port=port))
    with pytest.raises(HostAway, match=f"127.0.0.1 port {port} does not answer"):
        away.look("true")


def test_a_connection_that_dies_is_told_and_the_next_command_connects_anew(app1):
    with pytest.raises(HostAway):
        app1.look("sh", "-c", HANG_UP)
    assert app1.look("echo", "back").out == "back\n"


def test_a_command_without_an_end_is_given_up(app1):
    with pytest.raises(HostAway, match="no end of `sleep 60` after 1 s"):
        app1.look("sleep", "60", seconds=1)


def test_hosts_are_asked_at_the_same_time(remotes):
    """Each waits for the other: one after the other, nobody would get to the end."""
    together = threading.Barrier(2)

    def meet(remote: Remote) -> str:
        together.wait(10)
        return remote.look("echo", remote.name).out.strip()

    assert on_all(remotes.values(), meet) == {"app1": "app1", "app2": "app2"}


def test_what_fails_on_one_host_does_not_hide_what_the_others_did(remotes):
    def fail_on_app2(remote: Remote) -> str:
        return remote.look("test", remote.name, "!=", "app2").out

    done, errors = outcomes(remotes.values(), fail_on_app2)
    assert list(done) == ["app1"]
    assert list(errors) == ["app2"]
    with pytest.raises(Failures, match="app2: `test app2"):
        on_all(remotes.values(), fail_on_app2)
