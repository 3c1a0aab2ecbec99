"""`deploy` and `rollback`: what they say, with which exit code, before anything is
changed."""

from __future__ import annotations

import getpass
import io
import json
from pathlib import Path

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from bakery.deploy import agent
from bakery.deploy.connection import remotes_of
from bakery.deploy.fleet_file import read_fleet
from bakery.deploy.lock import hold
from bakery.release.store import archive_of
from bakery.servers.ports import free_port

RELEASE = "0123456789abcdef"
LOCK = "fedcba9876543210"


@pytest.fixture
def into(tmp_path) -> Path:
    """Where a release is kept that nobody will unpack."""
    facts = {
        "id": RELEASE,
        "lock": LOCK,
        "made_at": "2026-11-23T04:00:00+00:00",
        "python": "3.11",
        "migrations": [],
        "sources": "",
        "compressed": {},
    }
    folder = tmp_path / "releases"
    folder.mkdir()
    archives = {}
    for name in (f"{RELEASE}.tar.gz", f"{RELEASE}.pyz", f"{LOCK}.tar"):
        folder.joinpath(name).write_bytes(b"12345678")
        archives[name] = vars(archive_of(folder / name))
    text = json.dumps(facts | {"archives": archives})
    folder.joinpath(f"{RELEASE}.json").write_text(text)
    return folder


def deploy(file: Path, into: Path, *words: str) -> str:
    out = io.StringIO()
    given = ["deploy", RELEASE[:6], *words, "--file", file, "--into", into]
    call_command(*map(str, given), stdout=out)
    return out.getvalue()


def refused(file: Path, into: Path, code: int) -> str:
    with pytest.raises(CommandError) as error:
        deploy(file, into)
    assert error.value.returncode == code
    return str(error.value)


def files_in(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*"))


def test_a_dry_run_prints_every_command_in_order_and_changes_nothing(base, file, into):
    before = files_in(base)
    said = deploy(file, into, "--dry-run").splitlines()
    assert files_in(base) == before
    commands = [line for line in said if not line.startswith("#")]
    manage = f"app1: {base}/releases/{RELEASE}/bakery/host/run/manage {base}"
    order = [
        " hold --owner ",
        f"app1: # put 8 bytes into {base}/incoming/{RELEASE}.tar.gz",
        f"app1: # put 8 bytes into {base}/incoming/{LOCK}.tar",
        f" install {RELEASE} --base {base}",
        f" configure --fleet {base}/incoming/fleet.toml --host app1 --base {base}",
        f"{manage} check --deploy",
        f"{manage} safemigrate --expand --dry-run",
        f" configure --fleet {base}/incoming/fleet.toml --host app2 --base {base}",
        f"{manage} vault_assets",
        f"{manage} balancer_config",
        f" switch {RELEASE} ",
        f" retire --base {base}",
        f" prune --keep 5 --base {base}",
        f"{manage} shelf put {base}/incoming/{RELEASE}.note",
    ]
    places = [
        next(n for n, line in enumerate(commands) if words in line) for words in order
    ]
    assert places == sorted(places)
    assert {line.partition(":")[0] for line in commands} == {"app1", "app2"}


def test_without_the_fleet_s_secrets_nothing_is_changed(base, file, into):
    base.joinpath("shared/environment").unlink()
    said = refused(file, into, 1)
    assert said.startswith("Nothing was changed.\n")
    assert said.count("shared/environment is missing") == 2
    assert not base.joinpath("releases").exists()


def test_the_second_one_is_told_who_has_begun(base, file, into):
    remote = remotes_of(read_fleet(file))["app1"]
    agent.put_agent(remote)
    with hold(remote, "f" * 16):
        said = refused(file, into, 5)
    remote.close()
    assert f"{getpass.getuser()}@" in said
    assert "f" * 16 in said
    assert not base.joinpath("releases").exists()


def test_a_host_that_does_not_answer_is_named(base, file, into):
    port = free_port()
    file.write_text(file.read_text().replace("ssh_port = ", f"ssh_port = {port} # "))
    said = refused(file, into, 4)
    assert f"app1: 127.0.0.1 port {port} does not answer" in said
    assert f"app2: 127.0.0.2 port {port} does not answer" in said


def test_a_wrong_fleet_file_is_told_with_line_and_remedy(file, into):
    file.write_text(file.read_text() + 'rols = ["web"]\n')
    said = refused(file, into, 2)
    assert "Did you mean 'roles'?" in said
    assert "There is no fleet file" in refused(file.with_name("none.toml"), into, 2)


def test_a_release_that_is_not_here_is_refused(file, into):
    into.joinpath(f"{RELEASE}.json").unlink()
    assert "There is no release 012345 here" in refused(file, into, 2)


def test_a_rollback_needs_a_release_of_before(base, file):
    with pytest.raises(CommandError, match="No host remembers a release") as error:
        call_command("rollback", "--file", str(file))
    assert error.value.returncode == 1


def test_archives_that_are_damaged_are_not_uploaded(base, file, into):
    into.joinpath(f"{RELEASE}.tar.gz").write_bytes(b"87654321")
    assert f"the files of {RELEASE} in {into} are damaged" in refused(file, into, 1)
    assert not base.joinpath("releases").exists()


def test_a_dry_run_makes_no_release(file, into):
    with pytest.raises(CommandError, match="A dry run makes no release") as error:
        call_command("deploy", "--dry-run", "--file", str(file), "--into", str(into))
    assert error.value.returncode == 2


def test_a_refusal_is_told_as_json_too(base, file, into):
    base.joinpath("shared/environment").unlink()
    out = io.StringIO()
    given = ["deploy", RELEASE, "--json", "--file", str(file), "--into", str(into)]
    with pytest.raises(CommandError):
        call_command(*given, stdout=out)
    told = json.loads(out.getvalue())
    assert (told["ok"], told["exit"]) == (False, 1)
    assert "shared/environment is missing" in told["error"]


def test_hosts_without_anything_are_shown_as_down(base, file):
    out = io.StringIO()
    call_command("fleet", "status", "--file", str(file), "--json", stdout=out)
    rows = json.loads(out.getvalue())
    assert [(row["host"], row["state"], row["release"]) for row in rows] == [
        ("app1", "down", ""),
        ("app2", "down", ""),
    ]
