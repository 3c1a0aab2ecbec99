from __future__ import annotations

import json
from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from basket.backends.base import stores
from basket.models import Basket

OLD, NEW = "a" * 32, "b" * 32


@pytest.fixture
def baskets(db) -> None:
    for token in (OLD, NEW):
        stores["default"].add(token, "rye", 1, operation="one")
    long_ago = timezone.now() - timedelta(days=181)
    Basket.objects.filter(token=OLD).update(changed_at=long_ago)


def sweep(*words: str) -> str:
    out = StringIO()
    call_command("sweep_baskets", *words, stdout=out)
    return out.getvalue()


def kept() -> set[str]:
    return set(Basket.objects.values_list("token", flat=True))


@pytest.mark.usefixtures("baskets")
def test_it_forgets_what_was_left_alone_for_180_days():
    assert sweep() == "1 basket untouched for 180 days forgotten.\n"
    assert kept() == {NEW}
    assert sweep() == "0 baskets untouched for 180 days forgotten.\n"


@pytest.mark.usefixtures("baskets")
def test_a_dry_run_only_counts():
    assert sweep("--dry-run") == (
        "1 basket untouched for 180 days would be forgotten.\n"
    )
    assert kept() == {OLD, NEW}


@pytest.mark.usefixtures("baskets")
def test_days_can_be_chosen_and_scripts_get_json():
    answer = json.loads(sweep("--days", "182", "--json"))
    assert answer == {"store": "default", "days": 182, "dry_run": False, "baskets": 0}
    assert kept() == {OLD, NEW}


@pytest.mark.usefixtures("baskets")
@pytest.mark.parametrize("days", ["0", "-1", "x", "1.5", "36501"])
def test_wrong_days_change_nothing(days):
    with pytest.raises(CommandError, match="whole number of days"):
        sweep(f"--days={days}")
    assert kept() == {OLD, NEW}


def test_an_unknown_store_is_named():
    with pytest.raises(CommandError, match="nowhere"):
        sweep("--store", "nowhere")


def test_help_teaches(capsys):
    with pytest.raises(SystemExit) as left:
        call_command("sweep_baskets", "--help")
    assert left.value.code == 0
    told = capsys.readouterr().out
    for word in ("--dry-run", "--json", "Examples:", "Exit status:", "180 days"):
        assert word in told
