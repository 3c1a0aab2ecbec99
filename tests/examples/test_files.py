"""The examples are what the programs that read them take, where there is one here."""

from __future__ import annotations

import shutil
import subprocess

import pytest
import yaml

from tests.processes import ROOT

EXAMPLES = ROOT / "examples"
CHECKERS = {
    "cloud-init.yaml": ("cloud-init", "schema", "-c"),
    "compose.yaml": ("docker-compose", "config", "-q"),
    "clone.pkr.hcl": ("packer", "validate", "-syntax-only"),
    "bakery.service": ("systemd-analyze", "verify"),
}


@pytest.mark.parametrize("name", CHECKERS)
def test_the_program_that_reads_it_takes_it(name, tmp_path):
    program, *words = CHECKERS[name]
    if shutil.which(program) is None:
        pytest.skip(f"there is no {program} here to check {name} with")
    path = str(EXAMPLES / name)
    if program == "docker-compose":
        words = ["-f", path, "config", "-q"]
    else:
        words = [*words, path]
    ended = subprocess.run(
        [program, *words], check=False, capture_output=True, text=True, cwd=tmp_path
    )
    said = ended.stdout + ended.stderr
    if "User bakery" in said or "runsvdir is not executable" in said:
        pytest.skip(f"{program} wants what only a host has: {said.strip()[:200]}")
    assert ended.returncode == 0, said


@pytest.mark.parametrize("name", ["cloud-init.yaml", "compose.yaml"])
def test_it_is_yaml(name):
    assert yaml.safe_load((EXAMPLES / name).read_text())


def test_the_service_in_the_user_data_is_the_one_beside_it():
    facts = yaml.safe_load((EXAMPLES / "cloud-init.yaml").read_text())
    [file] = facts["write_files"]
    assert file["content"] == (EXAMPLES / "bakery.service").read_text()


def test_what_the_examples_name_of_ours_is_there():
    text = (EXAMPLES / "clone.pkr.hcl").read_text()
    named = [
        word for word in text.split('"') if word.startswith(("bakery/", "examples/"))
    ]
    assert named
    assert [name for name in named if not (ROOT / name).is_file()] == []
