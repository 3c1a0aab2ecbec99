"""Rolls and buns. A piece is written with what lies on it."""

from __future__ import annotations

from shop.demo.kinds import DemoProduct, DemoRecipe, Sold

RECIPES = [
    DemoRecipe(
        "Egg wash",
        {"Eggs": 100, "Egg yolks": 30, "Whole milk": 20, "Fine sea salt": 1},
        "Whisk and strain.",
        kind="filling",
    ),
    DemoRecipe(
        "Soft bun dough",
        {
            "Strong white flour": 1000,
            "Whole milk": 350,
            "Water": 140,
            "Eggs": 100,
            "Butter": 100,
            "Caster sugar": 80,
            "Fresh yeast": 30,
            "Fine sea salt": 18,
        },
        "Knead to a window, prove one hour, scale, round tightly.",
        mixer_max_g=24_000,
    ),
    DemoRecipe(
        "Sesame bun",
        {"Soft bun dough": 85, "Egg wash": 3, "Sesame seeds": 4},
        "Prove 50 minutes, wash, seed. 14 minutes at 200 °C.",
        kind="product",
    ),
    DemoRecipe(
        "Pav dough",
        {
            "Strong white flour": 1000,
            "Whole milk": 300,
            "Water": 300,
            "Butter": 70,
            "Caster sugar": 60,
            "Fresh yeast": 26,
            "Milk powder": 20,
            "Fine sea salt": 18,
        },
        "Knead long and soft, prove one hour, nine balls of 46 g to a tin, touching.",
        mixer_max_g=24_000,
    ),
    DemoRecipe(
        "Pav, buttered",
        {"Pav dough": 414, "Butter": 9, "Whole milk": 6},
        "Brush with milk, 18 minutes at 190 °C, brush with butter while hot.",
        kind="product",
    ),
    DemoRecipe(
        "Brioche dough",
        {
            "Strong white flour": 1000,
            "Eggs": 520,
            "Butter": 500,
            "Caster sugar": 140,
            "Whole milk": 70,
            "Fresh yeast": 38,
            "Fine sea salt": 20,
        },
        "Cold eggs, long kneading, butter last. A night at 4 °C.",
        days_before=1,
        mixer_max_g=14_000,
    ),
    DemoRecipe(
        "Brioche, shaped",
        {"Brioche dough": 100, "Egg wash": 3},
        "Fluted tins, a small ball on a large one, prove two hours, wash twice.",
        kind="product",
    ),
    DemoRecipe(
        "Bagel dough",
        {
            "Strong white flour": 1000,
            "Water": 550,
            "Barley malt extract": 30,
            "Fine sea salt": 20,
            "Fresh yeast": 8,
        },
        "Stiff dough, shape at once, a night at 4 °C.",
        days_before=1,
        mixer_max_g=20_000,
    ),
    DemoRecipe(
        "Bagel, seeded",
        {"Bagel dough": 108, "Sesame seeds": 4, "Poppy seeds": 3},
        "Boil half a minute a side, dip in seeds. 17 minutes at 230 °C.",
        kind="product",
    ),
    DemoRecipe(
        "Pretzel dough",
        {
            "Strong white flour": 1000,
            "Water": 510,
            "Butter": 40,
            "Fine sea salt": 18,
            "Fresh yeast": 16,
            "Barley malt extract": 12,
        },
        "Stiff dough, rest, roll long with thin arms, cross and press.",
        mixer_max_g=20_000,
    ),
    DemoRecipe(
        "Pretzel, salted",
        {"Pretzel dough": 96, "Baker's lye": 1, "Flaky sea salt": 2},
        "Chill uncovered, dip in lye of 4 % with gloves and goggles, cut, salt. 13 "
        "minutes at 230 °C.",
        kind="product",
    ),
    DemoRecipe(
        "Seed soaker",
        {
            "Pumpkin seeds": 60,
            "Sunflower seeds": 60,
            "Linseed": 40,
            "Water": 160,
        },
        "Hot water over the seeds, cover, overnight.",
        kind="pre-dough",
        days_before=1,
    ),
    DemoRecipe(
        "Seeded roll dough",
        {
            "Strong white flour": 700,
            "Wholemeal wheat flour": 300,
            "Water": 580,
            "Seed soaker": 320,
            "Fine sea salt": 22,
            "Fresh yeast": 20,
        },
        "Knead, fold the soaker in last, prove 80 minutes.",
        mixer_max_g=24_000,
    ),
    DemoRecipe(
        "Seeded roll",
        {
            "Seeded roll dough": 92,
            "Pumpkin seeds": 4,
            "Sunflower seeds": 2,
            "Linseed": 1,
            "Sesame seeds": 1,
        },
        "Shape oval, roll in seeds, prove. 19 minutes at 225 °C with steam.",
        kind="product",
    ),
]

