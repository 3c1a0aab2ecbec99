"""The rows of many orders, as checkout and the counter would have written them."""

from __future__ import annotations

import datetime as dt
import random
from collections import Counter
from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.utils import timezone

from basket.tokens import new_token
from shop.calendar import instant
from shop.codes import ALPHABET, LONGEST, new_secret
from shop.demo.bulk import write_rows
from shop.demo.many_days import Day
from shop.demo.many_goods import Buyer, Good
from shop.models import Draw, Order, OrderEvent, OrderLine, Payment, PaymentEvent
from shop.pricing import split_tax

MODELS = (Order, OrderLine, OrderEvent, Payment, PaymentEvent, Draw)
S, P = Order.State, Payment.State
# Of a hundred past orders so many were cancelled, and so many nobody came for.
CANCELLED, NOT_COLLECTED = 3, 1
# Without a common factor with the number of codes, so that no two orders get one.
STEP = 181_081_081

_COLUMNS: dict[type, tuple[str, ...]] = {
    Order: ("id", "code", "secret", "basket_token", "state", "customer_id", "name",
            "email", "phone", "note", "bake_day_id", "slot_id", "currency",
            "total_cents", "tax_cents", "placed_at"),
    OrderLine: ("order_id", "variant_id", "name", "options", "quantity",
                "unit_price_cents", "total_cents", "tax_permille", "tax_cents",
                "ingredients", "allergens", "packed_at"),
    OrderEvent: ("order_id", "kind", "from_state", "to_state", "data", "at"),
    Payment: ("id", "order_id", "method", "amount_cents", "state", "created_at"),
    PaymentEvent: ("payment_id", "provider", "event_id", "amount_cents", "data", "at"),
    Draw: ("capacity_id", "units", "order_id"),
}  # fmt: skip


class Rows:
    """Rows of a batch of orders; `taken` are the units they draw, by limit."""

    def __init__(self, order_key: int, *others: int) -> None:
        self.order_key, self.payment_key = order_key, others[MODELS.index(Payment) - 1]
        self.rows: dict[type, list[tuple]] = {model: [] for model in MODELS}
        self.taken: Counter[int] = Counter()
        self.now = timezone.now()

    def write(self) -> None:
        """Six statements on PostgreSQL."""
        for model in MODELS:
            write_rows(model, _COLUMNS[model], self.rows[model])

    def add(
        self, day: Day, buyer: Buyer, goods: Sequence[Good], chance: random.Random
    ) -> None:
        """One order with its lines, payment, record and draws."""
        self.order_key += 1
        self.payment_key += 1
        slot, starts = chance.choice(list(day.slots.items()))
        placed = self._placed_at(day, chance)
        fetched = instant(day.date, starts) + dt.timedelta(minutes=6)
        state = _state(day, chance)
        wanted = [(good, chance.choice((1, 1, 1, 2, 2, 4))) for good in goods]
        packed = fetched if state in (S.HANDED_OVER, S.NOT_COLLECTED) else None
        total, tax = self._add_lines(wanted, packed)
        self.rows[Order].append(
            (self.order_key, _code(self.order_key), new_secret(), new_token(), state,
             buyer.pk, buyer.name, buyer.email, "", "", day.pk, slot,
             settings.SHOP_CURRENCY, total, tax, placed)
        )  # fmt: skip
        self._add_payment(state, total, placed, fetched)
        self._add_record(state, placed, fetched)
        if state != S.CANCELLED:
            self._add_draws(day, slot, wanted)

    def _placed_at(self, day: Day, chance: random.Random) -> dt.datetime:
        """One to four days before, in the daytime, and never in the future."""
        ahead = dt.timedelta(days=chance.randint(1, 4))
        time = dt.time(chance.randint(7, 17), chance.randint(0, 59))
        past = dt.timedelta(minutes=chance.randint(1, 600))
        return min(instant(day.date - ahead, time), self.now - past)

    def _add_lines(
        self, wanted: Sequence[tuple[Good, int]], packed: dt.datetime | None
    ) -> tuple[int, int]:
        """Total and tax of the lines, in cents."""
        rates = [(good.cents * count, good.permille) for good, count in wanted]
        taxes = split_tax(rates)
        self.rows[OrderLine] += [
            (self.order_key, good.pk, good.name, [], count, good.cents, total, permille,
             tax, good.ingredients, good.allergens, packed)
            for (good, count), (total, permille), tax in zip(
                wanted, rates, taxes, strict=True
            )
        ]  # fmt: skip
        return sum(total for total, _ in rates), sum(taxes)

    def _add_payment(
        self, state: str, cents: int, placed: dt.datetime, fetched: dt.datetime
    ) -> None:
        how = {S.HANDED_OVER: P.PAID, S.CANCELLED: P.CANCELLED}.get(state, P.DUE)
        self.rows[Payment].append(
            (self.payment_key, self.order_key, "at_pickup", cents, how, placed)
        )
        if how == P.PAID:
            event = f"demo-{self.payment_key}"
            self.rows[PaymentEvent].append(
                (self.payment_key, "at_pickup", event, cents, {}, fetched)
            )

    def _add_record(
        self, state: str, placed: dt.datetime, fetched: dt.datetime
    ) -> None:
        def add(kind: str, before: str, after: str, data: Any, at: dt.datetime) -> None:
            row = (self.order_key, kind, before, after, data, at)
            self.rows[OrderEvent].append(row)

        add("placed", "", S.CONFIRMED, {"payment": self.payment_key}, placed)
        add("mail_sent", "", "", {"mail": "confirmation"}, placed)
        if state != S.CONFIRMED:
            at = placed if state == S.CANCELLED else fetched
            add(state, S.CONFIRMED, state, {}, at)
        if state == S.HANDED_OVER:
            add("payment_paid", "", "", {"payment": self.payment_key}, fetched)

    def _add_draws(
        self, day: Day, slot: int, wanted: Sequence[tuple[Good, int]]
    ) -> None:
        """As shop/drawn.py counts them: products, what they share, one place."""
        units: Counter[int | None] = Counter({day.limits.get(("slot", slot)): 1})
        for good, count in wanted:
            units[day.limits.get(("product", good.product_id))] += count * good.pieces
            for resource, each in good.uses:
                units[day.limits.get(("resource", resource))] += count * each
        units.pop(None, None)
        self.taken += units
        self.rows[Draw] += [(pk, n, self.order_key) for pk, n in units.items()]


def _state(day: Day, chance: random.Random) -> str:
    if not day.is_past:
        return S.CONFIRMED
    hundredth = chance.randrange(100)
    if hundredth < CANCELLED:
        return S.CANCELLED
    return S.NOT_COLLECTED if hundredth < CANCELLED + NOT_COLLECTED else S.HANDED_OVER


def _code(number: int) -> str:
    """A code of the longest kind, as random as any: another one for each number."""
    rest, signs = number * STEP % len(ALPHABET) ** LONGEST, ""
    for _ in range(LONGEST):
        rest, sign = divmod(rest, len(ALPHABET))
        signs += ALPHABET[sign]
    return signs
