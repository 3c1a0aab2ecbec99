"""What stands around every page: the same for everybody, remembered, never old."""

from __future__ import annotations

import datetime as dt

import pytest
from django.template import Context, Template, Variable
from django.template.base import FilterExpression, Node
from django.template.loader import get_template
from django.test import override_settings
from django.urls import get_script_prefix, set_script_prefix

from shop import remembered
from shop.hours import load_hours
from shop.models import Category, OpeningRule, Place
from shop.remembered import remembering
from shop.reserved import seen
from shop.shell import Shell
from tests.shop import make
from tests.shop.shopper import Shopper

pytestmark = pytest.mark.django_db

EARLIEST, LATEST = "Etc/GMT+12", "Pacific/Kiritimati"  # 26 hours apart
FACTS = {"shell", "shop_name", "day_query", "current", "mark"}
LOOPS = {"each", "counter", "line"}


@pytest.fixture(autouse=True)
def _nothing_kept():
    remembered.forget()
    yield
    remembered.forget()


@pytest.fixture
def shop():
    """A counter with hours, and something to sell: gives its category."""
    place = make.make_place(name="Market Street", phone="01 555 0100")
    variant = make.make_variant()
    assert OpeningRule.objects.filter(place=place).exists()
    return variant.product.category


def shown(part, shell=None, **context):
    """The part as one request shows it."""
    page = Template(f'{{% load frame %}}{{% frame "{part}" %}}')
    with remembering():
        return page.render(Context({"shell": shell or Shell()} | context))


def test_it_costs_the_version_once_it_is_remembered(shop, django_assert_num_queries):
    with django_assert_num_queries(1 + 1):
        first = shown("header")
    with django_assert_num_queries(1 + 3):
        footer = shown("footer")
    with django_assert_num_queries(1 + 1):
        assert (shown("header"), shown("footer")) == (first, footer)
    assert shop.name in first
    assert "Market Street" in footer


def test_a_new_category_is_shown_at_once(shop):
    assert "Cakes" not in shown("header")
    cakes = make.make_category(name="Cakes")
    make.make_variant(product=make.make_product(category=cakes))
    assert "Cakes" in shown("header")
    Category.objects.filter(pk=cakes.pk).update(name="Tarts")
    assert "Cakes" not in shown("header")
    assert "Tarts" in shown("header")


def test_a_new_exception_is_shown_at_once(shop):
    assert "Flood" not in shown("footer")
    make.make_exception(date=make.day_from_today(3), reason="Flood")
    assert "Flood" in shown("footer")


def test_other_hours_and_another_number_are_shown_at_once(shop):
    before = shown("footer")
    assert "18:00" in before
    OpeningRule.objects.update(closes=dt.time(17, 45))
    assert "17:45" in shown("footer")
    Place.objects.update(phone="01 555 0199")
    assert 'href="tel:015550199"' in shown("footer")


def test_the_next_date_is_shown_at_once(shop, settings):
    settings.TIME_ZONE = EARLIEST
    make.make_exception(date=make.day_from_today(0), reason="Flood")
    assert "Flood" in shown("footer")
    settings.TIME_ZONE = LATEST
    assert "Flood" not in shown("footer")


def test_hours_that_the_page_has_loaded_are_its_own(shop):
    """A page of the catalogue has those of fewer days than the footer else shows."""
    today, far = make.day_from_today(0), make.day_from_today(20)
    make.make_exception(date=far, reason="Flood")
    assert "Flood" in shown("footer")
    with remembering():
        hours = load_hours(today, today)
    assert "Flood" not in shown("footer", Shell(None, hours))
    assert "Flood" in shown("footer")


def test_categories_that_the_page_has_loaded_are_its_own(shop):
    assert shop.name in shown("header")
    assert shop.name not in shown("header", Shell([]))
    assert shop.name in shown("header", Shell([shop]))


