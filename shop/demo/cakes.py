"""Cakes. Their sponges lose water in the oven, so the loss stands in the recipe."""

from __future__ import annotations

from datetime import time

from shop.demo.kinds import DemoProduct, DemoRecipe, Sold

RECIPES = [
    DemoRecipe(
        "Blueberry muffin batter",
        {
            "Plain white flour": 1000,
            "Blueberries": 720,
            "Caster sugar": 520,
            "Buttermilk": 500,
            "Eggs": 380,
            "Rapeseed oil": 300,
            "Demerara sugar": 60,
            "Baking powder": 36,
            "Lemon zest": 12,
            "Fine sea salt": 8,
        },
        "Fold, do not beat; berries last. Demerara on top. 26 minutes at 190 °C.",
        mixer_max_g=12_000,
    ),
    DemoRecipe(
        "Butter sponge",
        {
            "Eggs": 500,
            "Butter": 500,
            "Caster sugar": 490,
            "Plain white flour": 490,
            "Whole milk": 50,
            "Baking powder": 20,
            "Vanilla": 6,
            "Fine sea salt": 3,
        },
        "Cream the butter and sugar pale, eggs one by one. 28 minutes at 170 °C.",
        loss_permille=100,
        mixer_max_g=12_000,
    ),
    DemoRecipe(
        "Raspberry jam",
        {"Raspberries": 560, "Caster sugar": 480, "Lemon juice": 20},
        "Boil hard to 104 °C.",
        kind="filling",
        days_before=1,
        loss_permille=240,
    ),
    DemoRecipe(
        "Whipped cream",
        {"Whipping cream": 300, "Icing sugar": 20, "Vanilla": 2},
        "Whip to soft peaks, just before filling.",
        kind="filling",
    ),
    DemoRecipe(
        "Victoria sponge, filled",
        {
            "Butter sponge": 700,
            "Whipped cream": 230,
            "Raspberry jam": 180,
            "Raspberries": 30,
            "Icing sugar": 10,
        },
        "Two layers of 20 cm, jam, cream, a dusting of sugar, berries.",
        kind="product",
    ),
    DemoRecipe(
        "Vanilla buttercream",
        {
            "Butter": 500,
            "Caster sugar": 380,
            "Egg whites": 230,
            "Vanilla": 10,
            "Fine sea salt": 2,
        },
        "Warm whites and sugar to 71 °C, whip cold, add the butter.",
        kind="filling",
        mixer_max_g=8_000,
    ),
    DemoRecipe(
        "Chocolate sponge",
        {
            "Eggs": 500,
            "Caster sugar": 480,
            "Butter": 400,
            "Plain white flour": 380,
            "Buttermilk": 240,
            "Cocoa powder": 110,
            "Baking powder": 18,
            "Fine sea salt": 4,
        },
        "As the butter sponge, the cocoa stirred into the buttermilk.",
        loss_permille=100,
        mixer_max_g=12_000,
    ),
    DemoRecipe(
        "Birthday cake",
        {
            "Chocolate sponge": 620,
            "Vanilla buttercream": 430,
            "Chocolate glaze": 120,
            "Sugar sprinkles": 15,
            "Raspberry jam": 65,
        },
        "Three layers, jam and cream between, coat, chill, drip, pipe, write.",
        kind="product",
    ),
    DemoRecipe(
        "Fruit in rum",
        {
            "Raisins": 420,
            "Prunes": 260,
            "Glacé cherries": 180,
            "Candied peel": 100,
            "Dark rum": 120,
        },
        "Steep, covered, for a night and a day.",
        kind="filling",
        days_before=1,
    ),
    DemoRecipe(
        "Plum cake",
        {
            "Fruit in rum": 1080,
            "Plain white flour": 420,
            "Butter": 360,
            "Light brown sugar": 360,
            "Eggs": 360,
            "Ground almonds": 120,
            "Mixed spice": 12,
            "Baking powder": 8,
            "Fine sea salt": 4,
        },
        "Cream, fold in the fruit. 75 minutes at 150 °C; a day's rest before the "
        "first cut.",
        days_before=1,
        loss_permille=80,
        mixer_max_g=12_000,
    ),
]

