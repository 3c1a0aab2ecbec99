"""`manage.py prove` on a live fleet: a whole one, one that differs, one with a dead."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from contextlib import contextmanager

import boto3
import psycopg
import pytest
from psycopg import sql

from bakery.fleet.backends import BUCKET
from bakery.fleet.control import listening
from bakery.management.commands.fleet import Answers
from tests.processes import ROOT, wait_until
from tests.story.conftest import answers

# It only ever grows: what pages watch to know whether they are fresh.
LOGS = {"bakery_pagechange"}


def run(environment: dict[str, str], *words: str) -> subprocess.CompletedProcess:
    return subprocess.run(
        [sys.executable, "manage.py", "prove", *words],
        cwd=ROOT,
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=180,
    )


def prove(fleet, *words: str) -> subprocess.CompletedProcess:
    """As an operator on one of the fleet's servers."""
    named = [
        word
        for name, clone in fleet.clones.items()
        for word in ("--at", f"{name}=http://127.0.0.1:{clone.port}")
    ]
    own = ("--certificate", str(fleet.certificate))
    return run(fleet.environment("proof"), *named, *own, *words)


def rows(fleet) -> dict[str, int]:
    """How many rows each table has, and how many files people's pictures."""
    with psycopg.connect(fleet.backends.postgres.url) as connection:
        found = connection.execute(
            "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"
        )
        tables = {name for (name,) in found} - LOGS
        count = sql.SQL("SELECT count(*) FROM {}")
        found = {
            name: connection.execute(count.format(sql.Identifier(name))).fetchone()[0]
            for name in sorted(tables)
        }
    return found | {"files of pictures": portraits(fleet)}


@pytest.fixture
def before(fleet) -> dict[str, int]:
    """The rows of a fleet at rest, whose worker has done what there was to do."""
    found = [rows(fleet)]

    def stays() -> bool:
        time.sleep(2)
        found.append(rows(fleet))
        return found[-1] == found[-2] and found[-1]["bakery_workerheartbeat"] > 0

    assert wait_until(stays, 60)
    return found[-1]


def test_a_whole_fleet_is_the_same_everywhere_and_nothing_is_left(fleet, before):
    answer = prove(fleet, "--json", "--rounds", "2")
    assert answer.returncode == 0, answer.stdout + answer.stderr
    report = json.loads(answer.stdout)
    assert report["same"]
    # A guest's and an account's in each round, and both through the balancer.
    assert len(report["walks"]) == 6
    assert {walk[0]["step"] for walk in report["walks"][1::2]} == {"log in"}
    assert {walk[-1]["step"] for walk in report["walks"][1::2]} == {"log out"}
    for walk in report["walks"][:4]:
        asked = [done["at"] for done in walk]
        assert set(asked) == set(fleet.clones)
        assert all(one != other for one, other in zip(asked, asked[1:], strict=False))
        assert all(
            len(done["same_at"]) == 2 and done["at"] not in done["same_at"]
            for done in walk
        )
    for walk in report["walks"][4:]:
        assert {done["at"] for done in walk} == {"the balancer"}
    assert rows(fleet) == before
    assert answer.stderr == ""


def test_the_fleet_of_this_machine_is_found_by_itself(fleet):
    with listening(fleet.folder, Answers(fleet)):
        words = ("--folder", str(fleet.folder), "--no-balancer", "--clone", "clone-2")
        answer = run(dict(os.environ), *words)
    assert answer.returncode == 0, answer.stdout + answer.stderr
    assert "clone-2 like the others, 5 clones" in answer.stdout


def portraits(fleet) -> int:
    """How many files of people's pictures there are in the storage."""
    s3 = fleet.backends.s3
    client = boto3.client(
        "s3",
        endpoint_url=s3.endpoint,
        aws_access_key_id=s3.access_key,
        aws_secret_access_key=s3.secret_key,
        region_name="us-east-1",
    )
    return client.list_objects_v2(Bucket=BUCKET, Prefix="people/")["KeyCount"]


