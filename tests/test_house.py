"""The rules of the house that a test can hold."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
MAY_IMPORT = {
    "settings": {"settings"},
    "basket": {"basket"},
    "shop": {"shop", "basket"},
    "bakery": {"bakery", "shop", "basket"},
}
SAYS_NOTHING = {"utils.py", "helpers.py", "common.py", "misc.py"}
MOST_LINES = 400
MOST_LINES_OF_A_FUNCTION = 60

# Longer functions, and why each of them is one.
LONG_FUNCTIONS: dict[str, str] = {}
# Where text is marked as safe HTML, and why it is.
MARKED_SAFE: dict[str, str] = {
    "shop/escaping.py": "escaped there, or parts that are",
    "shop/linked_data.py": "JSON for search engines, <, > and & escaped",
}
# Mail programs read no style sheet: their templates carry the styles in the elements.
MAY_HAVE_STYLES = re.compile(r"/templates/shop/mails?/")


def python_files(*packages: str) -> list[Path]:
    return sorted(
        path
        for package in packages
        for path in (ROOT / package).rglob("*.py")
        if "migrations" not in path.parts
    )


def templates() -> list[Path]:
    return sorted(
        path
        for package in MAY_IMPORT
        for path in (ROOT / package).glob("**/templates/**/*")
        if path.suffix in {".html", ".svg"}
    )


def name_of(path: Path) -> str:
    return str(path.relative_to(ROOT))


SOURCES = python_files(*MAY_IMPORT)
ALL_PYTHON = [*SOURCES, *python_files("tests")]


def imported(path: Path) -> set[str]:
    """The first word of everything a file imports, wherever in it."""
    names = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            names |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, f"{path} imports relatively"
            names.add(node.module.split(".")[0])
    return names


@pytest.mark.parametrize("path", SOURCES, ids=name_of)
def test_imports_point_one_way(path):
    package = path.relative_to(ROOT).parts[0]
    ours = imported(path) & {*MAY_IMPORT, "tests"}
    assert ours <= MAY_IMPORT[package]


@pytest.mark.parametrize("path", ALL_PYTHON, ids=name_of)
def test_files_stay_readable(path):
    assert len(path.read_text().splitlines()) <= MOST_LINES
    assert path.name not in SAYS_NOTHING


@pytest.mark.parametrize("path", SOURCES, ids=name_of)
def test_every_file_says_what_it_is_for(path):
    text = path.read_text()
    assert not text or ast.get_docstring(ast.parse(text))


def long_functions(path: Path) -> dict[str, int]:
    return {
        f"{name_of(path)}:{node.name}": node.end_lineno - node.lineno + 1
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.FunctionDef)
        and node.end_lineno - node.lineno >= MOST_LINES_OF_A_FUNCTION
    }


def test_functions_do_one_thing():
    found = {name: n for path in ALL_PYTHON for name, n in long_functions(path).items()}
    assert found.keys() == LONG_FUNCTIONS.keys()


def test_text_is_marked_safe_only_where_a_reason_stands():
    unsafe = re.compile(r"mark_safe|SafeString\(|\|\s*safe\b|autoescape off")
    found = {
        name_of(path)
        for path in [*SOURCES, *templates()]
        if unsafe.search(path.read_text())
    }
    assert found == MARKED_SAFE.keys()


def test_there_are_templates_to_look_at():
    assert len(templates()) > 10


@pytest.mark.parametrize("path", templates(), ids=name_of)
def test_templates_hold_no_inline_code(path):
    """The content security policy would refuse it, and nobody would notice."""
    text = re.sub(
        r"{#.*?#}|{% comment.*?endcomment %}", "", path.read_text(), flags=re.S
    )
    tags = re.findall(r"<[a-zA-Z][^>]*>", text)
    if not MAY_HAVE_STYLES.search(str(path)):
        assert "<style" not in text
        assert not [tag for tag in tags if re.search(r"\sstyle\s*=", tag)]
    assert not [tag for tag in tags if re.search(r"\son[a-z]+\s*=", tag)]
    assert not [
        tag
        for tag in tags
        if tag.startswith("<script")
        and "src=" not in tag
        and 'type="application/ld+json"' not in tag
    ]


@pytest.mark.parametrize(
    "path", [*SOURCES, *templates()], ids=name_of
)  # the tests have to name the words
def test_the_words_are_the_bakery_s_own(path):
    words = re.findall(r"[A-Za-z]+", path.read_text())
    assert not {"cart", "Cart", "carts", "TODO", "FIXME", "XXX"} & set(words)
