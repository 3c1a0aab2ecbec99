"""The demo bakery itself: its counter and hours, its limits, its people."""

from __future__ import annotations

from datetime import time

from shop.demo import biscuits, breads, buns, cakes, pastries

PASSWORD = "bake-at-dawn"

# Rates as in Ireland: plain bread is free of tax, richer bakes are not.
TAX_CLASSES = {"Plain bread": 0, "Pastries and cakes": 135}

CATEGORIES = {
    "breads": ("Breads", "Loaves with time in them, from soft milk bread to dark rye."),
    "rolls-buns": ("Rolls & buns", "For breakfast, for burgers, for the bread basket."),
    "pastries": ("Pastries", "Folded, rolled and filled before you are awake."),
    "cakes": ("Cakes", "For four o'clock, and for the days with candles."),
    "biscuits": ("Biscuits", "They keep for weeks. They rarely have to."),
}

PLACE = {
    "name": "FADU Bakery",
    "address": "12 Market Lane",
    "phone": "+353 1 555 0142",
    "email": "hello@bakery.example",
    "slot_minutes": 30,
    "places_per_slot": 6,
    "order_until": time(18, 0),
}

# Weekdays (0 is Monday) and hours. On Mondays everybody sleeps.
HOURS = {
    **dict.fromkeys((1, 2, 3, 4, 5), (time(7, 30), time(18, 0))),
    6: (time(8, 0), time(13, 0)),
}

# Month and day of the next one; closed where no hours are given.
EXCEPTIONS = {
    (12, 24): ("Christmas Eve", time(7, 0), time(14, 0)),
    (12, 25): ("Christmas Day", None, None),
    (12, 26): ("Saint Stephen's Day", None, None),
    (1, 1): ("New Year's Day", None, None),
    (3, 17): ("Saint Patrick's Day", None, None),
}

# Unit and what there is of it on a bake day.
RESOURCES = {
    "Oven": ("roll's space", 2_400),
    "Sourdough culture": ("half loaf", 150),
    "Decorator": ("quarter of an hour", 24),
}

OPTION_GROUPS = {
    "slicing": {
        "name": "Slicing",
        "help": "Left whole unless you choose.",
        "options": (("medium", "Sliced, 10 mm", 0), ("thick", "Sliced, 14 mm", 0)),
    },
    "slice-thickness": {
        "name": "Slices",
        "help": "10 mm unless you choose.",
        "options": (("thin", "Thin, 8 mm", 0), ("toast", "For toast, 16 mm", 0)),
    },
    "cake-message": {
        "name": "Message on the cake",
        "help": "Up to 40 letters, written in chocolate.",
        "kind": "text",
        "max_length": 40,
        "options": (),
    },
    "candles": {
        "name": "Candles",
        "help": "Beeswax, 12 cm.",
        "options": (("six", "Six candles", 150), ("twelve", "Twelve candles", 280)),
    },
}

# Log-in name, name, role of shop/roles.py.
STAFF = [
    ("owner@demo.bakery", "Farida Dubois", "owner"),
    ("baker@demo.bakery", "Mina Okafor", "baker"),
    ("counter@demo.bakery", "Tom Brennan", "counter"),
]

FAMILIES = (breads, buns, pastries, cakes, biscuits)
RECIPES = [recipe for family in FAMILIES for recipe in family.RECIPES]
PRODUCTS = [product for family in FAMILIES for product in family.PRODUCTS]
