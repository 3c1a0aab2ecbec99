"""What a shopper wants to see of a category: ?vegan=1&no_nuts=1&can=1."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from shop.shelf_facts import Fact, ShelfFacts


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

    def keys(self, shelf: ShelfFacts, to_be_had: Collection[int]) -> list[int]:
        """The products of the whole shelf that fit, in its order.

        `to_be_had` are the examples that can be had; it counts if the box is ticked.
        """
        return [each.key for each in shelf.facts if self._fits(each, to_be_had)]

    def _fits(self, fact: Fact, to_be_had: Collection[int]) -> bool:
        return (
            (not self.vegan or fact.is_vegan)
            and (not self.no_nuts or not fact.has_nuts)
            and (not self.can or fact.example in to_be_had)
        )
