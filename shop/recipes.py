"""Recipes of any depth, rolled up to what is bought in and to what is mixed when.

Exact sums are fractions (`explode`). What people weigh is whole grams (`plan`):
there each dough's lines add up to the dough, each pre-dough is as much as the doughs
that use it ask for, and the ingredient totals are the sums of those very lines.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property
from math import ceil
from typing import NamedTuple

from shop.models import Ingredient, Recipe, RecipeLine, Variant
from shop.rounding import shared_out


class RecipeCycle(Exception):
    """A recipe is, in the end, made of itself. `path` names the way round."""

    def __init__(self, path: Iterable[str]) -> None:
        self.path = tuple(path)
        super().__init__(f"A recipe cannot be made of itself: {' → '.join(self.path)}.")


@dataclass
class Explosion:
    """All that goes into something, in exact grams.

    `doughs` are grams that come out of each recipe, `ingredients` grams that are
    bought in; `by_day` holds the same, apart by how many days before the bake day.
    """

    ingredients: dict[int, Fraction] = field(default_factory=dict)
    doughs: dict[int, Fraction] = field(default_factory=dict)
    by_day: dict[int, Explosion] = field(default_factory=dict)

    def add(self, other: Explosion, times: Fraction | int = 1) -> None:
        _add(self.ingredients, other.ingredients, times)
        _add(self.doughs, other.doughs, times)
        for day, part in other.by_day.items():
            self.by_day.setdefault(day, Explosion()).add(part, times)


class CardLine(NamedTuple):
    """One thing to weigh; `parts` of it stand beside `flour` parts in the recipe."""

    name: str
    grams: int
    parts: int
    flour: int
    ingredient_id: int | None = None
    part_id: int | None = None

    @property
    def percent(self) -> Fraction | None:
        """Of the card's own flour, exactly; None without flour."""
        return Fraction(100 * self.parts, self.flour) if self.flour else None


@dataclass(frozen=True)
class DoughCard:
    """One dough to make on one day: `grams` come out, `grams_in` are weighed in.

    The lines add up to `grams_in`. `batches` is how often the mixer is filled.
    """

    recipe: Recipe
    days_before: int
    grams: int
    grams_in: int
    batches: int
    lines: tuple[CardLine, ...]


@dataclass(frozen=True)
class BakePlan:
    """What to mix and to weigh: earliest day first, then parts before what uses them.

    `ingredients` (id to grams) is the sum of `by_day` (days before, then id to grams),
    and that is the sum of the cards' lines. `named` has the ingredients' rows by id.
    """

    cards: tuple[DoughCard, ...]
    by_day: dict[int, dict[int, int]]
    ingredients: dict[int, int]
    named: dict[int, Ingredient]

    def on(self, days_before: int) -> list[DoughCard]:
        """The cards of one day; 0 is the bake day itself."""
        return [card for card in self.cards if card.days_before == days_before]


