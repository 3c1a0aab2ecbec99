"""What a shopper chooses about a product: sliced or not, a message, a box's pieces.

The form of a product posts one field per option group, named option-<slug of the
group>: the slug of the chosen option (several times for several), or the text. The
same field comes twice for two equal pieces of a box.
"""

from __future__ import annotations

import hashlib
import json
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Prefetch
from django.utils.datastructures import MultiValueDict

from shop.exceptions import BadChoice
from shop.goods import groups_of, variants_named
from shop.models import Option, OptionGroup, Product, Variant
from shop.pricing import unit_price

FIELD = "option-"
MAX_QUANTITY = 99


@dataclass(frozen=True)
class Choice:
    """One decision: an option of a group, or the text that was written."""

    group: OptionGroup
    option: Option | None = None
    text: str = ""

    @property
    def words(self) -> str:
        return self.option.name if self.option else self.text

    def as_fact(self) -> dict[str, str]:
        if self.option:
            return {"group": self.group.slug, "option": self.option.slug}
        return {"group": self.group.slug, "text": self.text}


@dataclass(frozen=True)
class Choices:
    """All decisions about one thing, in the order of the groups and their options."""

    all: tuple[Choice, ...] = ()

    def as_facts(self) -> list[dict[str, str]]:
        return [choice.as_fact() for choice in self.all]

    @property
    def extra_cents(self) -> list[int]:
        return [choice.option.price_cents for choice in self.all if choice.option]


def find_variant(sku: str) -> Variant:
    """The variant on sale with this sku, with its product. One query at most.

    Raises BadChoice for an unknown, retired or unlisted one.
    """
    sku = sku[:61]
    variant = variants_named([sku]).get(sku) if _is_plain(sku) else None
    if variant is None or not (variant.is_active and variant.product.is_listed):
        raise BadChoice("We do not sell this any more.", field="sku")
    return variant


def parse_quantity(text: str, *, least: int = 1, most: int = MAX_QUANTITY) -> int:
    """The number of pieces as typed. Raises BadChoice; never cuts a number down."""
    digits = text.strip()
    if not (digits.isascii() and digits.isdigit() and len(digits) <= 9):
        raise BadChoice("Write the quantity as a number, such as 2.", field="quantity")
    quantity = int(digits)
    if not least <= quantity <= most:
        raise BadChoice(
            f"The quantity can be from {least} to {most}.", field="quantity"
        )
    return quantity


def parse_choices(thing: Product | Variant, data: Mapping[str, Any]) -> Choices:
    """The choices in posted data. At most two queries; none if prefetched.

    Raises BadChoice, with the name of the field, for whatever the product does not
    offer, for too few or too many, and for a text that is too long.
    """
    product = thing.product if isinstance(thing, Variant) else thing
    groups = (
        option_groups(product)
        if _is_prefetched(product)
        else groups_of([product.pk])[product.pk]
    )
    known = {FIELD + group.slug for group in groups}
    for name in data:
        if name.startswith(FIELD) and name not in known:
            raise BadChoice("This cannot be chosen here.", field=name)
    return Choices(
        tuple(
            choice
            for group in groups
            for choice in _parse_group(group, _posted(data, FIELD + group.slug))
        )
    )


def option_groups(product: Product) -> list[OptionGroup]:
    """The groups a product asks about, with the options that can be had."""
    if _is_prefetched(product):
        return list(product.option_groups.all())
    options = Option.objects.filter(is_active=True).select_related("variant")
    return list(
        product.option_groups.prefetch_related(Prefetch("options", queryset=options))
    )


def _is_prefetched(product: Product) -> bool:
    return "option_groups" in getattr(product, "_prefetched_objects_cache", {})


def item_key(variant: Variant, choices: Choices) -> str:
    """The name of the basket line: equal things chosen equally share one line."""
    facts = choices.as_facts()
    if not facts:
        return variant.sku
    written = json.dumps(facts, sort_keys=True, ensure_ascii=False)
    return f"{variant.sku}:{hashlib.sha256(written.encode()).hexdigest()[:16]}"


def line_details(variant: Variant, choices: Choices) -> dict[str, Any]:
    """What the basket remembers about a line, with the price the shopper saw."""
    return {
        "sku": variant.sku,
        "options": choices.as_facts(),
        "seen_cents": unit_price(variant.price_cents, choices.extra_cents),
    }


def _posted(data: Mapping[str, Any], name: str) -> list[str]:
    if isinstance(data, MultiValueDict):
        return data.getlist(name)
    value = data.get(name, [])
    return [value] if isinstance(value, str) else list(value)


def _parse_group(group: OptionGroup, values: list[str]) -> list[Choice]:
    if group.kind == OptionGroup.Kind.TEXT:
        return _parse_text(group, values)
    return _parse_options(group, [value for value in values if value])


def _parse_text(group: OptionGroup, values: list[str]) -> list[Choice]:
    text = " ".join(" ".join(values).split())
    if not _is_plain(text):
        raise BadChoice(
            f"{group.name}: please use letters that can be written.",
            field=FIELD + group.slug,
        )
    if len(text) > group.max_length:
        raise BadChoice(
            f"{group.name}: at most {group.max_length} letters, this has {len(text)}.",
            field=FIELD + group.slug,
        )
    if not text and group.min_choices:
        raise BadChoice(f"{group.name}: please write it.", field=FIELD + group.slug)
    return [Choice(group, text=text)] if text else []


def _parse_options(group: OptionGroup, slugs: list[str]) -> list[Choice]:
    options = {option.slug: option for option in group.options.all()}
    if not all(slug in options and can_be_had(options[slug]) for slug in slugs):
        raise BadChoice(
            f"{group.name}: this cannot be chosen any more.", field=FIELD + group.slug
        )
    if group.kind == OptionGroup.Kind.CHOICE and len(set(slugs)) < len(slugs):
        raise BadChoice(
            f"{group.name}: choose each only once.", field=FIELD + group.slug
        )
    if not group.min_choices <= len(slugs) <= group.max_choices:
        raise BadChoice(_how_many(group), field=FIELD + group.slug)
    order = list(options)
    return [Choice(group, options[slug]) for slug in sorted(slugs, key=order.index)]


def can_be_had(option: Option) -> bool:
    """Is the option on offer, and the piece it puts into a box, too?"""
    return option.is_active and (option.variant is None or option.variant.is_active)


def _how_many(group: OptionGroup) -> str:
    least, most = group.min_choices, group.max_choices
    if least == most:
        return f"{group.name}: choose {least}."
    if least == 0:
        return f"{group.name}: choose at most {most}."
    return f"{group.name}: choose from {least} to {most}."


def _is_plain(text: str) -> bool:
    """No control character and no half of a pair: neither can be stored."""
    return not any(unicodedata.category(sign) in {"Cc", "Cs"} for sign in text)


def words(choices: Iterable[Choice]) -> list[str]:
    """The choices as people read them: “Sliced: yes”, equal ones counted."""
    counted: dict[tuple[str, str], int] = {}
    for choice in choices:
        key = (choice.group.name, choice.words)
        counted[key] = counted.get(key, 0) + 1
    return [
        f"{group}: {count} × {name}" if count > 1 else f"{group}: {name}"
        for (group, name), count in counted.items()
    ]
