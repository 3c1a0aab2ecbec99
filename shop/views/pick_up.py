"""Choosing the pick-up day and time. Two steps without script: the day, its times."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from http import HTTPStatus

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from basket.operations import operation_of
from basket.origin import same_origin_post
from shop import availability, holds, slots
from shop.availability import DayAnswer
from shop.customers import customer_of
from shop.goods import find_slot
from shop.judging import Judge
from shop.models import Slot
from shop.remembered import remembering
from shop.shell import Shell
from shop.shopping import PricedBasket, pick_up_facts, priced, wishes
from shop.slots import SlotAnswer
from shop.templatetags.days import clock
from shop.views.basket_answer import see_other, show_badge
from shop.views.methods import page_with_form
from shop.views.uncached import never_cache

NEAREST = 3
# What stands on a day of the strip, by the code of its first reason.
SHORT_REASONS = {
    "closed": "closed",
    "past_cut_off": "too late",
    "too_soon": "too soon",
    "no_slot": "full",
    "sold_out": "sold out",
    "not_enough": "too few left",
}


@dataclass(frozen=True)
class Day:
    """One day to choose. A closed one cannot be; one that lacks something can."""

    answer: DayAnswer
    words: str
    is_chosen: bool

    @property
    def date(self) -> dt.date:
        return self.answer.date

    @property
    def is_closed(self) -> bool:
        reasons = self.answer.reasons
        return self.answer.bake_day is None or any(not each.sku for each in reasons)


@dataclass(frozen=True)
class PickUpPage:
    """The days, and the times of the chosen one."""

    basket: PricedBasket
    days: list[Day]
    chosen: DayAnswer | None
    times: list[SlotAnswer]
    preselected: Slot | None

    @property
    def reasons(self) -> list[str]:
        """What cannot be had on the chosen day, each said once."""
        found = self.chosen.reasons if self.chosen else ()
        return list(dict.fromkeys(each.sentence for each in found))

    @property
    def has_several_places(self) -> bool:
        return len({each.slot.place_id for each in self.times}) > 1

    @property
    def can_choose(self) -> bool:
        return any(each.can for each in self.times)


@never_cache
@same_origin_post
@page_with_form
@remembering()
def pick_up(request: HttpRequest) -> HttpResponse:
    """GET shows days and times (?day= chooses the day); POST keeps a time."""
    if request.method == "POST":
        return _keep(request)
    return show_pick_up(request)


def show_pick_up(
    request: HttpRequest,
    *,
    status: int = HTTPStatus.OK,
    problem: str = "",
    nearest: Sequence[SlotAnswer] = (),
    day: dt.date | None = None,
) -> HttpResponse:
    """The page, on a refusal with the sentence and the free times nearest by."""
    shell = Shell()
    page = _read(request, shell, day or _date(request.GET.get("day", "")))
    context = {
        "page": page,
        "basket": page.basket,
        "shell": shell,
        "problem": problem,
        "errors": [("#times", problem)] if problem else [],
        "nearest": nearest,
    }
    response = render(request, "shop/pick_up.html", context, status=status)
    show_badge(request, response, page.basket)
    return response


def full_slot(request: HttpRequest, slot: Slot, sentence: str) -> HttpResponse:
    """409: the time has gone between page and press. The basket stays as it is."""
    return show_pick_up(
        request,
        status=HTTPStatus.CONFLICT,
        problem=sentence,
        nearest=slots.nearest_free(slot, NEAREST),
        day=slot.bake_day.date,
    )


def _read(request: HttpRequest, shell: Shell, wanted: dt.date | None) -> PickUpPage:
    contents = request.basket.contents()
    basket = priced(contents, pictures=False)
    wished = wishes(basket)
    supply = availability.supply_for(wished, token=contents.token)
    answers = list(map(Judge(supply, wished).on, supply.dates))
    chosen = _chosen(answers, wanted, basket.day)
    has_times = chosen is not None and chosen.bake_day is not None
    times = slots.slots_in(supply, chosen.bake_day) if has_times else []
    return PickUpPage(
        basket=basket,
        days=[Day(each, _short(each, shell), each is chosen) for each in answers],
        chosen=chosen,
        times=times,
        preselected=_preselected(times, basket.slot, _usual_place(request)),
    )


def _chosen(answers: Sequence[DayAnswer], *wanted: dt.date | None) -> DayAnswer | None:
    """The wished day if it is among them, else the earliest for the whole basket."""
    by_date = {each.date: each for each in answers}
    asked = (by_date[date] for date in wanted if date in by_date)
    return next(asked, None) or next((each for each in answers if each.can), None)


def _usual_place(request: HttpRequest) -> int | None:
    customer = customer_of(request.user)
    return customer.usual_place_id if customer else None


def _preselected(
    times: Sequence[SlotAnswer], kept: Slot | None, usual: int | None
) -> Slot | None:
    """What was chosen before, or else the first at the usual counter, or anywhere."""
    free = [each.slot for each in times if each.can]
    free.sort(key=lambda slot: slot.place_id != usual)
    return kept if kept in free else next(iter(free), None)


def _short(answer: DayAnswer, shell: Shell) -> str:
    if answer.can:
        opens = shell.opens_at(answer.date)
        return f"from {opens.hour}:{opens.minute:02}" if opens else "open"
    reasons = sorted(answer.reasons, key=lambda reason: bool(reason.sku))
    code = reasons[0].code if reasons else "closed"
    if code == "closed":
        return shell.closed_because(answer.date) or "closed"
    return SHORT_REASONS.get(code, "not all")


# --- keeping a time ----------------------------------------------------------------


def _keep(request: HttpRequest) -> HttpResponse:
    day = _date(request.POST.get("day", ""))
    if "move" in request.POST:
        return _move(request, day)
    slot = _slot(request.POST.get("slot", ""))
    if slot is None:
        problem = "Choose a pick-up time."
        return show_pick_up(
            request, status=HTTPStatus.UNPROCESSABLE_ENTITY, problem=problem, day=day
        )
    answer = _offered(request, slot)
    if answer is None or not answer.can:
        why = answer.sentence if answer else "closed"
        return full_slot(request, slot, f"{_time_words(slot)} cannot be had: {why}.")
    operation = operation_of(request, "slot", str(slot.pk))
    request.basket.remember(pick_up_facts(slot), operation=operation)
    return see_other("shop:basket", query="#pick-up")


def _offered(request: HttpRequest, slot: Slot) -> SlotAnswer | None:
    """The time as this shopper can have it. A hold of their own can only add a place,
    so basket and hold are asked for where none is free without."""
    answer = slots.slot_now(slot)
    if answer is None or answer.can:
        return answer
    return slots.slot_now(slot, hold=holds.live_hold(request.basket.contents().token))


def _move(request: HttpRequest, day: dt.date | None) -> HttpResponse:
    """The basket goes to another day; its time is chosen next."""
    known = [each.date for each in availability.days_for([]) if each.bake_day]
    if day not in known:
        problem = "We take no orders for that day."
        return show_pick_up(
            request, status=HTTPStatus.UNPROCESSABLE_ENTITY, problem=problem
        )
    operation = operation_of(request, "day", day.isoformat())
    facts = {"day": day.isoformat(), "slot": None}
    request.basket.remember(facts, operation=operation)
    return see_other("shop:pick_up", query=f"?day={day.isoformat()}")


def _slot(text: str) -> Slot | None:
    """The slot of a posted number; None for nonsense and for one that is gone."""
    if not (text.isascii() and text.isdigit() and len(text) <= 18):
        return None
    return find_slot(int(text))


def _date(text: str) -> dt.date | None:
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        return None


def _time_words(slot: Slot) -> str:
    return f"{clock(slot.starts)}–{clock(slot.ends)}"
