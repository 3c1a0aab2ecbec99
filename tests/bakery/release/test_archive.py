"""Archives and the host's program: the same bytes, and a bare Python is enough."""

from __future__ import annotations

import ast
import json
import os
import subprocess
import sys
import tarfile
from pathlib import Path

import pytest

from bakery.release.archive import write_archive, write_host_program
from tests.processes import ROOT

AT = 1_790_000_000
# What the host's program is made of.
OF_THE_HOST = [
    *ROOT.joinpath("bakery/host").glob("*.py"),
    *(
        ROOT / f"bakery/deploy/{n}.py"
        for n in ("fleet_file", "faults", "schema", "where")
    ),
]


def test_an_archive_is_the_same_to_the_byte_whenever_it_is_made(tmp_path):
    made = []
    for age in (1, 2):
        folder = tmp_path / str(age)
        folder.mkdir()
        for name, mode in (("b", 0o640), ("a", 0o755)):
            folder.joinpath(name).write_text(name)
            folder.joinpath(name).chmod(mode)
            os.utime(folder / name, (age, age))
        path = tmp_path / f"{age}.tar.gz"
        write_archive(path, folder, sorted(folder.iterdir()), AT)
        made.append(path)
    assert made[0].read_bytes() == made[1].read_bytes()
    with tarfile.open(made[0]) as tar:
        facts = [(m.name, m.mode, m.uid, m.uname, m.mtime) for m in tar]
    assert facts == [("a", 0o755, 0, "", AT), ("b", 0o644, 0, "", AT)]


def test_the_program_is_the_same_to_the_byte(tmp_path):
    for name in ("one.pyz", "two.pyz"):
        write_host_program(tmp_path / name, ROOT)
    assert (tmp_path / "one.pyz").read_bytes() == (tmp_path / "two.pyz").read_bytes()


def test_the_program_needs_a_bare_python_and_nothing_around_it(tmp_path):
    program = tmp_path / "host.pyz"
    write_host_program(program, ROOT)
    base = tmp_path / "srv"
    base.joinpath("shared").mkdir(parents=True)
    base.joinpath("shared/environment").touch(mode=0o600)
    example = ROOT.joinpath("bakery/deploy/fleet.example.toml").read_text()
    words = [sys.executable, "-I", "-S", program]
    configured = subprocess.run(
        [*words, "configure", "--base", base, "--fleet", "-", "--host", "app1"],
        cwd=tmp_path, input=example.replace('"systemd"', '"runit"'), env={"PATH": ""},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert configured.returncode == 0, configured.stdout + configured.stderr
    said = subprocess.run([*words, "state", "--base", base], capture_output=True)
    assert json.loads(said.stdout)["name"] == "app1"


@pytest.mark.parametrize("path", OF_THE_HOST, ids=lambda path: path.name)
def test_a_host_s_code_takes_nothing_but_the_standard_library(path: Path):
    allowed = sys.stdlib_module_names
    for node in ast.walk(ast.parse(path.read_text())):
        names = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            names = [node.module]
        for name in names:
            ours = name.startswith(("bakery.host", "bakery.deploy."))
            assert ours or name.split(".")[0] in allowed, name
