"""Loaves. Most doughs are written for a kilo of flour, so that grams over ten are
baker's percentages."""

from __future__ import annotations

from shop.demo.kinds import DemoProduct, DemoRecipe, Sold

RECIPES = [
    DemoRecipe(
        "Tangzhong",
        {"Strong white flour": 50, "Whole milk": 250},
        "Whisk cold, cook to 65 °C until it falls in ribbons, cover, cool overnight.",
        kind="pre-dough",
        days_before=1,
        loss_permille=60,
        mixer_max_g=8_000,
    ),
    DemoRecipe(
        "Milk bread dough",
        {
            "Strong white flour": 950,
            "Tangzhong": 282,
            "Whole milk": 380,
            "Eggs": 110,
            "Caster sugar": 110,
            "Milk powder": 40,
            "Fresh yeast": 30,
            "Fine sea salt": 18,
            "Butter": 120,
        },
        "Knead all but the butter 8 minutes, add the butter by thirds until the dough "
        "can be pulled thin as a window. Prove 70 minutes, roll up, three to a tin, "
        "prove to the rim. 32 minutes at 180 °C.",
        mixer_max_g=24_000,
    ),
    DemoRecipe(
        "Country levain",
        {
            "Strong white flour": 200,
            "Wholemeal wheat flour": 50,
            "Water": 250,
            "Ripe wheat starter": 50,
        },
        "Mix at 26 °C in the evening; ripe after ten hours, when it domes.",
        kind="pre-dough",
        days_before=1,
    ),
    DemoRecipe(
        "Country sourdough dough",
        {
            "Strong white flour": 800,
            "Wholemeal wheat flour": 100,
            "Whole rye flour": 100,
            "Water": 690,
            "Country levain": 220,
            "Fine sea salt": 21,
        },
        "Autolyse half an hour, four folds in two hours, shape, ninety minutes in "
        "baskets. One cut, 45 minutes at 250 °C falling, steam at first.",
        mixer_max_g=40_000,
    ),
    DemoRecipe(
        "Poolish",
        {"Strong white flour": 300, "Water": 300, "Fresh yeast": 1},
        "Stir together in the evening, twelve hours at 20 °C.",
        kind="pre-dough",
        days_before=1,
    ),
    DemoRecipe(
        "Baguette dough",
        {
            "Strong white flour": 700,
            "Poolish": 601,
            "Water": 370,
            "Fine sea salt": 19,
            "Fresh yeast": 7,
            "Malted barley flour": 3,
        },
        "Short mix, three folds in two hours, divide, rest, roll long. Five cuts, 24 "
        "minutes at 245 °C with plenty of steam.",
        mixer_max_g=30_000,
    ),
    DemoRecipe(
        "Refreshed rye starter",
        {"Whole rye flour": 90, "Water": 90, "Ripe rye starter": 20},
        "In the evening at 28 °C; ready for the sour next day.",
        kind="pre-dough",
        days_before=1,
    ),
    DemoRecipe(
        "Rye sour",
        {"Whole rye flour": 400, "Water": 380, "Refreshed rye starter": 120},
        "Mix in the evening at 29 °C, ripe after fourteen hours: sharp and fruity.",
        kind="pre-dough",
        days_before=1,
    ),
    DemoRecipe(
        "Rye dough",
        {
            "Rye sour": 900,
            "Whole rye flour": 400,
            "Strong white flour": 200,
            "Water": 300,
            "Barley malt extract": 15,
            "Fine sea salt": 20,
            "Fresh yeast": 8,
            "Caraway": 5,
        },
        "Six minutes slow, half an hour's rest, shape with wet hands, flour, prove "
        "until it cracks. 60 minutes from 260 °C down to 200 °C.",
        mixer_max_g=30_000,
    ),
    DemoRecipe(
        "Sandwich dough",
        {
            "Strong white flour": 1000,
            "Water": 610,
            "Fresh yeast": 22,
            "Rapeseed oil": 18,
            "Fine sea salt": 18,
            "Caster sugar": 12,
        },
        "Knead well, prove one hour, mould, tin with lid. 38 minutes at 210 °C. Slice "
        "when quite cold.",
        mixer_max_g=40_000,
    ),
    DemoRecipe(
        "Focaccia dough",
        {
            "Strong white flour": 1000,
            "Water": 780,
            "Olive oil": 40,
            "Fine sea salt": 20,
            "Fresh yeast": 8,
        },
        "Fold four times in two hours, then a night at 4 °C in oiled trays.",
        days_before=1,
        mixer_max_g=25_000,
    ),
    DemoRecipe(
        "Focaccia, topped",
        {
            "Focaccia dough": 820,
            "Cherry tomatoes": 120,
            "Olive oil": 36,
            "Flaky sea salt": 5,
            "Rosemary": 4,
        },
        "Dimple with oiled fingers, press in the tomatoes. 22 minutes at 240 °C.",
        kind="product",
    ),
]

