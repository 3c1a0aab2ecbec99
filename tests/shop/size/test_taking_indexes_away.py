"""What takes indexes away can be undone, and be done again where it was interrupted."""

from __future__ import annotations

from importlib import import_module

import pytest
from django.apps import apps
from django.db import connection

pytestmark = pytest.mark.django_db(transaction=True)

MIGRATIONS = {"shop": "0010_no_index_twice", "basket": "0002_no_index_twice"}


def indexes_of(app):
    with connection.cursor() as cursor:
        return {
            name
            for model in apps.get_app_config(app).get_models()
            for name in connection.introspection.get_constraints(
                cursor, model._meta.db_table
            )
        }


def how_made(index):
    with connection.cursor() as cursor:
        cursor.execute("SELECT indexdef FROM pg_indexes WHERE indexname = %s", [index])
        return cursor.fetchone()[0]


@pytest.mark.parametrize("app", MIGRATIONS)
def test_there_is_a_way_back_and_each_way_can_be_gone_again(app):
    steps = import_module(f"{app}.migrations.{MIGRATIONS[app]}")
    like = steps.BY_BEGINNING if connection.vendor == "postgresql" else ()
    gone = {name for _, _, name in (*steps.AGAIN, *like)}
    before = indexes_of(app)
    assert not gone & before

    def go(way):
        with connection.schema_editor(atomic=False) as editor:
            way(apps, editor)
        return indexes_of(app)

    try:
        assert go(steps.bring_back) == before | gone
        assert go(steps.bring_back) == before | gone
        for _, _, name in like:
            assert "varchar_pattern_ops" in how_made(name)
    finally:
        assert go(steps.take_away) == before
    assert go(steps.take_away) == before
