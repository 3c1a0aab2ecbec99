"""What is in 100 g of something baked."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction

from shop.models import Ingredient

# In the order of the EU's table, with the decimals that its guidance rounds to.
DECIMALS = {
    "energy_kcal": 0,
    "fat_g": 1,
    "saturates_g": 1,
    "carbohydrate_g": 1,
    "sugars_g": 1,
    "protein_g": 1,
    "salt_g": 2,
}
KJ_PER_KCAL = Fraction(4184, 1000)


def nutrition_per_100_g(
    grams: Mapping[int, Fraction],
    named: Mapping[int, Ingredient],
    finished_g: int,
) -> dict[str, float]:
    """Energy in kcal and kJ and the grams of the table, in 100 g as sold.

    `grams` are raw ingredients by id, `finished_g` what they weigh when baked: what is
    lost on the way is taken to be water, so everything else is still there.
    """
    exact = {
        name: sum(
            amount * Fraction(getattr(named[key], name))
            for key, amount in grams.items()
        )
        / finished_g
        for name in DECIMALS
    }
    energy_kj = {"energy_kj": float(round(exact["energy_kcal"] * KJ_PER_KCAL))}
    return energy_kj | {
        name: float(round(value, DECIMALS[name])) for name, value in exact.items()
    }