PRODUCTS = [
    DemoProduct(
        slug="sesame-bun",
        name="Sesame buns",
        category="rolls-buns",
        summary="Glossy, soft burger buns under a proper shower of sesame.",
        description="Enriched with milk, egg and butter, strong enough for a burger "
        "and soft enough for breakfast. Washed with egg, so the seeds stay on.",
        keeping="In the bag for 3 days; freeze what you will not eat.",
        serving="Split, toast the cut sides in butter, then fill.",
        alt="Three glossy round buns sprinkled with sesame",
        sold=(
            Sold("sesame-bun-4", "Bag of four", 390, 320, "Sesame bun", 368, 6, 4,
                 {"Oven": 4}),
            Sold("sesame-bun", "Single", 110, 80, "Sesame bun", 92, 24,
                 draws={"Oven": 1}),
        ),
        daily_limit=160,
        is_featured=True,
    ),
    DemoProduct(
        slug="seeded-rolls",
        name="Seeded rolls",
        category="rolls-buns",
        summary="Pumpkin, sunflower, linseed and sesame, inside and out.",
        description="A third wholemeal, with seeds that have soaked overnight so they "
        "stay juicy in the crumb, and more seeds toasted on the crust.",
        keeping="Fresh for 2 days; crisp them for 4 minutes at 200 °C.",
        serving="With soft cheese, with soup, or as the roll that makes a lunch.",
        alt="Oval rolls covered with pumpkin, sunflower, linseed and sesame",
        sold=(
            Sold("seeded-rolls-4", "Bag of four", 400, 340, "Seeded roll", 400, 6, 4,
                 {"Oven": 4}),
            Sold("seeded-roll", "Single", 115, 85, "Seeded roll", 100, 24,
                 draws={"Oven": 1}),
        ),
        tax="Plain bread",
        daily_limit=160,
    ),
    DemoProduct(
        slug="pav",
        name="Pav",
        category="rolls-buns",
        summary="Nine pull-apart rolls, brushed with butter, soft as a pillow.",
        description="The rolls of Bombay's street stalls: a milky dough, baked side "
        "by side so that the flanks stay white and feathery.",
        keeping="In its bag for 2 days. Steam or warm it in a covered pan.",
        serving="Toasted in butter beside a bhaji, or around a spiced potato.",
        alt="A pull-apart block of nine soft dinner rolls, one pulled away",
        sold=(
            Sold("pav", "Block of nine", 420, 375, "Pav, buttered", 429, 6,
                 draws={"Oven": 5}),
        ),
        daily_limit=40,
    ),
    DemoProduct(
        slug="brioche",
        name="Brioche",
        category="rolls-buns",
        summary="Half a pound of butter to a pound of flour, and you can taste it.",
        description="A golden head on a fluted base. Eggs instead of water, butter "
        "worked in slowly, a cold night to firm up: rich, yet light enough to pull "
        "into threads.",
        keeping="In a tin for 3 days. It makes the best French toast after that.",
        serving="Plain with coffee, with jam, or warm beside a soft-boiled egg.",
        alt="Brioche with a fluted base and a little round head, glossy and golden",
        sold=(
            Sold("brioche", "Small", 210, 60, "Brioche, shaped", 68, 20,
                 draws={"Oven": 1}),
            Sold("brioche-large", "Large, for six", 780, 420, "Brioche, shaped", 470,
                 8, 6, {"Oven": 5}),
        ),
        weekdays="Wed Fri Sat Sun",
        daily_limit=96,
    ),
    DemoProduct(
        slug="bagel",
        name="Bagels with sesame and poppy",
        category="rolls-buns",
        summary="Boiled first, then baked: a thin shine, a proper chew.",
        description="A stiff dough with barley malt, shaped by hand and kept cold "
        "overnight. Each one is boiled, dipped in seeds and baked hot.",
        keeping="Fresh for a day. Slice and freeze, toast from frozen.",
        serving="Soft cheese and cucumber, or smoked salmon and a squeeze of lemon.",
        alt="Two shiny bagels with sesame and poppy seeds",
        sold=(
            Sold("bagel", "Single", 160, 100, "Bagel, seeded", 115, 15,
                 draws={"Oven": 2}),
            Sold("bagel-4", "Bag of four", 580, 400, "Bagel, seeded", 460, 4, 4,
                 {"Oven": 6}),
        ),
        tax="Plain bread",
        weekdays="Sat Sun",
        daily_limit=120,
    ),
    DemoProduct(
        slug="pretzel",
        name="Bavarian pretzel",
        category="rolls-buns",
        summary="Mahogany shine, a soft belly, crisp arms and coarse salt.",
        description="Rolled, crossed and dipped in lye the traditional way, which "
        "gives the colour and the taste nothing else gives. Fridays and Saturdays "
        "only.",
        keeping="Eat it the same day; the salt draws water overnight.",
        serving="With cold butter, with mustard, with a beer.",
        alt="Bavarian pretzel, dark and shiny, with coarse salt",
        sold=(
            Sold("pretzel", "", 220, 85, "Pretzel, salted", 99, 12,
                 draws={"Oven": 2}),
        ),
        weekdays="Fri Sat",
        daily_limit=80,
    ),
]  # fmt: skip
