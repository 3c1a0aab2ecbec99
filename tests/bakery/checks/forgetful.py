"""A basket store that promises nothing."""

from __future__ import annotations

from basket.backends.base import BasketStore


class Forgetful(BasketStore):
    durable = False