PRODUCTS = [
    DemoProduct(
        slug="blueberry-muffin",
        name="Blueberry muffin",
        category="cakes",
        summary="More berry than batter, with a cracked, sugary top.",
        description="Buttermilk keeps it tender, lemon zest keeps it bright, and the "
        "blueberries burst in the oven.",
        keeping="In a tin for 2 days.",
        serving="Slightly warm, at eleven in the morning.",
        alt="Blueberry muffins with cracked sugary tops in paper cases",
        sold=(
            Sold("blueberry-muffin", "Single", 310, 100, "Blueberry muffin batter",
                 112, 12, draws={"Oven": 2}),
            Sold("blueberry-muffin-4", "Box of four", 1150, 400,
                 "Blueberry muffin batter", 448, 3, 4, {"Oven": 6}),
        ),
        daily_limit=72,
        is_featured=True,
    ),
    DemoProduct(
        slug="victoria-sponge",
        name="Victoria sponge",
        category="cakes",
        summary="Butter sponge, our raspberry jam, a good deal of whipped cream.",
        description="Equal weights of egg, butter, sugar and flour, as it should be. "
        "The jam is boiled here with more raspberry than sugar.",
        keeping="In the fridge for 2 days; let it stand half an hour before serving.",
        serving="With strong tea, in slices that are slightly too big.",
        alt="Victoria sponge with jam and cream, a slice cut out, dusted with sugar",
        sold=(
            Sold("victoria-sponge-slice", "Slice", 420, 115, "Victoria sponge, filled",
                 115, 20, draws={"Oven": 1}),
            Sold("victoria-sponge", "Whole, 20 cm, ten slices", 3400, 1150,
                 "Victoria sponge, filled", 1150, 2, 10,
                 {"Oven": 10, "Decorator": 1}),
        ),
        weekdays="Thu Fri Sat Sun",
        daily_limit=60,
        max_per_order=12,
    ),
    DemoProduct(
        slug="birthday-cake",
        name="Birthday cake",
        category="cakes",
        summary="Chocolate layers, vanilla buttercream, a dark drip and your words.",
        description="Three layers of chocolate sponge with raspberry jam, coated in "
        "silky buttercream, finished by our decorator the morning you fetch it. Tell "
        "us what to write.",
        keeping="In the fridge for 3 days; take it out two hours before the candles.",
        serving="Knife in hot water, wiped after every slice.",
        alt="Iced birthday cake with piped cream, sprinkles and candles",
        sold=(
            Sold("birthday-cake", "16 cm, eight portions", 3900, 1250, "Birthday cake",
                 1250, 4, draws={"Oven": 10, "Decorator": 4}),
            Sold("birthday-cake-large", "22 cm, sixteen portions", 6400, 2500,
                 "Birthday cake", 2500, 2, draws={"Oven": 20, "Decorator": 6}),
        ),
        lead_days=2,
        order_until=time(12, 0),
        daily_limit=8,
        max_per_order=3,
        options=("cake-message", "candles"),
    ),
    DemoProduct(
        slug="plum-cake",
        name="Plum cake",
        category="cakes",
        summary="Winter's dark loaf: rum-soaked fruit, almonds and warm spice.",
        description="Raisins, prunes and cherries lie in rum before they meet the "
        "batter, and the loaf rests before we let anyone cut it. From November to "
        "Twelfth Night.",
        keeping="Wrapped, in a tin, for a month. It only gets better.",
        serving="In thin slices with a sharp cheese, or with coffee at four.",
        alt="Dark plum cake loaf with raisins and cherries, two slices cut",
        sold=(
            Sold("plum-cake", "Small loaf", 1150, 450, "Plum cake", 450, 12,
                 draws={"Oven": 4}),
            Sold("plum-cake-large", "Large loaf", 2050, 900, "Plum cake", 900, 6, 2,
                 {"Oven": 6}),
        ),
        season=("11-01", "01-06"),
        lead_days=2,
        daily_limit=40,
    ),
]  # fmt: skip
