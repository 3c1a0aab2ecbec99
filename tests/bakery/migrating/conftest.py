"""Tables of a release before, in the real database."""

from __future__ import annotations

import pytest

from tests.bakery.migrating.bakehouse import Bakehouse


@pytest.fixture
def bakehouse(transactional_db):
    made = Bakehouse()
    yield made
    made.remove()