@contextmanager
def odd(fleet, **other: str):
    """Clone 3 is started with other variables; it is gone afterwards."""
    clone = fleet.clones["clone-3"]
    ours = clone.environment
    clone.kill()
    clone.environment = ours | other
    try:
        clone.start()
        assert wait_until(lambda: answers(fleet, "clone-3"), 60)
        yield "clone-3"
    finally:
        clone.kill()
        clone.environment = ours


@pytest.fixture
def odd_clone(fleet):
    with odd(fleet, SHOP_NAME="Another Bakery") as name:
        yield name


def test_a_clone_that_differs_is_named_with_the_step(fleet, before, odd_clone):
    answer = prove(fleet)
    assert answer.returncode == 1
    assert "Differs at the step “" in answer.stdout
    assert odd_clone in answer.stdout
    assert "Another Bakery" in answer.stdout
    assert f"{odd_clone} stands alone" in answer.stdout
    assert "SHOP_" in answer.stdout
    assert rows(fleet) == before


def test_the_one_that_differs_is_told_as_a_chosen_one_as_well(fleet, odd_clone):
    answer = prove(fleet, "--json", "--clone", odd_clone, "--no-balancer")
    assert answer.returncode == 1
    found = json.loads(answer.stdout)["difference"]
    assert found["between"][0] == odd_clone
    assert found["step"]


def test_a_clone_that_loses_log_ins_is_named(fleet, before):
    """It keeps them for itself: everything else is as on the others."""
    with odd(fleet, DJANGO_SETTINGS_MODULE="tests.story.forgetful") as name:
        answer = prove(fleet, "--json", "--no-balancer")
        assert answer.returncode == 1, answer.stdout + answer.stderr
        report = json.loads(answer.stdout)
        found = report["difference"]
        assert found["step"] == "log in"
        assert name in found["between"]
        assert "knows who is logged in, the other does not" in found["what"]
        assert f"{name} stands alone" in found["what"]
        assert "SECRET_KEY" in found["look_at"]
        assert len(report["walks"][0]) == 14  # the guest noticed nothing
    assert rows(fleet) == before


def test_a_clone_with_pictures_of_its_own_is_named(fleet, before, tmp_path):
    with odd(fleet, STORAGE_URL=f"file://{tmp_path}?shared=1") as name:
        answer = prove(fleet, "--json", "--no-balancer")
        assert answer.returncode == 1, answer.stdout + answer.stderr
        report = json.loads(answer.stdout)
        found = report["difference"]
        assert name in [*found["between"], found["what"].split()[0]]
        assert found["step"] == "send a picture of oneself"
        assert "STORAGE_URL" in found["look_at"]
    assert rows(fleet) == before


def test_a_dead_clone_ends_it_with_4_and_its_name(fleet, before):
    fleet.kill("clone-4")
    answer = prove(fleet)
    assert answer.returncode == 4
    assert "clone-4 does not answer" in answer.stderr
    assert rows(fleet) == before


def test_what_a_killed_one_leaves_is_seen_by_nobody_and_cleared_by_the_next(
    fleet, before, visitor
):
    names = [f"--at={n}=http://127.0.0.1:{c.port}" for n, c in fleet.clones.items()]
    words = [sys.executable, "manage.py", "prove", *names, "--no-balancer"]
    killed = subprocess.Popen(words, cwd=ROOT, env=fleet.environment("proof"))
    assert wait_until(lambda: left_behind(fleet))
    killed.kill()
    killed.wait()
    assert left_behind(fleet)
    answer = visitor.post("/basket/lines/", {"sku": "reserved-for-proofs"})
    assert answer.status == 422
    assert prove(fleet, "--no-balancer").returncode == 0
    assert not left_behind(fleet)
    assert rows(fleet) == before


def left_behind(fleet) -> bool:
    """Is there an order that a proof has made?"""
    with psycopg.connect(fleet.backends.postgres.url) as connection:
        query = "SELECT EXISTS (SELECT FROM shop_order WHERE bake_day_id < 0)"
        return connection.execute(query).fetchone()[0]
