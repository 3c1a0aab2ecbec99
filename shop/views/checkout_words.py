"""Both screens of checkout in words, as a row for {% rows %}; see its file."""

from __future__ import annotations

from collections.abc import Mapping

from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.safestring import SafeString

from shop.contact import Contact
from shop.escaping import escaped, joined
from shop.forms import ContactForm
from shop.freezing import told_of
from shop.models import Hold
from shop.once import once
from shop.shopping import PricedBasket
from shop.templatetags.days import clock, day_words, moment
from shop.templatetags.money import money
from shop.views.checkout_lines import Row, rows_of_lines
from shop.views.last_order import basket_mark
from shop.views.order_words import when_and_where

# Stands for what was typed, where a field is written before anything is.
_TYPED = "what-was-typed"


def basket_words(basket: PricedBasket, hold: Hold | None) -> Row:
    """What is about to be ordered, and how long the hold keeps it, if it is kept."""
    words = {
        "version": str(basket.version),
        "total": money(basket.total_cents),
        "day_short": day_words(basket.slot.bake_day.date),
        "lines": rows_of_lines(told_of(line) for line in basket.lines),
        **when_and_where(basket.slot),
    }
    return words | _time_left(hold) if hold else words


def order_facts(basket: PricedBasket, told: Contact, problem: str) -> Row:
    """What the last screen says beside that, and sends along."""
    return {
        "problem": problem,
        "mark": basket_mark(basket.token),
        "total_cents": str(basket.total_cents),
        "cancel_until": moment(basket.slot.bake_day.cut_off),
        **told.as_facts(),
    }


def contact_fields(told: Mapping[str, str]) -> SafeString:
    """The fields of the first screen, with what is known already. For no mistakes."""
    return joined([_field(name, told.get(name)) for name in ContactForm.base_fields])


def _time_left(hold: Hold) -> Row:
    seconds = max(0, int((hold.expires_at - timezone.now()).total_seconds()))
    minutes = -(-seconds // 60)
    return {
        "kept_until": clock(hold.expires_at),
        "seconds_left": str(seconds),
        "minutes_left": f"{minutes} minute{'' if minutes == 1 else 's'}",
    }


def _field(name: str, typed: str | None) -> SafeString:
    if not typed:
        return _written(name, "")
    before, _, after = _written(name, _TYPED).partition(_TYPED)
    return joined([before, escaped(str(typed)), after])


@once
def _written(name: str, typed: str) -> SafeString:
    """The field as Django writes it, in much more time than the rest takes."""
    field = ContactForm(initial={name: typed})[name]
    return render_to_string("shop/parts/_field.html", {"field": field})
