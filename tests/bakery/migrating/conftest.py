"""Tables of a release before, in the real database."""

from __future__ import annotations

import io
from collections.abc import Iterator

import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django.test import override_settings

from bakery import living
from bakery.phases import forget_what_is_known
from tests.bakery.migrating.bakehouse import Bakehouse
from tests.bakery.migrating.till import APP, release


@pytest.fixture
def bakehouse(transactional_db):
    made = Bakehouse()
    yield made
    made.remove()


@pytest.fixture
def counter(transactional_db) -> Iterator[None]:
    """Release one is everywhere: its tables are there, and one of its servers."""
    with override_settings(INSTALLED_APPS=[*settings.INSTALLED_APPS, APP]):
        with release("one"):
            call_command("safemigrate", stdout=io.StringIO())
            living.beat(living.WEB)
        yield
        with connection.cursor() as cursor:
            cursor.execute("DROP TABLE counter_till")
            cursor.execute("DELETE FROM django_migrations WHERE app = 'counter'")
    forget_what_is_known()