def test_the_chosen_day_goes_along_and_the_category_is_marked(shop):
    plain = shown("header", day_query="", category=None)
    with_day = shown("header", day_query="?day=2026-11-24")
    assert "?day=2026-11-24" not in plain
    assert f"{shop.get_absolute_url()}?day=2026-11-24" in with_day
    assert "aria-current" not in plain
    assert 'aria-current="page"' in shown("header", category=shop)
    assert 'aria-current="true"' in shown("header", category=shop, product="bread")
    assert shown("header", day_query="", category=None) == plain


def test_the_shop_s_name_and_where_it_lies_are_told_as_they_are(shop):
    assert "Müller &amp; Co" in shown("header", shop_name="Müller & Co")
    assert "Müller" not in shown("header", shop_name="Ssoni")
    before = get_script_prefix()
    set_script_prefix("/bakery/")
    try:
        assert 'href="/bakery/basket/"' in shown("header")
    finally:
        set_script_prefix(before)
    assert 'href="/bakery/basket/"' not in shown("header")


def test_without_the_database_it_has_neither_categories_nor_hours(
    shop, django_assert_num_queries
):
    shown("header")
    with django_assert_num_queries(0), remembering():
        page = Template('{% load frame %}{% frame "header" %}{% frame "footer" %}')
        found = page.render(Context({"shell": None}))
    assert shop.name not in found
    assert "Market Street" not in found
    assert "Your basket" in found


@pytest.mark.parametrize("told", [{"CATALOGUE_VERSION": ""}, {"DEBUG": True}])
def test_nothing_is_remembered_without_the_setting_nor_with_debug(shop, told):
    with override_settings(**told):
        shown("header")
    assert kept() == 0
    shown("header")
    assert kept() == 1


def test_nothing_is_remembered_where_reserved_goods_are_seen(shop):
    with seen():
        shown("header")
    assert kept() == 0


def test_shoppers_share_it_and_it_knows_none_of_them(shop):
    slot = make.make_slot()
    variant = make.make_variant()
    rich, poor = Shopper(), Shopper()
    rich.fill(variant, slot, 3)
    pages = [each.get("/basket/").content.decode() for each in (rich, poor)]
    headers = [page.partition("<header")[2].partition("</header>")[0] for page in pages]
    footers = [page.partition("<footer")[2].partition("</footer>")[0] for page in pages]
    assert headers[0] == headers[1] != ""
    assert footers[0] == footers[1] != ""


@pytest.mark.parametrize("part", ["header", "footer"])
def test_its_template_asks_for_nothing_but_the_facts(part):
    template = get_template(f"shop/parts/_{part}.html").template
    assert asked_of(template.nodelist) - LOOPS <= FACTS
    assert "shell" in asked_of(template.nodelist)


def kept():
    newest = remembered._newest
    return len(newest.catalogue._kinds.get("frame", {})) if newest else 0


def asked_of(nodes):
    """The first word of every variable in these nodes, and in all below them."""
    found = set()
    for node in nodes:
        for each in vars(node).values():
            found |= words_of(each)
        if hasattr(node, "conditions_nodelists"):
            for condition, below in node.conditions_nodelists:
                found |= words_of(condition) | asked_of(below)
        for name in Node.child_nodelists + ("nodelist_loop", "nodelist_empty"):
            found |= asked_of(getattr(node, name, ()))
    return found


def words_of(thing):
    if isinstance(thing, FilterExpression):
        filtered = set().union(*(words_of(each) for each in arguments_of(thing)))
        return words_of(thing.var) | filtered
    if isinstance(thing, Variable):
        return {thing.lookups[0]} if thing.lookups else set()
    if isinstance(thing, list | tuple):
        return set().union(*(words_of(each) for each in thing))
    if hasattr(thing, "first"):  # a condition
        return words_of(thing.first) | words_of(thing.second)
    return words_of(thing.value) if hasattr(thing, "value") else set()


def arguments_of(expression):
    return [each for _, given in expression.filters for is_var, each in given if is_var]
