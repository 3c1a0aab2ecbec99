"""What `safemigrate` would do, and who stands in its way: nothing is changed."""

from __future__ import annotations

import json

import pytest

from tests.bakery.migrating.till import (
    M1,
    M2,
    M3,
    had,
    release,
    safemigrate,
    silence,
)

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("counter"),
]


def test_a_dry_run_lists_what_would_be_done():
    with release("two"):
        assert safemigrate("--expand", "--dry-run") == (0, f"counter.{M2}\n")
        assert safemigrate("--contract", "--dry-run")[0] == 3
        assert safemigrate("--dry-run") == (0, f"counter.{M2}\n")
    assert had() == [M1]


def test_the_plan_says_who_needs_what():
    with release("two"):
        code, said = safemigrate("--plan")
        document = json.loads(safemigrate("--plan", "--json")[1])
    assert (code, said.splitlines()) == (
        0,
        [
            "expand    counter.m2_maybe_a_note",
            "contract  counter.m3_no_note",
            "          still needed by clone-one (web, release one)",
        ],
    )
    assert document["release"] == "two"
    assert document["steps"] == [
        {"name": f"counter.{M2}", "contract": False, "needed_by": []},
        {
            "name": f"counter.{M3}",
            "contract": True,
            "needed_by": ["clone-one (web, release one)"],
        },
    ]
    assert document["refused"] == document["contracted"] == []
    (server,) = document["servers"]
    assert (server["clone"], server["release"]) == ("clone-one", "one")
    assert had() == [M1]


def test_the_plan_of_a_release_that_comes_too_late_says_so():
    silence("clone-one")
    with release("two"):
        safemigrate()
        assert json.loads(safemigrate("--plan", "--json")[1])["contracted"] == [
            f"counter.{M3}"
        ]
    with release("one"):
        said = safemigrate("--plan")[1]
    assert "too late  counter.m3_no_note took away" in said
