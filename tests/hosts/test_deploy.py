"""Releases come and go on separate hosts, over real ssh, while shoppers shop."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest

from bakery.release.make import make_release
from bakery.release.store import Release
from tests.hosts import releases
from tests.hosts.machines import Hosts, fleet_of_hosts, roles_of
from tests.hosts.shop import RELEASES
from tests.hosts.shoppers import Load
from tests.processes import wait_until

ROOT = Path(__file__).resolve().parent.parent.parent
BASE = "/srv/bakery"
CANARY = "[canary]\nseconds = 5.0\n"
WEB = ["app1", "app2", "app3", "app4"]
ORDERS = "SELECT secret FROM shop_order WHERE email LIKE 'load%@example.com'"


@dataclass
class Operator:
    """Somebody with the fleet file, who types commands."""

    hosts: Hosts
    into: Path  # where releases are kept
    folder: Path

    def begin(self, *words: str, file: Path | None = None) -> subprocess.Popen:
        """Type a command and do not wait for its end."""
        return subprocess.Popen(
            [
                sys.executable,
                "manage.py",
                *words,
                "--file",
                file or self.hosts.fleet_file,
            ],
            cwd=ROOT,
            env=os.environ
            | {
                "DJANGO_SETTINGS_MODULE": "settings.prod",
                "VAR_DIR": str(self.folder),
                "DATABASE_URL": f"sqlite:///{self.folder}/none.sqlite3",
            },
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )

    def type(self, *words: str, code: int = 0, file: Path | None = None) -> str:
        """What the command says, which has to end with that code."""
        process = self.begin(*words, file=file)
        out, error = process.communicate(timeout=900)
        assert process.returncode == code, out + error
        return out + error

    def deploy(self, release: Release, code: int = 0) -> dict:
        """Its report."""
        words = ["deploy", release.id, "--into", str(self.into), "--json"]
        said = self.type(*words, code=code)
        return json.loads(said.splitlines()[0])

    def current(self, name: str) -> str:
        return self.hosts.ssh(
            name, f"basename $(readlink {BASE}/current)"
        ).stdout.strip()

    def all_serve(self, release: Release) -> None:
        """Every host runs it, nobody is drained, each clone has its whole weight."""
        assert {name: self.current(name) for name in self.hosts.names} == dict.fromkeys(
            self.hosts.names, release.id
        )
        rows = json.loads(self.type("fleet", "status", "--json"))
        for row in rows:
            if row["host"] in WEB:
                assert row["state"] == "ready", row
                assert (row["weight"], row["at_balancer"]) == (100, "UP"), row


@pytest.fixture(scope="module")
def operator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Operator]:
    """A fleet of four and a balancer that has had its first deploy, and a demo shop."""
    folder = tmp_path_factory.mktemp("operator")
    with fleet_of_hosts(folder, roles_of(4), more=CANARY) as hosts:
        operator = Operator(hosts, RELEASES, tmp_path_factory.mktemp("var"))
        operator.deploy(make_release(RELEASES))
        manage = f"{BASE}/current/bakery/host/run/manage {BASE}"
        hosts.ssh("app1", f"{manage} demo --no-pictures --own-passwords", seconds=300)
        yield operator


@pytest.fixture(scope="module")
def first(operator: Operator) -> Release:
    return make_release(operator.into)


@pytest.fixture(scope="module")
def second(operator: Operator, tmp_path_factory: pytest.TempPathFactory) -> Release:
    folder = tmp_path_factory.mktemp("second")
    return releases.changed(operator.into, folder, releases.other_words)


def orders(operator: Operator) -> list[str]:
    with psycopg.connect(operator.hosts.backends.postgres.url) as connection:
        return [secret for (secret,) in connection.execute(ORDERS).fetchall()]


def nothing_is_lost(load: Load, operator: Operator) -> None:
    kept = orders(operator)
    assert load.problems == []
    assert load.missing_assets == []
    assert load.wrong_baskets == []
    assert len(kept) == len(set(kept))
    assert set(load.codes) <= set(kept)


MOST_CHANGES = 12  # of releases, until there were enough requests meanwhile
ENOUGH = 10_000


def test_nobody_notices_a_deploy_a_rollback_and_a_deploy(operator, first, second):
    operator.deploy(first)
    before = set(orders(operator))
    reports = []
    with Load(operator.hosts.url, shoppers=4, pause=0.02) as load:
        time.sleep(10)
        begin = time.time()
        for turn in range(MOST_CHANGES):
            if turn % 2 == 0:
                reports.append(operator.deploy(second))
            else:
                operator.type("rollback")
            operator.all_serve(first if turn % 2 else second)
            end = time.time()
            meanwhile = [each for each in list(load.done) if begin <= each.at < end]
            if turn >= 2 and len(meanwhile) >= ENOUGH:
                break
    added = load.p99(begin, end) - load.p99(0, begin)
    print(  # noqa: T201 - the figures are what it is about
        f"\n{len(meanwhile)} requests meanwhile, {len(load.failed)} failed; "
        f"{len(load.codes)} orders; p99 {load.p99(0, begin) * 1000:.0f} ms before, "
        f"{added * 1000:+.0f} ms meanwhile; {turn + 1} changes, {end - begin:.0f} s"
    )
    assert len(meanwhile) >= ENOUGH
    assert {first.id, second.id} <= {each.release for each in meanwhile}
    assert load.failed == []
    assert len(load.codes) >= 20
    nothing_is_lost(load, operator)
    assert len(set(orders(operator)) - before) == len(load.codes)
    assert [report["failed_requests"] for report in reports] == [0] * len(reports)
    assert added <= 0.3


BAD = {
    "does not boot": (releases.does_not_boot, {"canary"}),
    "fails with shoppers": (releases.fails_with_shoppers, {"watching"}),
    "is three times as slow": (releases.is_three_times_as_slow, {"timing"}),
    "breaks the database": (releases.breaks_the_database, {"migrations"}),
}


@pytest.mark.parametrize("what", BAD)
def test_a_bad_release_is_caught_and_goes_back_by_itself(
    what, operator, second, tmp_path
):
    change, caught_at = BAD[what]
    operator.deploy(second)
    bad = releases.changed(operator.into, tmp_path, change)
    with Load(operator.hosts.url, shoppers=3, pause=0.02) as load:
        time.sleep(3)
        report = operator.deploy(bad, code=1)
        time.sleep(2)
    share = len(load.failed) / len(load.done) * 100
    print(  # noqa: T201
        f"\n{what}: caught at {report['failed_at']}: {report['why'][:300]}\n"
        f"{len(load.failed)} of {len(load.done)} requests failed ({share:.2f} %)"
    )
    assert report["failed_at"] in caught_at
    assert report["not_back"] == {}
    operator.all_serve(second)
    nothing_is_lost(load, operator)
    # At most what came to the canary, and only where the fault shows with shoppers.
    assert {done.by for done in load.failed} <= {"app1"}
    assert len(load.failed) <= len([done for done in load.done if done.by == "app1"])
    if caught_at != {"watching"}:
        assert load.failed == []


def test_the_second_of_two_deploys_is_told_who_has_begun_the_first(
    operator, first, second, tmp_path
):
    operator.deploy(second)
    begun, go_on = tmp_path / "begun", tmp_path / "go_on"
    hook = f"touch {begun}; until [ -e {go_on} ]; do sleep 0.1; done"
    waiting = tmp_path / "fleet.toml"
    text = operator.hosts.fleet_file.read_text()
    waiting.write_text(f'{text}\n[hooks]\nupdating = "{hook}"\n')
    words = ["deploy", first.id, "--into", str(operator.into)]
    deploying = operator.begin(*words, file=waiting)
    try:
        assert wait_until(begun.exists, 60)
        said = operator.type("deploy", second.id, "--into", str(operator.into), code=5)
    finally:
        go_on.touch()
    out, error = deploying.communicate(timeout=600)
    assert deploying.returncode == 0, out + error
    assert f"{os.environ.get('USER', 'root')}@" in said
    assert first.id in said
    operator.all_serve(first)


@pytest.mark.parametrize(
    ("reached", "then"),
    [("app1", "deploy again"), ("app1", "rollback"), ("app3", "deploy again")],
    ids=["canary, deploy again", "canary, rollback", "batch, deploy again"],
)
def test_a_deploy_that_is_killed_half_way_is_finished_or_undone(
    reached, then, operator, first, second
):
    operator.deploy(first)
    words = ["deploy", second.id, "--into", str(operator.into)]
    with Load(operator.hosts.url, shoppers=2, pause=0.02) as load:
        deploying = operator.begin(*words)
        assert wait_until(lambda: operator.current(reached) == second.id, 180)
        os.killpg(deploying.pid, signal.SIGKILL)
        deploying.communicate()
        assert operator.current("app4") == first.id
        if then == "rollback":
            operator.type("rollback")
        else:
            operator.deploy(second)
    assert load.failed == []
    nothing_is_lost(load, operator)
    operator.all_serve(first if then == "rollback" else second)


def test_a_host_that_drops_off_in_its_batch_sends_all_others_back(
    operator, first, second
):
    operator.deploy(first)
    words = ["deploy", second.id, "--into", str(operator.into), "--json"]
    deploying = operator.begin(*words)
    try:
        assert wait_until(lambda: operator.current("app2") == second.id, 180)
        operator.hosts["app3"].cut()
        out, error = deploying.communicate(timeout=600)
    finally:
        operator.hosts["app3"].mend()
    report = json.loads(out.splitlines()[0])
    assert (deploying.returncode, report["failed_on"]) == (3, "app3"), out + error
    for name in ("app1", "app2", "app4", "front"):
        assert operator.current(name) == first.id
    assert set(report["not_back"]) == {"app3"}
    operator.deploy(second)
    operator.all_serve(second)


def test_a_clone_is_drained_and_comes_back(operator, second):
    operator.deploy(second)
    with Load(operator.hosts.url, shoppers=2, pause=0.02, orders=False) as load:
        time.sleep(1)
        assert operator.type("drain", "app2") == "app2 is drained.\n"
        drained = time.time()
        time.sleep(2)
        assert operator.type("ready", "app2") == "app2 is ready.\n"
        back = time.time()
        time.sleep(3)
    meanwhile = {done.by for done in load.done if drained < done.at < drained + 2}
    assert "app2" not in meanwhile
    assert "app2" in {done.by for done in load.done if done.at > back}
    assert load.failed == []
