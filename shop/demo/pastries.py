"""Everything with butter between the layers, and what is rolled, filled or fried."""

from __future__ import annotations

from shop.demo.kinds import DemoProduct, DemoRecipe, Sold

RECIPES = [
    DemoRecipe(
        "Croissant détrempe",
        {
            "Strong white flour": 1000,
            "Whole milk": 300,
            "Water": 210,
            "Caster sugar": 120,
            "Butter": 60,
            "Fresh yeast": 40,
            "Fine sea salt": 20,
            "Malted barley flour": 5,
        },
        "Mix cool and short, flatten, chill two hours.",
        mixer_max_g=20_000,
    ),
    DemoRecipe(
        "Croissant dough",
        {"Croissant détrempe": 1755, "Butter": 520},
        "Lock the butter in, one double and one single turn, a night at 2 °C.",
        days_before=1,
    ),
    DemoRecipe(
        "Croissant, shaped",
        {"Croissant dough": 82, "Egg wash": 2},
        "Roll to 4 mm, cut, roll up, prove 2½ hours at 26 °C. 18 minutes at 185 °C.",
        kind="product",
    ),
    DemoRecipe(
        "Pain au chocolat, shaped",
        {"Croissant dough": 80, "Dark chocolate, 60 %": 11, "Egg wash": 2},
        "Two sticks each, seam below, prove 2½ hours. 18 minutes at 185 °C.",
        kind="product",
    ),
    DemoRecipe(
        "Sweet dough",
        {
            "Strong white flour": 1000,
            "Whole milk": 480,
            "Butter": 150,
            "Caster sugar": 120,
            "Eggs": 110,
            "Fresh yeast": 36,
            "Fine sea salt": 15,
            "Cardamom": 5,
        },
        "Knead to a window, prove one hour, chill.",
        mixer_max_g=20_000,
    ),
    DemoRecipe(
        "Cinnamon filling",
        {
            "Light brown sugar": 500,
            "Butter": 400,
            "Cinnamon": 60,
            "Fine sea salt": 4,
        },
        "Beat soft; spread to the edge.",
        kind="filling",
    ),
    DemoRecipe(
        "Soft cheese icing",
        {
            "Icing sugar": 700,
            "Cream cheese": 250,
            "Butter": 100,
            "Lemon juice": 30,
        },
        "Beat smooth; pipe on rolls that are just warm.",
        kind="filling",
    ),
    DemoRecipe(
        "Cinnamon roll",
        {"Sweet dough": 80, "Cinnamon filling": 22, "Soft cheese icing": 18},
        "Roll to 5 mm, spread, roll up, cut, prove. 16 minutes at 185 °C, ice.",
        kind="product",
    ),
    DemoRecipe(
        "Doughnut dough",
        {
            "Strong white flour": 1000,
            "Whole milk": 420,
            "Eggs": 160,
            "Butter": 100,
            "Caster sugar": 90,
            "Fresh yeast": 35,
            "Fine sea salt": 14,
            "Lemon zest": 6,
        },
        "Knead well, prove, roll to 12 mm, cut rings, prove on cloths.",
        mixer_max_g=16_000,
    ),
    DemoRecipe(
        "Raspberry glaze",
        {"Icing sugar": 800, "Raspberries": 180, "Lemon juice": 20},
        "Sieve the berries, stir with the sugar.",
        kind="filling",
    ),
    DemoRecipe(
        "Chocolate glaze",
        {
            "Dark chocolate, 60 %": 500,
            "Whipping cream": 300,
            "Butter": 80,
            "Icing sugar": 120,
        },
        "Melt gently, use at 34 °C.",
        kind="filling",
    ),
    DemoRecipe(
        "Raspberry doughnut",
        {
            "Doughnut dough": 58,
            "Rapeseed oil": 7,
            "Raspberry glaze": 16,
            "Sugar sprinkles": 3,
        },
        "Fry 55 seconds a side at 178 °C; the oil is what stays in. Glaze, sprinkle.",
        kind="product",
    ),
    DemoRecipe(
        "Chocolate doughnut",
        {"Doughnut dough": 58, "Rapeseed oil": 7, "Chocolate glaze": 18},
        "Fry 55 seconds a side at 178 °C, dip while warm, stripe with white icing.",
        kind="product",
    ),
    DemoRecipe(
        "Choux shells",
        {
            "Eggs": 420,
            "Water": 250,
            "Plain white flour": 250,
            "Butter": 220,
            "Whole milk": 160,
            "Caster sugar": 10,
            "Fine sea salt": 6,
        },
        "Dry the paste in the pan, beat in the eggs, pipe 13 cm. 38 minutes at 175 °C.",
        loss_permille=340,
    ),
    DemoRecipe(
        "Vanilla cream",
        {
            "Whole milk": 500,
            "Whipping cream": 400,
            "Egg yolks": 110,
            "Caster sugar": 110,
            "Cornflour": 42,
            "Vanilla": 8,
        },
        "Cook the custard, chill, fold in the whipped cream.",
        kind="filling",
        loss_permille=30,
    ),
    DemoRecipe(
        "Éclair",
        {"Choux shells": 34, "Vanilla cream": 52, "Chocolate glaze": 19},
        "Fill from below, dip, pipe a zigzag.",
        kind="product",
    ),
]

