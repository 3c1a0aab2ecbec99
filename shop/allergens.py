"""The sources of allergens, and the lists that each region's law makes of them.

A recipe names the specific source (`gluten.rye`, `nuts.almond`); the groups of the
EU's 14 and of the US's 9 are only ever derived. Rye, barley and oats are allergens in
the EU and not in the US; spelt and kamut are wheat to the US.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby

# In the order in which they are told: the code, and the source in words.
SOURCES: dict[str, str] = {
    "gluten.wheat": "wheat",
    "gluten.rye": "rye",
    "gluten.barley": "barley",
    "gluten.oats": "oats",
    "gluten.spelt": "spelt",
    "gluten.kamut": "kamut",
    "crustaceans": "crustaceans",
    "eggs": "eggs",
    "fish": "fish",
    "peanuts": "peanuts",
    "soy": "soya",
    "milk": "milk",
    "nuts.almond": "almond",
    "nuts.hazelnut": "hazelnut",
    "nuts.walnut": "walnut",
    "nuts.cashew": "cashew",
    "nuts.pecan": "pecan",
    "nuts.brazil": "Brazil nut",
    "nuts.pistachio": "pistachio",
    "nuts.macadamia": "macadamia",
    "celery": "celery",
    "mustard": "mustard",
    "sesame": "sesame",
    "sulphites": "sulphites",
    "lupin": "lupin",
    "molluscs": "molluscs",
}

# The words by which a list of ingredients may already name a source.
LABEL_WORDS: dict[str, tuple[str, ...]] = {
    code: (words.lower(), f"{words.lower()}s") for code, words in SOURCES.items()
} | {
    "gluten.oats": ("oats", "oat"),
    "crustaceans": ("crustaceans", "prawns", "prawn", "crab", "lobster"),
    "eggs": ("eggs", "egg"),
    "peanuts": ("peanuts", "peanut"),
    "soy": ("soya", "soy"),
    "sulphites": ("sulphites", "sulphite", "sulphur dioxide"),
    "molluscs": ("molluscs", "mussels", "oysters"),
}


def _family(code: str) -> str:
    return code.partition(".")[0]


def _of_family(family: str) -> frozenset[str]:
    return frozenset(code for code in SOURCES if _family(code) == family)


EU_14: dict[str, frozenset[str]] = {
    "cereals containing gluten": _of_family("gluten"),
    "crustaceans": _of_family("crustaceans"),
    "eggs": _of_family("eggs"),
    "fish": _of_family("fish"),
    "peanuts": _of_family("peanuts"),
    "soybeans": _of_family("soy"),
    "milk": _of_family("milk"),
    "nuts": _of_family("nuts"),
    "celery": _of_family("celery"),
    "mustard": _of_family("mustard"),
    "sesame seeds": _of_family("sesame"),
    "sulphur dioxide and sulphites": _of_family("sulphites"),
    "lupin": _of_family("lupin"),
    "molluscs": _of_family("molluscs"),
}

US_9: dict[str, frozenset[str]] = {
    "milk": _of_family("milk"),
    "eggs": _of_family("eggs"),
    "fish": _of_family("fish"),
    "crustacean shellfish": _of_family("crustaceans"),
    "tree nuts": _of_family("nuts"),
    "peanuts": _of_family("peanuts"),
    "wheat": frozenset({"gluten.wheat", "gluten.spelt", "gluten.kamut"}),
    "soybeans": _of_family("soy"),
    "sesame": _of_family("sesame"),
}


def in_order(codes: Iterable[str]) -> list[str]:
    """Each code once, in the order of SOURCES.

    A code nobody knows stays, at the end: a warning somebody wrote is never dropped.
    """
    wanted = set(codes)
    return [code for code in SOURCES if code in wanted] + sorted(wanted - set(SOURCES))


def unknown(codes: Iterable[str]) -> list[str]:
    """The codes that no source has, for forms that should refuse them."""
    return sorted(set(codes) - set(SOURCES))


def words(codes: Iterable[str]) -> list[str]:
    """For people: `gluten (wheat, rye)`, `milk`, `nuts (almond)`; one entry each."""
    return [
        _family_words(family, list(members))
        for family, members in groupby(in_order(codes), key=_family)
    ]


def eu_groups(codes: Iterable[str]) -> list[str]:
    """Which of the EU's 14 groups these sources belong to, in the law's order."""
    return _groups(EU_14, codes)


def us_groups(codes: Iterable[str]) -> list[str]:
    """Which of the US's 9 groups these sources belong to."""
    return _groups(US_9, codes)


def _family_words(family: str, members: list[str]) -> str:
    names = [SOURCES.get(code, code.rpartition(".")[2]) for code in members]
    if members == [family]:
        return names[0]
    return f"{family} ({', '.join(names)})"


def _groups(table: dict[str, frozenset[str]], codes: Iterable[str]) -> list[str]:
    found = set(codes)
    return [group for group, members in table.items() if members & found]
