"""The demo bakery's store room. Nutrition per 100 g, as on a supplier's sheet."""

from __future__ import annotations

from shop.demo.kinds import DemoIngredient

WHEAT, RYE, BARLEY = ("gluten.wheat",), ("gluten.rye",), ("gluten.barley",)
MILK, EGGS = ("milk",), ("eggs",)
NUTS = ("nuts.almond", "nuts.hazelnut", "nuts.pistachio")


def _flour(name: str, label: str, *numbers: float, **facts) -> DemoIngredient:
    return DemoIngredient(name, label, *numbers, is_flour=True, **facts)


def _of_milk(name: str, label: str, *numbers: float) -> DemoIngredient:
    return DemoIngredient(name, label, *numbers, allergens=MILK, diet="vegetarian")


def _of_eggs(name: str, label: str, *numbers: float) -> DemoIngredient:
    return DemoIngredient(name, label, *numbers, allergens=EGGS, diet="vegetarian")


# name, words on the label; kcal, fat, saturates, carbohydrate, sugars, protein, salt
FLOURS = [
    _flour("Strong white flour", "wheat flour", 345, 1.4, 0.2, 70, 1.0, 12.4, 0.01,
           allergens=WHEAT),
    _flour("Plain white flour", "wheat flour", 343, 1.2, 0.2, 73, 1.2, 9.6, 0.01,
           allergens=WHEAT),
    _flour("Wholemeal wheat flour", "wholemeal wheat flour", 331, 2.2, 0.3, 61, 2.0,
           12.9, 0.01, allergens=WHEAT),
    _flour("Whole rye flour", "wholemeal rye flour", 324, 1.9, 0.3, 62, 3.0, 8.9, 0.01,
           allergens=RYE, may_contain=WHEAT),
    _flour("Semolina", "durum wheat semolina", 350, 1.1, 0.2, 71, 1.7, 12.6, 0.01,
           allergens=WHEAT),
    _flour("Chickpea flour", "chickpea flour", 356, 6.7, 0.7, 47, 10.8, 22.4, 0.16,
           may_contain=WHEAT),
]  # fmt: skip

LEAVENS = [
    DemoIngredient("Fresh yeast", "yeast", 105, 1.9, 0.2, 7.0, 0, 12.0, 0.08),
    DemoIngredient("Ripe wheat starter", "sourdough culture (wheat flour, water)",
                   172, 0.7, 0.1, 34, 0.5, 6.2, 0, allergens=WHEAT),
    DemoIngredient("Ripe rye starter", "sourdough culture (rye flour, water)",
                   162, 0.9, 0.2, 31, 1.5, 4.4, 0, allergens=RYE),
    DemoIngredient("Baking powder", "raising agents (diphosphates, sodium carbonates)",
                   90, 0, 0, 22, 0, 0, 28.0),
    DemoIngredient("Bicarbonate of soda", "raising agent (sodium bicarbonate)",
                   0, 0, 0, 0, 0, 0, 68.0),
]  # fmt: skip

DAIRY = [
    _of_milk("Whole milk", "whole milk", 64, 3.6, 2.3, 4.7, 4.7, 3.4, 0.1),
    _of_milk("Milk powder", "skimmed milk powder", 358, 0.8, 0.5, 52, 52, 35, 1.2),
    _of_milk("Butter", "butter (milk)", 744, 82, 52, 0.6, 0.6, 0.6, 0.03),
    _of_milk("Ghee", "ghee (milk)", 898, 99.8, 62, 0, 0, 0, 0),
    _of_milk("Whipping cream", "whipping cream (milk)", 337, 35, 22, 3.0, 3.0, 2.1,
             0.07),
    _of_milk("Cream cheese", "full-fat soft cheese (milk)", 252, 24, 16, 3.4, 3.4, 5.4,
             0.7),
    _of_milk("Buttermilk", "buttermilk", 37, 0.5, 0.3, 4.3, 4.3, 3.4, 0.12),
    _of_eggs("Eggs", "free-range eggs", 131, 9.0, 2.5, 0.4, 0.4, 12.6, 0.38),
    _of_eggs("Egg whites", "free-range egg white", 49, 0.2, 0, 0.7, 0.7, 10.8, 0.42),
    _of_eggs("Egg yolks", "free-range egg yolk", 344, 30, 9.0, 1.0, 0.6, 16.1, 0.12),
]  # fmt: skip

SUGARS_AND_FATS = [
    DemoIngredient("Caster sugar", "sugar", 400, 0, 0, 100, 100, 0, 0),
    DemoIngredient("Icing sugar", "icing sugar", 398, 0, 0, 99.5, 98, 0, 0),
    DemoIngredient("Light brown sugar", "brown sugar", 394, 0, 0, 98, 98, 0.1, 0.05),
    DemoIngredient("Demerara sugar", "demerara sugar", 396, 0, 0, 99, 99, 0, 0.01),
    DemoIngredient("Barley malt extract", "barley malt extract", 318, 0.2, 0, 74, 60,
                   5.5, 0.1, allergens=BARLEY),
    DemoIngredient("Malted barley flour", "malted barley flour", 361, 1.8, 0.4, 71,
                   1.0, 10.3, 0.03, allergens=BARLEY),
    DemoIngredient("Olive oil", "extra virgin olive oil", 824, 91.6, 14, 0, 0, 0, 0),
    DemoIngredient("Rapeseed oil", "rapeseed oil", 824, 91.6, 6.6, 0, 0, 0, 0),
]  # fmt: skip