PRODUCTS = [
    DemoProduct(
        slug="milk-bread",
        name="Milk bread",
        category="breads",
        summary="Three golden domes and a crumb that pulls apart in silky sheets.",
        description="Our first loaf and still the one people queue for. We cook a "
        "little of the flour with milk the evening before; that is what keeps the "
        "crumb cloud-soft for days. Whole milk, real butter, nothing that needs "
        "explaining.",
        keeping="In its bag at room temperature for 4 days. Freezes well for 2 months, "
        "whole or sliced.",
        serving="Pull it apart while it is fresh; toast it thick on day three with "
        "salted butter.",
        alt="Milk bread loaf with three soft, shiny golden domes",
        sold=(
            Sold("milk-bread", "Loaf", 460, 420, "Milk bread dough", 470, 12,
                 draws={"Oven": 4}),
            Sold("milk-bread-large", "Large loaf", 640, 640, "Milk bread dough", 715,
                 8, draws={"Oven": 6}),
        ),
        daily_limit=60,
        is_featured=True,
        options=("slicing",),
    ),
    DemoProduct(
        slug="country-sourdough",
        name="Country sourdough",
        category="breads",
        summary="Dark, crackling crust, open crumb, raised by our own culture alone.",
        description="Wheat with a little wholemeal and rye. The levain works through "
        "the evening and the dough through the night; then it gets one bold cut and "
        "bakes until the crust sings.",
        keeping="Cut side down on a board, under a cloth, for 5 days. Never in the "
        "fridge.",
        serving="With good butter and salt, under soup, or toasted and rubbed with "
        "garlic.",
        alt="Round country sourdough with a dark floured crust and one bold open cut",
        sold=(
            Sold("country-sourdough", "Whole loaf", 640, 800,
                 "Country sourdough dough", 930, 8, 2,
                 {"Oven": 6, "Sourdough culture": 2}),
            Sold("country-sourdough-half", "Half loaf", 340, 400,
                 "Country sourdough dough", 465, 16, 1,
                 {"Oven": 3, "Sourdough culture": 1}),
        ),
        tax="Plain bread",
        daily_limit=90,
        is_featured=True,
        options=("slicing",),
    ),
    DemoProduct(
        slug="baguette",
        name="Baguette",
        category="breads",
        summary="Thin, brittle crust, creamy crumb and the scent of toasted wheat.",
        description="Made on a poolish that ripens for twelve hours, so a plain dough "
        "of flour, water and salt tastes of nuts and cream. Best the day it is baked, "
        "which is the only day we sell it.",
        keeping="Eat today. Tomorrow, wet the crust and give it 5 minutes in a hot "
        "oven.",
        serving="Tear it on the way home; what is left goes with cheese.",
        alt="Two crusty baguettes with golden diagonal cuts",
        sold=(
            Sold("baguette", "", 280, 250, "Baguette dough", 330, 10,
                 draws={"Oven": 3}),
        ),
        tax="Plain bread",
        daily_limit=120,
        is_featured=True,
    ),
    DemoProduct(
        slug="rye-loaf",
        name="Rye loaf",
        category="breads",
        summary="Four parts rye, a three-stage sour, moist and deep for a week.",
        description="A dark oval that takes two days: starter one evening, sour the "
        "next, dough before dawn. Caraway and a spoon of malt round off the sharpness. "
        "Slice it thin.",
        keeping="Wrapped in paper for 7 days; on day two it is at its best.",
        serving="With smoked fish, pickles, strong cheese, or just butter and chives.",
        alt="Dark oval rye loaf, floured and crackled, with a slice cut off",
        sold=(
            Sold("rye-loaf", "Whole loaf", 690, 900, "Rye dough", 1020, 8, 2,
                 {"Oven": 6, "Sourdough culture": 4}),
            Sold("rye-loaf-half", "Half loaf", 360, 450, "Rye dough", 510, 16, 1,
                 {"Oven": 3, "Sourdough culture": 2}),
        ),
        tax="Plain bread",
        weekdays="Tue Thu Sat",
        lead_days=2,
        daily_limit=40,
        options=("slicing",),
    ),
    DemoProduct(
        slug="sliced-sandwich-loaf",
        name="Sliced sandwich loaf",
        category="breads",
        summary="The everyday white loaf: even, tender slices that hold a filling.",
        description="Baked under a lid for a fine, close crumb and corners that fit "
        "the toaster. No milk, no egg, no improver. Cut when it has cooled.",
        keeping="In its bag for 4 days. Freeze it sliced and toast from frozen.",
        serving="Cucumber sandwiches, toast soldiers, the best cheese toastie.",
        alt="Sandwich loaf with soft white slices falling from the end",
        sold=(
            Sold("sliced-sandwich-loaf", "", 420, 800, "Sandwich dough", 900, 10,
                 draws={"Oven": 5}),
        ),
        tax="Plain bread",
        daily_limit=70,
        options=("slice-thickness",),
    ),
    DemoProduct(
        slug="focaccia",
        name="Focaccia with tomato and rosemary",
        category="breads",
        summary="Olive oil in every dimple, sweet tomatoes, rosemary and flaky salt.",
        description="A very wet dough that spends the night in its tray, is pressed "
        "with oiled fingers in the morning and comes out crisp below and springy "
        "above.",
        keeping="Best today; warm it through for 5 minutes tomorrow.",
        serving="Cut in fingers with drinks, or split it for a sandwich.",
        alt="Focaccia with rosemary, cherry tomatoes and flaky salt",
        sold=(
            Sold("focaccia", "Piece for two", 480, 420, "Focaccia, topped", 490, 6,
                 draws={"Oven": 4}),
            Sold("focaccia-tray", "Half tray for eight", 1650, 1600,
                 "Focaccia, topped", 1860, 2, 4, {"Oven": 14}),
        ),
        weekdays="Thu Fri Sat",
        daily_limit=36,
    ),
]  # fmt: skip
