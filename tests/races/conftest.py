"""What the rivals fight over: a slot, a bread of which there are ten."""

from __future__ import annotations

import pytest

from tests.shop import make


@pytest.fixture
def slot():
    return make.make_slot(places=100)


@pytest.fixture
def bread(slot):
    variant = make.make_variant(price_cents=450)
    make.make_capacity(bake_day=slot.bake_day, product=variant.product, limit=10)
    return variant


@pytest.fixture
def loaves(bread):
    return bread.product.capacities.get()