PRODUCTS = [
    DemoProduct(
        slug="croissant",
        name="Butter croissant",
        category="pastries",
        summary="Shattering shell, honeycomb inside, all butter.",
        description="Two days from flour to flake: mixed and folded with cold butter "
        "the day before, proved slowly, baked dark. Listen when you break one open.",
        keeping="Today, while it crackles. Tomorrow give it 4 minutes at 170 °C.",
        serving="As it is. Jam if you must.",
        alt="Butter croissants, curved, flaky and golden brown",
        sold=(
            Sold("croissant", "Single", 260, 68, "Croissant, shaped", 84, 15,
                 draws={"Oven": 2}),
            Sold("croissant-4", "Box of four", 960, 272, "Croissant, shaped", 336, 4,
                 4, {"Oven": 6}),
        ),
        daily_limit=180,
        is_featured=True,
    ),
    DemoProduct(
        slug="pain-au-chocolat",
        name="Pain au chocolat",
        category="pastries",
        summary="Croissant dough around two sticks of dark chocolate.",
        description="Our two-day croissant dough, rolled around chocolate with 60 % "
        "cocoa that stays soft until noon.",
        keeping="Today; warm it for 4 minutes tomorrow and the chocolate melts again.",
        serving="Warm, with milky coffee or cold milk.",
        alt="Pains au chocolat with layered ends and dark chocolate showing",
        sold=(
            Sold("pain-au-chocolat", "", 290, 78, "Pain au chocolat, shaped", 93, 15,
                 draws={"Oven": 2}),
        ),
        daily_limit=96,
    ),
    DemoProduct(
        slug="cinnamon-roll",
        name="Cinnamon roll",
        category="pastries",
        summary="Cardamom dough, dark sugar and cinnamon, soft cheese icing.",
        description="Rolled thin so there is more swirl than bread, baked close "
        "together for tender sides, iced while just warm.",
        keeping="Covered for 2 days; 15 seconds in the microwave brings it back.",
        serving="From the outside in, saving the middle.",
        alt="Cinnamon rolls with a dark spiral and white icing",
        sold=(
            Sold("cinnamon-roll", "Single", 340, 110, "Cinnamon roll", 120, 12,
                 draws={"Oven": 2}),
            Sold("cinnamon-roll-6", "Tray of six", 1890, 660, "Cinnamon roll", 720, 2,
                 6, {"Oven": 10}),
        ),
        daily_limit=96,
        is_featured=True,
    ),
    DemoProduct(
        slug="doughnut",
        name="Ring doughnut",
        category="pastries",
        summary="Light yeast rings: raspberry with sprinkles, or dark chocolate.",
        description="Proved on cloths, fried fresh in rapeseed oil and glazed by hand. "
        "The pink comes from raspberries, the brown from real chocolate.",
        keeping="Made to be eaten within hours.",
        serving="With somebody to share the other flavour.",
        alt="Ring doughnuts, one glazed pink with sprinkles, one chocolate",
        sold=(
            Sold("doughnut-raspberry", "Raspberry", 280, 80, "Raspberry doughnut", 84,
                 18),
            Sold("doughnut-chocolate", "Chocolate", 290, 80, "Chocolate doughnut", 83,
                 18),
        ),
        weekdays="Wed Thu Fri Sat Sun",
        daily_limit=120,
    ),
    DemoProduct(
        slug="eclair",
        name="Chocolate éclair",
        category="pastries",
        summary="Crisp choux, cool vanilla cream, a snap of dark glaze.",
        description="Filled in the morning, never before, so the shell is still crisp "
        "when it reaches you.",
        keeping="In the fridge, and today.",
        serving="Cold, with a small fork or none.",
        alt="Chocolate éclairs filled with cream",
        sold=(
            Sold("eclair", "", 390, 102, "Éclair", 105, 16, draws={"Oven": 1}),
        ),
        weekdays="Thu Fri Sat Sun",
        daily_limit=60,
    ),
]  # fmt: skip