FRUIT_NUTS_AND_SEEDS = [
    DemoIngredient("Blueberries", "blueberries", 57, 0.3, 0, 12, 10, 0.7, 0),
    DemoIngredient("Raspberries", "raspberries", 39, 0.7, 0, 4.6, 4.4, 1.2, 0),
    DemoIngredient("Lemon juice", "lemon juice", 22, 0.2, 0, 2.5, 2.5, 0.4, 0),
    DemoIngredient("Lemon zest", "lemon zest", 47, 0.3, 0, 5.4, 4.2, 1.5, 0.01),
    DemoIngredient("Cherry tomatoes", "cherry tomatoes", 21, 0.3, 0.1, 3.1, 3.0, 0.9,
                   0.01),
    DemoIngredient("Raisins", "raisins", 299, 0.5, 0.1, 72, 66, 3.1, 0.05),
    DemoIngredient("Glacé cherries",
                   "glacé cherries (cherries, glucose-fructose syrup, sugar, "
                   "preservative: sulphur dioxide)",
                   320, 0.1, 0, 79, 66, 0.4, 0.05, allergens=("sulphites",)),
    DemoIngredient("Prunes", "prunes", 240, 0.4, 0.1, 57, 38, 2.2, 0.01),
    DemoIngredient("Candied peel", "candied orange peel (orange peel, sugar, glucose)",
                   318, 0.5, 0.1, 78, 70, 0.3, 0.1, may_contain=("sulphites",)),
    DemoIngredient("Ground almonds", "ground almonds", 618, 53, 4.4, 7, 4.4, 23, 0.01,
                   allergens=("nuts.almond",),
                   may_contain=("nuts.hazelnut", "nuts.walnut")),
    DemoIngredient("Pistachios", "pistachios", 580, 46, 5.7, 18, 7.7, 20, 0.01,
                   allergens=("nuts.pistachio",),
                   may_contain=("nuts.almond", "nuts.cashew")),
    DemoIngredient("Sesame seeds", "sesame seeds", 596, 53, 7.6, 6, 0.4, 20, 0.03,
                   allergens=("sesame",)),
    DemoIngredient("Poppy seeds", "poppy seeds", 540, 44, 4.9, 13, 3.0, 20, 0.06,
                   may_contain=("sesame",)),
    DemoIngredient("Pumpkin seeds", "pumpkin seeds", 577, 47, 9.0, 10, 1.4, 27, 0.02,
                   may_contain=("sesame",)),
    DemoIngredient("Sunflower seeds", "sunflower seeds", 596, 50, 4.6, 14, 2.6, 20,
                   0.01, may_contain=("sesame",)),
    DemoIngredient("Linseed", "linseed", 515, 42, 3.7, 3, 1.6, 18, 0.08,
                   may_contain=("sesame",)),
]  # fmt: skip

FLAVOURS = [
    DemoIngredient("Water", "water"),
    DemoIngredient("Fine sea salt", "sea salt", salt=99.0),
    DemoIngredient("Flaky sea salt", "sea salt", salt=98.0),
    DemoIngredient("Cinnamon", "cinnamon", 247, 1.2, 0.4, 27, 2.2, 4.0, 0.03),
    DemoIngredient("Cardamom", "cardamom", 311, 6.7, 0.7, 40, 0, 10.8, 0.05),
    DemoIngredient("Mixed spice", "mixed spice", 320, 8.0, 3.0, 45, 3.0, 6.0, 0.1,
                   may_contain=("celery", "mustard")),
    DemoIngredient("Caraway", "caraway", 333, 14.6, 0.6, 12, 0.6, 19.8, 0.04),
    DemoIngredient("Rosemary", "rosemary", 131, 5.9, 2.8, 6.6, 0, 3.3, 0.07),
    DemoIngredient("Vanilla", "vanilla extract", 288, 0.1, 0, 12.7, 12.7, 0.1, 0.02),
    DemoIngredient("Dark rum", "dark rum", 231),
    DemoIngredient("Cocoa powder", "cocoa powder", 355, 21, 13, 12, 1.5, 20, 0.1,
                   may_contain=MILK),
    DemoIngredient("Dark chocolate, 60 %",
                   "dark chocolate (cocoa mass, sugar, cocoa butter, emulsifier: "
                   "soya lecithin)",
                   545, 37, 22, 42, 39, 6.7, 0.02,
                   allergens=("soy",), may_contain=(*MILK, *NUTS)),
    DemoIngredient("Sugar sprinkles",
                   "sugar sprinkles (sugar, corn starch, rapeseed oil, spirulina, "
                   "beetroot red, carotenes)", 394, 2.1, 0.3, 93, 88, 0.2, 0.02),
    DemoIngredient("Cornflour", "cornflour", 354, 0.7, 0.1, 86, 0, 0.6, 0.02),
    DemoIngredient("Baker's lye", "acidity regulator (sodium hydroxide)"),
]  # fmt: skip

INGREDIENTS = (
    FLOURS + LEAVENS + DAIRY + SUGARS_AND_FATS + FRUIT_NUTS_AND_SEEDS + FLAVOURS
)
