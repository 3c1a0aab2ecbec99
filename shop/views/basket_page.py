"""What the basket page shows: each line, what is wrong with it, and the ways out."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from basket.backends.base import Contents
from shop import availability
from shop.allergies import AllergyWarning, warning_of_line
from shop.availability import DayAnswer, Reason, Wish
from shop.judging import Judge, is_open, likely_dates
from shop.shopping import PricedBasket, PricedLine, priced, wishes
from shop.slots import SlotAnswer, slot_in
from shop.supply import Supply

# So many of the days that the calendar allows are read at once: one of them nearly
# always has all of the basket.
FIRST_DAYS = 3


@dataclass(frozen=True)
class Wrong:
    """A quantity that cannot be, as it was typed."""

    item: str
    typed: str
    sentence: str


@dataclass(frozen=True)
class Row:
    """One line of the page."""

    line: PricedLine
    reasons: tuple[str, ...] = ()
    move_to: dt.date | None = None
    wrong: Wrong | None = None
    warning: AllergyWarning | None = None

    @property
    def id(self) -> str:
        return "line-" + "".join(c if c.isalnum() else "-" for c in self.line.item)

    @property
    def shown(self) -> str:
        """What stands in the number field: what was typed, if it was refused."""
        return self.wrong.typed if self.wrong else str(self.line.quantity)

    @property
    def less(self) -> int:
        return self.line.quantity - 1

    @property
    def more(self) -> int:
        return self.line.quantity + 1

    @property
    def was_cents(self) -> int | None:
        """The former price, when it has changed since it was put in."""
        seen, now = self.line.seen_cents, self.line.unit_cents
        return None if self.line.gone or seen == now else seen


@dataclass(frozen=True)
class BasketPage:
    """Everything the templates of basket and checkout tell about the basket."""

    basket: PricedBasket
    rows: list[Row] = field(default_factory=list)
    answer: DayAnswer | None = None  # for the chosen day
    day_is_over: bool = False
    earliest: DayAnswer | None = None
    slot: SlotAnswer | None = None

    @property
    def day_reasons(self) -> list[str]:
        """Why nothing at all can be had on the chosen day."""
        reasons = self.answer.reasons if self.answer else ()
        return [reason.sentence for reason in reasons if not reason.sku]

    @property
    def bad_rows(self) -> list[Row]:
        return [row for row in self.rows if row.reasons or row.line.gone]

    def warning_of(self, avoided: Collection[str]) -> BasketPage:
        """The same page; lines with something to be avoided in them say so."""
        if not avoided:
            return self
        rows = [
            replace(row, warning=warning_of_line(row.line, avoided))
            for row in self.rows
        ]
        return replace(self, rows=rows)

    @property
    def can_check_out(self) -> bool:
        return bool(
            self.rows
            and not self.bad_rows
            and not self.day_reasons
            and self.answer
            and self.slot
            and self.slot.can
        )


class _Answers:
    """The answers of all days that are open; each day is judged when it is first
    asked for. A day that is not has something against all of the basket."""

    def __init__(self, supply: Supply, wanted: Sequence[Wish]) -> None:
        self._supply = supply
        self._judge = Judge(supply, wanted)
        self._judged: dict[dt.date, DayAnswer] = {}

    def __iter__(self) -> Iterator[DayAnswer]:
        supply = self._supply
        return (self._answer(day) for day in supply.dates if is_open(supply, day))

    def on(self, date: dt.date | None) -> DayAnswer | None:
        """The answer for that date; None if it is not among the days."""
        if date is None or not self._supply.first <= date <= self._supply.last:
            return None
        return self._answer(date)

    def _answer(self, date: dt.date) -> DayAnswer:
        if date not in self._judged:
            self._judged[date] = self._judge.on(date)
        return self._judged[date]


def read_page(contents: Contents, wrong: Wrong | None = None) -> BasketPage:
    """The page for these contents. At most twelve queries; one where the catalogue is
    remembered (shop/remembered.py), two if all of the first days are short of
    something. They do not grow with the lines."""
    basket = priced(contents)
    if not basket.lines:
        return BasketPage(basket)
    wanted = wishes(basket)
    supply = availability.supply_for(
        wanted,
        token=contents.token,
        near=lambda supply: _near(supply, wanted, basket.day),
    )
    answers = _Answers(supply, wanted)
    answer = answers.on(basket.day)
    return BasketPage(
        basket=basket,
        rows=[_row(line, answer, answers, wrong) for line in basket.lines],
        answer=answer,
        day_is_over=basket.day is not None and answer is None,
        earliest=next((each for each in answers if each.can), None),
        slot=slot_in(supply, basket.slot) if basket.slot and answer else None,
    )


def _near(
    supply: Supply, wanted: Sequence[Wish], chosen: dt.date | None
) -> Iterator[dt.date]:
    """The dates that this page nearly always looks at, and no other."""
    if chosen:
        yield chosen
    yield from likely_dates(supply, wanted, FIRST_DAYS)


def _row(
    line: PricedLine,
    answer: DayAnswer | None,
    answers: Iterable[DayAnswer],
    wrong: Wrong | None,
) -> Row:
    reasons = _reasons_by_sku(answer)
    mine = [each for sku in _skus(line) for each in reasons.get(sku, ())]
    return Row(
        line=line,
        reasons=tuple(dict.fromkeys(each.sentence for each in mine)),
        move_to=_better_day(line, answers) if mine else None,
        wrong=wrong if wrong and wrong.item == line.item else None,
    )


def _skus(line: PricedLine) -> list[str]:
    return list(dict.fromkeys([line.sku, *(pick.sku for pick in line.picks)]))


def _reasons_by_sku(answer: DayAnswer | None) -> Mapping[str, list[Reason]]:
    found: dict[str, list[Reason]] = {}
    for reason in answer.reasons if answer else ():
        found.setdefault(reason.sku, []).append(reason)
    return found


def _better_day(line: PricedLine, answers: Iterable[DayAnswer]) -> dt.date | None:
    """The first day for the whole basket; without any, the first for this line."""
    good = next((each.date for each in answers if each.can), None)
    if good:
        return good
    skus = {"", *_skus(line)}
    free = (each.date for each in answers if skus.isdisjoint(_reasons_by_sku(each)))
    return next(free, None)
