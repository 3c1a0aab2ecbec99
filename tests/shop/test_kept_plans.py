"""A plan that PostgreSQL keeps outlives a migration that makes a column longer."""

from __future__ import annotations

import pytest
from django.db import connection

from bakery.postgresql.prepared import MARK
from shop import remembered
from tests.shop import make
from tests.shop.shopper import Shopper

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(
        connection.vendor != "postgresql", reason="SQLite keeps no plans"
    ),
]


@pytest.fixture
def plans():
    """Asks what PostgreSQL has planned for this connection, from the first time on."""
    connection.ensure_connection()
    own = connection.connection
    before, own.prepare_threshold = own.prepare_threshold, 0
    yield kept
    own.prepare_threshold = before


def kept() -> dict[str, list[str]]:
    """The types of what each marked statement gives."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT statement, result_types::text[] FROM pg_prepared_statements"
        )
        rows = cursor.fetchall()
    return {said: types or [] for said, types in rows if said.startswith(MARK)}


def test_no_kept_plan_gives_words_of_a_limited_length(plans):
    remembered.forget()
    slot = make.make_slot()
    shopper = Shopper()
    variant = make.make_variant()
    shopper.add(variant)
    shopper.choose(slot)
    shopper.get("/basket/")
    shopper.get("/basket/pick-up/")
    page = shopper.reach_last_screen()
    order = shopper.order(page)
    shopper.get(order["Location"])
    found = plans()
    assert len(found) > 10, list(found)
    limited = {"character varying", "character"}
    assert [said for said, types in found.items() if limited & set(types)] == []
