"""The benchmarks run. What they measure is for people: no figure is asserted here."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from tests.bench.load import ROOT
from tests.bench.row import Figure, Row, Target, beside
from tests.bench.served import FLOORS
from tests.bench.table import plot, table, used


def run(*words: str) -> subprocess.CompletedProcess:
    return subprocess.run(
        [sys.executable, "-m", "tests.bench", *words],
        cwd=ROOT,
        check=False,
        capture_output=True,
        text=True,
    )


def test_a_floor_collects_its_garbage_as_the_shop_does():
    """The shop's settings keep the collector away until the shop is loaded."""
    load = f"import gc, runpy; runpy.run_path({FLOORS!r}); print(gc.isenabled())"
    told = subprocess.run(
        [sys.executable, "-c", load], cwd=ROOT, check=True, capture_output=True
    )
    assert told.stdout.split() == [b"True"]


@pytest.mark.slow
def test_a_quick_run_of_one_topic_writes_all_of_its_rows(tmp_path):
    answer = run("--quick", "catalogue", "--json", str(tmp_path / "rows.json"))
    assert answer.returncode == 0, answer.stdout + answer.stderr
    told = json.loads((tmp_path / "rows.json").read_text())
    assert list(told) == ["catalogue"]
    works = ["home, basket cookie", "home, first visit", "home, logged in"]
    works += [f"{page}, basket cookie" for page in ("category", "product", "search")]
    assert [row["work"] for row in told["catalogue"]] == [
        f"{work}: {what}" for work in works for what in ("rate", "CPU")
    ]
    for row in told["catalogue"]:
        assert row["verdict"] in ("met", "missed")
        for figure in (row["ours"], row["floor"]):
            assert 0 < figure["least"] <= figure["median"] <= figure["most"]
        assert f"| {row['work']} | " in answer.stdout


@pytest.mark.slow
def test_an_unknown_topic_is_refused_by_name():
    answer = run("no-such-topic")
    assert answer.returncode == 2
    assert "no-such-topic" in answer.stderr


def test_the_ratio_is_the_middle_of_what_each_round_gives():
    row = beside("work", [2, 30, 4], [1, 10, 1], "ms", Target("ratio", most=3))
    assert (row.ours, row.floor) == (Figure(4, 2, 30), Figure(1, 1, 10))
    assert (row.ratio, row.verdict) == (3, "met")


@pytest.mark.parametrize(
    ("target", "verdict"),
    [
        (Target("ratio", least=0.5), "met"),
        (Target("ratio", least=0.6), "missed"),
        (Target("ours", most=1), "met"),
        (Target("ours", most=0.9), "missed"),
        (Target("ratio", least=0.4, most=0.6), "met"),
        (Target("ratio", least=0.6, most=0.9), "missed"),
    ],
)
def test_a_row_says_whether_its_target_is_met(target, verdict):
    row = beside("work", [1], [2], "ms", target)
    assert row.verdict == verdict
    assert (used(row) <= 1) is (verdict == "met")
    assert f"{target} | {verdict} |" in table("topic", [row])


def test_a_bar_in_the_plot_ends_at_its_target_when_that_is_just_met():
    row = Row("w", Figure(2, 2, 2), None, "ms", None, Target("ours", most=2))
    bar = plot([row])[41:].partition(" ")[0]
    assert bar == "#" * 40 + "|"
