"""What a shopper wants to see of a category: ?vegan=1&no_nuts=1&can=1."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from shop.cards import Card

NUTS = ("nuts.", "peanuts")


@dataclass(frozen=True)
class Filters:
    """The boxes that are ticked. Unknown values mean not ticked."""

    vegan: bool = False
    no_nuts: bool = False
    can: bool = False

    @classmethod
    def read(cls, query: Mapping[str, str]) -> Filters:
        return cls(
            **{name: query.get(name) == "1" for name in cls.__dataclass_fields__}
        )

    @property
    def any(self) -> bool:
        return self.vegan or self.no_nuts or self.can

    def apply(self, cards: Iterable[Card]) -> list[Card]:
        """Those of the cards that fit, in their order."""
        return [card for card in cards if self._fits(card)]

    def _fits(self, card: Card) -> bool:
        return (
            (not self.vegan or card.is_vegan)
            and (not self.no_nuts or not _has_nuts(card))
            and (not self.can or card.can)
        )


def _has_nuts(card: Card) -> bool:
    """Named in a label, be it only as a trace: whoever ticks the box means it."""
    return any(
        code.startswith(NUTS)
        for variant in card.product.variants.all()
        for part in ("allergens", "may_contain")
        for code in variant.label.get(part, [])
    )
