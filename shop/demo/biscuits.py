"""Biscuits. They are sold by the bag or the box, and keep."""

from __future__ import annotations

from shop.demo.kinds import DemoProduct, DemoRecipe, Sold

RECIPES = [
    DemoRecipe(
        "Cookie dough",
        {
            "Plain white flour": 1000,
            "Dark chocolate, 60 %": 760,
            "Butter": 640,
            "Light brown sugar": 540,
            "Caster sugar": 240,
            "Eggs": 220,
            "Vanilla": 12,
            "Fine sea salt": 12,
            "Bicarbonate of soda": 10,
        },
        "Brown a third of the butter. Rest the dough overnight. 12 minutes at 180 °C.",
        days_before=1,
        mixer_max_g=12_000,
    ),
    DemoRecipe(
        "Nankhatai dough",
        {
            "Plain white flour": 640,
            "Ghee": 580,
            "Icing sugar": 420,
            "Chickpea flour": 220,
            "Semolina": 120,
            "Pistachios": 40,
            "Cardamom": 9,
            "Baking powder": 6,
            "Fine sea salt": 3,
        },
        "Cream the ghee until white, rub in the rest, roll, press a pistachio in. 22 "
        "minutes at 160 °C.",
        mixer_max_g=10_000,
    ),
    DemoRecipe(
        "Khari dough",
        {
            "Plain white flour": 1000,
            "Butter": 760,
            "Water": 480,
            "Fine sea salt": 18,
            "Lemon juice": 15,
            "Caraway": 8,
        },
        "Six single turns with long rests, roll to 6 mm, cut. 30 minutes at 190 °C, "
        "then dry out.",
        days_before=1,
        mixer_max_g=16_000,
    ),
]

PRODUCTS = [
    DemoProduct(
        slug="chocolate-cookie",
        name="Chocolate chunk cookie",
        category="biscuits",
        summary="Crisp rim, soft heart, chunks of 60 % chocolate, a little salt.",
        description="Browned butter and a night's rest make it taste of toffee. We "
        "chop the chocolate by hand, so every bite is different.",
        keeping="In a tin for 5 days.",
        serving="With cold milk, or one minute in a warm oven first.",
        alt="Chunky cookies with dark chocolate pieces",
        sold=(
            Sold("chocolate-cookie", "Single", 250, 75, "Cookie dough", 82, 15,
                 draws={"Oven": 1}),
            Sold("chocolate-cookie-6", "Box of six", 1350, 450, "Cookie dough", 492, 3,
                 6, {"Oven": 5}),
        ),
        daily_limit=150,
        is_featured=True,
    ),
    DemoProduct(
        slug="nankhatai",
        name="Nankhatai",
        category="biscuits",
        summary="Indian shortbread with cardamom, ghee and a green crown of pistachio.",
        description="Sandy and tender, wheat with chickpea flour and semolina, the "
        "kind that is gone before the tea has drawn. Made without egg.",
        keeping="In a tin for 3 weeks, if hidden.",
        serving="With masala chai.",
        alt="Nankhatai, domed Indian shortbread with pistachio",
        sold=(
            Sold("nankhatai", "Bag of ten", 620, 250, "Nankhatai dough", 275, 4,
                 draws={"Oven": 4}),
        ),
        daily_limit=40,
    ),
    DemoProduct(
        slug="khari",
        name="Khari",
        category="biscuits",
        summary="Crisp, salty puff biscuits with caraway, made for dunking.",
        description="Hundreds of layers of dough and butter, baked twice until they "
        "are dry and snap. The tea-stall classic.",
        keeping="Airtight for 2 weeks. Five minutes at 150 °C revives them.",
        serving="Dunked in tea, for exactly two seconds.",
        alt="A stack of khari, crisp flaky puff biscuits",
        sold=(
            Sold("khari", "Bag", 480, 200, "Khari dough", 272, 4,
                 draws={"Oven": 4}),
        ),
        daily_limit=40,
    ),
]  # fmt: skip
