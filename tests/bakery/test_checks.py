"""What an operator is told before the shop becomes public."""

from __future__ import annotations

import pytest
from django.core.checks import run_checks

from shop.models import User

pytestmark = pytest.mark.django_db


def warnings() -> set[str]:
    found = run_checks(tags=["security"], include_deployment_checks=True)
    return {each.id for each in found if each.id.startswith("bakery.")}


@pytest.fixture
def public(settings, tmp_path):
    settings.HTTPS = True
    settings.ALLOWED_HOSTS = ["shop.example"]
    settings.VAR_DIR = tmp_path
    return settings


def test_a_shop_that_is_set_up_well_hears_nothing(public):
    assert warnings() == set()


def test_a_key_that_lies_beside_the_data_is_named(public, tmp_path):
    (tmp_path / "secret_key").write_text("an older key")
    assert warnings() == set()
    (tmp_path / "secret_key").write_text(public.SECRET_KEY + "\n")
    assert warnings() == {"bakery.W001"}


def test_demo_log_ins_in_public_are_named(public):
    demo = User.objects.create_user("owner@demo.bakery", "x", is_demo=True)
    assert warnings() == {"bakery.W002"}
    User.objects.filter(pk=demo.pk).update(is_active=False)
    assert warnings() == set()


def test_demo_log_ins_on_one_s_own_machine_are_fine(public):
    User.objects.create_user("owner@demo.bakery", "x", is_demo=True)
    public.HTTPS = False
    assert warnings() == set()


def test_answering_to_every_host_name_in_public_is_named(public):
    public.ALLOWED_HOSTS = ["*"]
    assert warnings() == {"bakery.W003"}
