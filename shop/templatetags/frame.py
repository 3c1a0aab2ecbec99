"""What stands around every page and is the same for everybody: {% frame "footer" %}.

Such a part is rendered from the facts of `_facts` alone: nothing of a shopper can be in
it. So it is remembered with the catalogue that these facts are of, by those of them
that the catalogue's version does not tell (shop/remembered.py). With DEBUG it is
rendered every time, since templates may have changed.
"""

from __future__ import annotations

import datetime as dt
from typing import Any, NamedTuple

from django import template
from django.conf import settings
from django.template.context import Context
from django.urls import get_script_prefix
from django.utils.safestring import SafeString

from shop.calendar import today
from shop.remembered import find
from shop.shell import Given, Shell

register = template.Library()


class Key(NamedTuple):
    """All that a part is made of, but for categories and hours of the catalogue."""

    name: str
    date: dt.date  # the weeks of the opening hours begin with it
    given: Given | None  # to the shell by the page
    shop_name: str
    prefix: str  # of all addresses
    day_query: str
    category: int | None  # the one that the page is about, to be marked
    mark: str  # "page" for the category's own page, "true" for one in it


@register.simple_tag(takes_context=True)
def frame(context: Context, name: str) -> SafeString:
    """The part, remembered inside remembering(). No query if it is."""
    shell = context.get("shell")
    key = _key(context, name, shell)

    def load(keys: list[Key]) -> dict[Key, SafeString]:
        return dict.fromkeys(keys, _render(context, key, shell))

    # Without a shell there are no categories and hours: the database is away.
    if shell is None or settings.DEBUG:
        return load([key])[key]
    return find("frame", [key], load)[key]


def _key(context: Context, name: str, shell: Shell | None) -> Key:
    category = context.get("category")
    return Key(
        name=name,
        date=today(),
        given=shell.given if shell else None,
        shop_name=context.get("shop_name") or "",
        prefix=get_script_prefix(),
        day_query=context.get("day_query") or "",
        category=category.pk if category else None,
        mark="true" if context.get("product") else "page",
    )


def _render(context: Context, key: Key, shell: Shell | None) -> SafeString:
    part = context.template.engine.get_template(f"shop/parts/_{key.name}.html")
    return part.render(Context(_facts(key, shell)))


def _facts(key: Key, shell: Shell | None) -> dict[str, Any]:
    return {
        "shell": shell,
        "shop_name": key.shop_name,
        "day_query": key.day_query,
        "current": key.category,
        "mark": key.mark,
    }
