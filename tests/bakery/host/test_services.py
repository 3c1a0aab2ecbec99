"""Units for systemd, and what the start scripts are."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from bakery.host.codes import MEANINGS, HostError
from bakery.host.layout import Layout
from bakery.host.services import ROLES, Systemd
from bakery.host.systemd import unit
from tests.processes import ROOT

SCRIPTS = ROOT / "bakery/host/run"


@pytest.mark.parametrize("role", ROLES)
def test_a_unit_starts_the_script_of_its_role(role):
    text = unit(role, Path("/srv/bakery"), "baker")
    script = f"/srv/bakery/current/bakery/host/run/{role}"
    assert f"ExecStart={script} /srv/bakery\n" in text
    assert "User=baker\n" in text
    assert not re.findall(r"\$\w+", text.replace("$MAINPID", ""))
    assert SCRIPTS.joinpath(role).exists()


@pytest.mark.parametrize("role", ROLES)
def test_a_unit_waits_for_words_only_from_who_says_them(role):
    """HAProxy tells systemd that it is ready with -Ws alone; who does not is killed."""
    text = unit(role, Path("/srv/bakery"), "baker")
    if "Type=notify" in text:
        assert " -Ws " in SCRIPTS.joinpath(role).read_text()


@pytest.mark.parametrize("role", ROLES)
def test_systemd_finds_nothing_wrong_with_a_unit(role, tmp_path):
    program = shutil.which("systemd-analyze")
    if not program:
        pytest.skip("there is no systemd-analyze on this machine")
    script = tmp_path / "current/bakery/host/run" / role
    script.parent.mkdir(parents=True)
    shutil.copy(SCRIPTS / role, script)
    path = tmp_path / f"bakery-{role}.service"
    path.write_text(unit(role, tmp_path, "root"))
    words = [program, "verify", "--man=no", path]
    said = subprocess.run(words, capture_output=True, text=True, check=False)
    ours = [line for line in said.stderr.splitlines() if "bakery" in line]
    assert (said.returncode, ours) == (0, [])


def test_a_unit_that_root_has_not_installed_is_asked_for(tmp_path):
    layout = Layout(tmp_path)
    with pytest.raises(HostError) as refused:
        Systemd(layout, "bakery").define("web")
    assert refused.value.code == 6
    draft = tmp_path / "shared/systemd/bakery-web.service"
    assert f"install -m 644 {draft} /etc/systemd/system/" in str(refused.value)
    assert draft.read_text() == unit("web", tmp_path, "bakery")
    rules = tmp_path / "shared/systemd/bakery.sudoers"
    assert "\nbakery ALL = (root) NOPASSWD: BAKERY_WEB," in rules.read_text()


def test_the_operator_reads_of_every_exit_status():
    text = ROOT.joinpath("OPERATIONS.md").read_text()
    assert all(f"| {code} | {words} |" in text for code, words in MEANINGS.items())


@pytest.mark.parametrize("name", ["web", "work", "balancer", "manage"])
def test_the_scripts_are_right_and_can_be_run(name):
    assert os.access(SCRIPTS / name, os.X_OK)
    for path in (SCRIPTS / name, SCRIPTS / "environment"):
        subprocess.run(["sh", "-n", path], check=True)


def test_sudo_takes_the_rules_for_the_services(tmp_path):
    program = shutil.which("visudo", path=f"{os.environ['PATH']}:/usr/sbin")
    if not program:
        pytest.skip("there is no visudo on this machine")
    text = ROOT.joinpath("bakery/host/systemd/bakery.sudoers").read_text()
    rules = tmp_path / "rules"
    rules.write_text(text.replace("$user", "bakery"))
    subprocess.run([program, "-c", "-f", rules], check=True, capture_output=True)


def test_sudo_may_do_what_the_host_asks_of_it():
    rules = ROOT.joinpath("bakery/host/systemd/bakery.sudoers").read_text()
    for role in ROLES:
        for words in ("start --no-block", "stop", "enable", "disable --now",
                      "reset-failed", "reload"):  # fmt: skip
            assert f"/usr/bin/systemctl {words} bakery-{role}.service" in rules


SYSTEMCTL = """#!/bin/sh
echo "$@" >>{told}
[ "$1" != show ] || printf 'UnitFileState={state}\\nActiveState={active}\\n'
"""


@pytest.fixture
def systemctl(tmp_path, monkeypatch):
    """A program of that name, which notes what it was told to do."""

    def make(state: str, active: str) -> Path:
        told, units = tmp_path / "told", tmp_path / "units"
        units.mkdir()
        units.joinpath("bakery-work.service").touch()
        for name, text in (
            ("systemctl", SYSTEMCTL.format(told=told, state=state, active=active)),
            ("sudo", '#!/bin/sh\nshift; exec "$@"\n'),
        ):
            tmp_path.joinpath(name).write_text(text)
            tmp_path.joinpath(name).chmod(0o755)
        monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
        monkeypatch.setattr("bakery.host.systemd.UNITS", units)
        return told

    return make


@pytest.mark.parametrize(
    ("state", "active", "there"),
    [
        ("enabled", "active", True),
        ("enabled", "activating", True),  # it crashes again and again: no process
        ("enabled", "inactive", True),
        ("disabled", "active", True),
        ("disabled", "inactive", False),
        ("disabled", "failed", False),
        ("", "inactive", False),
    ],
)
def test_a_service_is_there_that_would_start(systemctl, tmp_path, state, active, there):
    systemctl(state, active)
    assert Systemd(Layout(tmp_path), "bakery").has("work") is there


def test_a_forgotten_service_never_starts_again(systemctl, tmp_path):
    told = systemctl("enabled", "activating")
    Systemd(Layout(tmp_path), "bakery").forget("work")
    assert told.read_text() == "disable --now bakery-work.service\n"
    Systemd(Layout(tmp_path), "bakery").forget("web")  # which root never installed
    assert "web" not in told.read_text()
