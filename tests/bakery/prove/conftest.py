"""The reserved goods, and a shopper with a proof who orders them by the pages."""

from __future__ import annotations

from typing import Any

import pytest
from django.urls import reverse

from shop.models import Order, Slot, Variant
from shop.reserved import PROOF, SKU, new_proof, seen
from shop.reserved_goods import clear_reserved_goods, make_reserved_goods
from tests.shop.shopper import Shopper


class Prover(Shopper):
    """Brings a proof with each request; or something else as one."""

    def __init__(self, proof: str | None = None) -> None:
        super().__init__()
        self.proof = new_proof() if proof is None else proof

    def request(self, **request: Any):
        return super().request(
            **request | {f"HTTP_{PROOF.replace('-', '_')}".upper(): self.proof}
        )

    def place_order(self, quantity: int = 2) -> Order:
        """Through the whole shop, to an order of reserved goods."""
        with seen():
            variant, slot = Variant.objects.get(sku=SKU), Slot.objects.get(bake_day=-1)
        self.fill(variant, slot, quantity)
        page = self.reach_last_screen(name="Prove", email="prove@example.com")
        answer = self.order(page)
        assert answer.status_code == 303
        with seen():
            return Order.objects.get(secret=answer["Location"].split("/")[2])


@pytest.fixture
def goods(db):
    make_reserved_goods()
    yield
    clear_reserved_goods()


@pytest.fixture
def prover(goods) -> Prover:
    return Prover()


def cancel(prover: Prover, order: Order):
    return prover.post(reverse("shop:order_cancellation", args=[order.secret]))
