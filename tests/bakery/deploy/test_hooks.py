"""Programs of the operator's own, at Capistrano's steps."""

from __future__ import annotations

import pytest

from bakery.deploy.hooks import HookFailed, run_hook
from bakery.deploy.schema import schema
from tests.bakery.deploy.test_deploying import MOMENTS

FACTS = {"BAKERY_RELEASE": "0123456789abcdef", "BAKERY_FLEET": "quick"}


def test_a_program_is_told_the_step_the_fleet_and_the_release(tmp_path):
    file = tmp_path / "told"
    line = f'echo "$BAKERY_STEP $BAKERY_FLEET $BAKERY_RELEASE" > {file}'
    run_hook({"starting": line}, "starting", FACTS)
    assert file.read_text() == "starting quick 0123456789abcdef\n"


def test_without_a_program_nothing_happens():
    run_hook({}, "starting", FACTS)


def test_in_a_dry_run_it_is_only_told(tmp_path):
    file, told = tmp_path / "file", []
    run_hook(
        {"starting": f"touch {file}"}, "starting", FACTS, dry=True, tell=told.append
    )
    assert told == [f"hook starting: touch {file}"]
    assert not file.exists()


@pytest.mark.parametrize("step", ["starting", "updated", "publishing"])
def test_one_that_fails_before_hosts_are_switched_stops_everything(step):
    with pytest.raises(HookFailed, match=rf"hook {step} .* ended with 3: no way"):
        run_hook({step: "echo no way >&2; exit 3"}, step, FACTS)


@pytest.mark.parametrize("step", ["published", "reverting", "finished", "failed"])
def test_one_that_fails_later_is_told_and_stops_nothing(step):
    told: list[str] = []
    run_hook({step: "exit 3"}, step, FACTS, tell=told.append)
    assert told[-1] == f"The hook {step} (`exit 3`) ended with 3: "


def test_the_fleet_file_knows_every_step_that_a_deploy_goes_through():
    assert set(schema().tables[("hooks",)]) == set(MOMENTS)


def test_a_program_may_speak_any_encoding():
    with pytest.raises(HookFailed, match="ended with 3: caf\ufffd"):
        run_hook({"starting": r"printf 'caf\351' >&2; exit 3"}, "starting", FACTS)
