"""The documents tell what the code does: every setting, command and make target."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import get_commands, load_command_class

from settings.environment import VARIABLES

ROOT = Path(__file__).resolve().parent.parent
DOCUMENTS = [
    *("README.md", "OPERATIONS.md", "DECISIONS.md", "CHANGELOG.md", "BENCHMARKS.md"),
]
README = (ROOT / "README.md").read_text()
OURS = {"bakery", "shop", "basket"}


def targets() -> dict[str, str]:
    makefile = (ROOT / "Makefile").read_text()
    return dict(re.findall(r"^([a-z]+):.*?## (.+)$", makefile, re.M))


def own_commands() -> list[str]:
    return sorted(name for name, app in get_commands().items() if app in OURS)


@pytest.mark.parametrize("name", VARIABLES)
def test_readme_lists_each_setting_with_its_default(name):
    variable = VARIABLES[name]
    default = (
        ",".join(variable.default) if variable.cast == "list" else variable.default
    )
    shown = f"`{default}`" if str(default) else ""
    assert f"| `{name}` | {shown} | {variable.meaning} |" in README


def test_readme_lists_no_setting_that_does_not_exist():
    rows = re.findall(r"^\| `([A-Z_]+)` \|", README, re.M)
    assert set(rows) == set(VARIABLES)


def test_the_code_reads_no_variable_that_is_not_listed():
    read = re.compile(r"""(?:os\.environ(?:\.get)?[\[(]|getenv\()["']([A-Z_]+)["']""")
    # Not the shop's: conventions of Django, of Unix and of reproducible builds.
    allowed = {"DJANGO_SETTINGS_MODULE", "PATH", "SOURCE_DATE_EPOCH"}
    for package in ("bakery", "basket", "shop", "settings"):
        for path in (ROOT / package).rglob("*.py"):
            found = set(read.findall(path.read_text()))
            assert found <= allowed | set(VARIABLES), path


@pytest.mark.parametrize("name", own_commands())
def test_readme_lists_each_command(name):
    assert re.search(rf"^\| `{name}\b.*` \|", README, re.M)


@pytest.mark.parametrize("name", own_commands())
def test_each_command_s_help_teaches(name):
    command = load_command_class(get_commands()[name], name)
    assert len(command.help) > 40


@pytest.mark.parametrize("target", targets())
def test_readme_lists_each_make_target(target):
    assert f"make {target}" in README


def test_the_newest_change_is_this_release():
    newest = re.search(r"^## ([\d.]+)", (ROOT / "CHANGELOG.md").read_text(), re.M)
    project = re.search(
        r'^version = "(.+)"', (ROOT / "pyproject.toml").read_text(), re.M
    )
    assert newest[1] == project[1] == settings.RELEASE


@pytest.mark.parametrize("document", DOCUMENTS)
def test_links_inside_the_documents_lead_somewhere(document):
    text = (ROOT / document).read_text()
    links = re.findall(r"\]\((?!https?:|#)([^)#]+)", text)
    assert [link for link in links if not (ROOT / link).exists()] == []


@pytest.mark.parametrize("document", DOCUMENTS)
def test_the_documents_name_no_machine(document):
    text = (ROOT / document).read_text()
    assert re.findall(r"/work\b|/root\b|/home/|localhost:\d", text) == []
