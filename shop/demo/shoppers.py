"""Who orders at the demo bakery, and what they usually take."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from shop.search_words import words_of


@dataclass(frozen=True)
class Shopper:
    """`basket` is pieces by sku; `choices` are option slugs or texts by group; `hour`
    is when they like to come."""

    name: str
    basket: Mapping[str, int]
    hour: float
    phone: str = ""
    note: str = ""
    choices: Mapping[str, str] = field(default_factory=dict)

    @property
    def email(self) -> str:
        """A name that can never be delivered to: .example is reserved for this."""
        return f"{'.'.join(words_of(self.name))}@post.example"


SHOPPERS = [
    Shopper("Asha Ssoni", {"milk-bread": 2, "sliced-sandwich-loaf": 1}, 8.0,
            "+353 85 555 0101", "The darker loaf if you have one, please.",
            {"slice-thickness": "toast"}),
    Shopper("Aoife Kelleher", {"country-sourdough": 1, "croissant": 4}, 8.0,
            "+353 86 555 0114"),
    Shopper("Declan Moran", {"baguette": 2, "pain-au-chocolat": 2}, 8.5),
    Shopper("Priya Raman", {"pav": 2, "khari": 1, "nankhatai": 1}, 9.0,
            "+353 87 555 0122", "No egg for us, thank you for marking the bags."),
    Shopper("Café Lumen", {"croissant": 12, "cinnamon-roll-6": 1,
            "blueberry-muffin": 8}, 7.5, "+353 1 555 0175",
            "Back door, please. We pick up before opening."),
    Shopper("Niamh O'Shea", {"birthday-cake": 1}, 15.0, "+353 83 555 0109",
            "She is seven and likes dinosaurs.",
            {"cake-message": "Happy birthday, Saoirse!", "candles": "twelve"}),
    Shopper("Henryk Zielinski", {"rye-loaf": 2, "seeded-rolls-4": 1}, 8.5, "", "",
            {"slicing": "medium"}),
    Shopper("Grace Adeyemi", {"milk-bread-large": 1, "sesame-bun-4": 2}, 16.0,
            "+353 85 555 0133"),
    Shopper("Tomás Byrne", {"country-sourdough-half": 1}, 12.0),
    Shopper("Fiona Walsh", {"eclair": 4, "doughnut-raspberry": 2,
            "doughnut-chocolate": 2}, 14.5, "", "For the office, one box if possible."),
    Shopper("Marek Dvořák", {"pretzel": 6, "baguette": 1}, 17.0, "+353 86 555 0148"),
    Shopper("Siobhán Nolan", {"victoria-sponge": 1}, 11.0, "+353 87 555 0150",
            "Could the jam be generous?"),
    Shopper("Liam Hartigan", {"sliced-sandwich-loaf": 2, "chocolate-cookie-6": 1},
            17.0),
    Shopper("Yuki Tanaka", {"milk-bread": 1, "brioche": 2}, 10.0, "", "",
            {"slicing": "thick"}),
    Shopper("Orla Fitzgerald", {"focaccia": 2, "country-sourdough": 1}, 16.5,
            "+353 83 555 0166"),
    Shopper("Ben Whitaker", {"croissant-4": 1, "baguette": 1}, 9.0),
    Shopper("Ciara Dunne", {"plum-cake-large": 1, "nankhatai": 2}, 13.0, "",
            "One bag is a present."),
    Shopper("Samuel Osei", {"sesame-bun-4": 3}, 15.5, "+353 85 555 0171",
            "Barbecue on Saturday, come by."),
    Shopper("Róisín Gallagher", {"cinnamon-roll": 2, "pain-au-chocolat": 1}, 9.5),
    Shopper("Pádraig Lynch", {"rye-loaf-half": 1, "seeded-roll": 4}, 10.5),
    Shopper("Elena Petrova", {"rye-loaf": 1, "eclair": 2}, 12.5, "+353 86 555 0180"),
    Shopper("St Brigid's School", {"sliced-sandwich-loaf": 8, "blueberry-muffin": 12},
            8.0, "+353 1 555 0190", "Nut-free please, it is for the breakfast club.",
            {"slice-thickness": "thin"}),
    Shopper("Hannah Murphy", {"milk-bread": 1, "country-sourdough": 1,
            "chocolate-cookie": 4}, 17.5),
    Shopper("Owen Casey", {"brioche-large": 1, "croissant": 2}, 10.0),
    Shopper("Leila Haddad", {"focaccia-tray": 1}, 17.0, "+353 87 555 0196",
            "Please leave it uncut."),
    Shopper("Conor Daly", {"bagel-4": 2}, 9.5),
    Shopper("Margaret Quinn", {"country-sourdough-half": 1, "victoria-sponge-slice": 2},
            11.5, "", "I come by bus and may be ten minutes late."),
    Shopper("Rajesh Iyer", {"pav": 1, "khari": 2}, 16.0, "+353 85 555 0203"),
    Shopper("Emma Lindqvist", {"cinnamon-roll-6": 1, "rye-loaf": 1}, 14.0),
    Shopper("Kevin Doyle", {"baguette": 3}, 17.5),
]  # fmt: skip
