"""The packing list: a day's orders by pick-up slot, and how far packing has come."""

from __future__ import annotations

import datetime
from dataclasses import dataclass

from shop.allergens import words
from shop.models import Order, OrderLine, Slot
from shop.piececount import BAKED

DONE = (Order.State.READY, Order.State.HANDED_OVER, Order.State.NOT_COLLECTED)
# A page of more orders than this would be slow: it shows one slot at a time.
MOST_AT_ONCE = 120
OPEN = (Order.State.CONFIRMED, Order.State.IN_PRODUCTION, Order.State.READY)


@dataclass(frozen=True)
class PackingLine:
    line: OrderLine

    @property
    def is_packed(self) -> bool:
        return self.line.packed_at is not None

    @property
    def allergens(self) -> list[str]:
        return words(self.line.allergens)

    @property
    def options(self) -> list[str]:
        return [f"{each['group']}: {each['choice']}" for each in self.line.options]


@dataclass(frozen=True)
class PackingOrder:
    """One order's bag. Only an open one can be packed and unpacked."""

    order: Order
    lines: tuple[PackingLine, ...]

    @property
    def is_packed(self) -> bool:
        return self.order.state in DONE

    @property
    def is_open(self) -> bool:
        return self.order.state in OPEN

    @property
    def first_name(self) -> str:
        """For calling out: the first word that is no title."""
        names = self.order.name.split() or [""]
        titles = {"mr", "mrs", "ms", "miss", "dr", "st", "the"}
        return next((n for n in names if n.lower().strip(".") not in titles), names[0])

    @property
    def words(self) -> str:
        if self.is_packed or not self.is_open:
            return self.order.get_state_display()
        packed = sum(line.is_packed for line in self.lines)
        return f"{packed} of {len(self.lines)} in the bag" if packed else "to pack"


@dataclass(frozen=True)
class PackingSlot:
    slot: Slot
    orders: tuple[PackingOrder, ...]

    @property
    def packed(self) -> int:
        return sum(order.is_packed for order in self.orders)


@dataclass(frozen=True)
class PackingList:
    date: datetime.date
    slots: tuple[PackingSlot, ...]

    @property
    def packed(self) -> int:
        return sum(slot.packed for slot in self.slots)

    @property
    def total(self) -> int:
        return sum(len(slot.orders) for slot in self.slots)

    def shown(self, slot_id: str = "") -> tuple[PackingSlot, ...]:
        """The slot that was asked for; else all, or of very many the next to pack."""
        wanted = tuple(group for group in self.slots if str(group.slot.pk) == slot_id)
        if wanted or self.total <= MOST_AT_ONCE:
            return wanted or self.slots
        to_pack = (group for group in self.slots if group.packed < len(group.orders))
        return (next(to_pack, self.slots[0]),)


def packing_list(date: datetime.date) -> PackingList:
    """A day's orders, slots in time order, orders by code. Two queries."""
    orders = (
        Order.objects.filter(bake_day__date=date, state__in=BAKED)
        .select_related("slot__place", "bake_day")
        .prefetch_related("lines")
        .order_by("slot__starts", "slot__place", "slot", "code")
    )
    slots: dict[Slot, list[PackingOrder]] = {}
    for order in orders:
        slots.setdefault(order.slot, []).append(packing_order(order))
    return PackingList(
        date, tuple(PackingSlot(slot, tuple(bags)) for slot, bags in slots.items())
    )


def packing_order(order: Order) -> PackingOrder:
    """One order as the packing list shows it; its lines are prefetched or fetched."""
    return PackingOrder(order, tuple(PackingLine(line) for line in order.lines.all()))