class RecipeBook:
    """Every recipe with its lines, in memory. Asks the database nothing."""

    def __init__(self, recipes: Iterable[Recipe], lines: Iterable[RecipeLine]) -> None:
        self.recipes = {recipe.pk: recipe for recipe in recipes}
        self.lines: dict[int, list[RecipeLine]] = defaultdict(list)
        self.ingredients: dict[int, Ingredient] = {}
        for line in lines:
            self.lines[line.recipe_id].append(line)
            if line.ingredient_id:
                self.ingredients[line.ingredient_id] = line.ingredient
        self._of_one_gram: dict[int, Explosion] = {}

    def explode(self, recipe_id: int, grams: Fraction | int) -> Explosion:
        """Everything in so many grams of a recipe. Exact; raises RecipeCycle.

        A recipe without lines holds nothing. `days_before` adds up on the way down,
        the recipe's own included.
        """
        result = Explosion()
        result.add(self._one_gram(recipe_id, ()), Fraction(grams))
        return result

    def plan(self, pieces: Mapping[Variant, int]) -> BakePlan:
        """What to make for so many pieces of each variant, in whole grams.

        Variants without a recipe, such as boxes, are left out. Raises RecipeCycle.
        """
        by_day: dict[int, dict[int, int]] = {}
        cards = self._cards(pieces, by_day)
        totals: dict[int, int] = defaultdict(int)
        for amounts in by_day.values():
            _add(totals, amounts, 1)
        plain = {day: dict(by_day[day]) for day in sorted(by_day) if by_day[day]}
        return BakePlan(tuple(cards), plain, dict(totals), self.ingredients)

    def made_before(self, pieces: Mapping[Variant, int], days: int) -> list[DoughCard]:
        """As plan(pieces).on(days), without working out what does not lead there."""
        cards = self._cards(pieces, {}, furthest=days)
        return [card for card in cards if card.days_before == days]

    def longest_way(self) -> int:
        """How many days before baking the very first thing is made. Or RecipeCycle."""
        return max(self._days.values(), default=0)

    def bakers_percentages(self, recipe_id: int) -> dict[int, Fraction]:
        """Each ingredient of the whole tree in per cent of all its flour.

        The flour inside pre-doughs counts, so water over flour is the true hydration.
        Empty for what contains no flour.
        """
        whole = self.explode(recipe_id, 1)
        flour = self._flour(recipe_id, Fraction(1))
        if not flour:
            return {}
        return {key: grams * 100 / flour for key, grams in whole.ingredients.items()}

    def find_cycle(self) -> tuple[str, ...] | None:
        """The way round of a recipe made of itself, or None. For forms that save."""
        try:
            self._order(self.recipes)
        except RecipeCycle as cycle:
            return cycle.path
        return None

    def _one_gram(self, recipe_id: int, path: tuple[int, ...]) -> Explosion:
        if recipe_id in self._of_one_gram:
            return self._of_one_gram[recipe_id]
        self._refuse_cycle(recipe_id, path)
        recipe = self.recipes[recipe_id]
        here = Explosion(doughs={recipe_id: Fraction(1)})
        below = Explosion()
        for line, grams in self._shares(recipe_id, Fraction(1)):
            if line.part_id:
                below.add(self._one_gram(line.part_id, (*path, recipe_id)), grams)
            else:
                _add(here.ingredients, {line.ingredient_id: grams}, 1)
        whole = _moved(below, recipe.days_before)
        whole.by_day.setdefault(recipe.days_before, Explosion()).add(here)
        whole.add(here)
        return self._of_one_gram.setdefault(recipe_id, whole)

    def _shares(
        self, recipe_id: int, grams: Fraction
    ) -> list[tuple[RecipeLine, Fraction]]:
        """What must go in, line by line, for so many grams to come out."""
        lines = self.lines[recipe_id]
        total = sum(line.grams for line in lines)
        needed = _needed(self.recipes[recipe_id], grams)
        return [(line, needed * line.grams / total) for line in lines]

    @cached_property
    def _days(self) -> dict[int, int]:
        """How many days before its use the first part of each recipe is made."""
        days: dict[int, int] = {}
        for recipe_id in reversed(self._order(self.recipes)):
            parts = (line.part_id for line in self.lines[recipe_id] if line.part_id)
            longest = max((days[part] for part in parts), default=0)
            days[recipe_id] = self.recipes[recipe_id].days_before + longest
        return days

    def _first_day(self, recipe_id: int, day: int) -> int:
        """Days before on which its first part is made, if it is made on `day`."""
        return day - self.recipes[recipe_id].days_before + self._days[recipe_id]

    def _cards(
        self,
        pieces: Mapping[Variant, int],
        by_day: dict[int, dict[int, int]],
        furthest: int = 0,
    ) -> list[DoughCard]:
        """In the plan's order; fills `by_day` with what is bought in.

        What is made so many days before, and all that leads to it: nothing else needs
        to be complete.
        """
        needs = self._needs(pieces)
        cards = []
        for recipe_id in self._order({recipe for recipe, _ in needs}):
            days = sorted(day for recipe, day in needs if recipe == recipe_id)
            for day in days:
                if not furthest or self._first_day(recipe_id, day) >= furthest:
                    card = self._card(recipe_id, day, needs[recipe_id, day])
                    cards.append(card)
                    amounts = by_day.setdefault(day, defaultdict(int))
                    self._hand_down(card, needs, amounts)
        place = {card.recipe.pk: index for index, card in enumerate(cards)}
        cards.sort(key=lambda card: (-card.days_before, -place[card.recipe.pk]))
        return cards

    def _needs(self, pieces: Mapping[Variant, int]) -> dict[tuple[int, int], int]:
        """Grams of each recipe, by its id and the days before on which it is made."""
        needs: dict[tuple[int, int], int] = defaultdict(int)
        for variant, count in pieces.items():
            if variant.recipe_id and count > 0:
                day = self.recipes[variant.recipe_id].days_before
                needs[variant.recipe_id, day] += count * variant.dough_g
        return needs

    def _hand_down(
        self,
        card: DoughCard,
        needs: dict[tuple[int, int], int],
        amounts: dict[int, int],
    ) -> None:
        for line in card.lines:
            if line.ingredient_id:
                amounts[line.ingredient_id] += line.grams
            else:
                day = card.days_before + self.recipes[line.part_id].days_before
                needs[line.part_id, day] += line.grams

    def _card(self, recipe_id: int, day: int, grams: int) -> DoughCard:
        recipe = self.recipes[recipe_id]
        lines = self.lines[recipe_id]
        grams_in = round(_needed(recipe, grams)) if lines else 0
        weights = shared_out(grams_in, [line.grams for line in lines])
        flour = sum(line.grams for line in lines if line.is_flour)
        return DoughCard(
            recipe=recipe,
            days_before=day,
            grams=grams,
            grams_in=grams_in,
            batches=ceil(grams_in / recipe.mixer_max_g) if recipe.mixer_max_g else 1,
            lines=tuple(
                CardLine(
                    name=str(line.ingredient or self.recipes[line.part_id]),
                    grams=weight,
                    parts=line.grams,
                    flour=flour,
                    ingredient_id=line.ingredient_id,
                    part_id=line.part_id,
                )
                for line, weight in zip(lines, weights, strict=True)
            ),
        )

    def _flour(self, recipe_id: int, grams: Fraction) -> Fraction:
        total = Fraction(0)
        for line, share in self._shares(recipe_id, grams):
            if line.part_id and not line.is_flour:
                total += self._flour(line.part_id, share)
            elif line.is_flour:
                total += share
        return total

    def _order(self, wanted: Iterable[int]) -> list[int]:
        """The wanted recipes and all their parts, each before its own parts."""
        done: dict[int, None] = {}

        def visit(recipe_id: int, path: tuple[int, ...]) -> None:
            if recipe_id in done:
                return
            self._refuse_cycle(recipe_id, path)
            for line in self.lines[recipe_id]:
                if line.part_id:
                    visit(line.part_id, (*path, recipe_id))
            done[recipe_id] = None

        for recipe_id in sorted(wanted):
            visit(recipe_id, ())
        return list(reversed(done))

    def _refuse_cycle(self, recipe_id: int, path: tuple[int, ...]) -> None:
        if recipe_id in path:
            round_trip = (*path[path.index(recipe_id) :], recipe_id)
            raise RecipeCycle(self.recipes[key].name for key in round_trip)


def load_recipes() -> RecipeBook:
    """The whole book in two queries."""
    lines = RecipeLine.objects.select_related("ingredient").order_by("position", "pk")
    return RecipeBook(Recipe.objects.all(), lines)


def _needed(recipe: Recipe, grams: Fraction | int) -> Fraction:
    """How much goes in so that so much comes out, after what is lost in making."""
    return Fraction(grams * 1000, 1000 - recipe.loss_permille)


def _moved(explosion: Explosion, days: int) -> Explosion:
    """The same, made so many days earlier."""
    moved = Explosion()
    moved.add(explosion)
    moved.by_day = {day + days: part for day, part in moved.by_day.items()}
    return moved


def _add(into: dict, amounts: Mapping, times: Fraction | int) -> None:
    for key, amount in amounts.items():
        into[key] = into.get(key, 0) + amount * times
