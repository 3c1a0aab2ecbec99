"""What a process remembers of the catalogue, and how it learns that it changed."""

from __future__ import annotations

import copy
import datetime as dt
import re

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from bakery.models import PageChange
from bakery.pages.seen import LIMITS, TABLES
from bakery.pages.stamp import catalogue_version, fold_changes
from shop import remembered
from shop.draws import uses_of
from shop.goods import find_slot, groups_of, pictures_of, variants_named
from shop.hours import load_hours
from shop.models import Capacity, DayException, Option, OptionGroup, TaxClass, Variant
from shop.remembered import begin, find, remembering
from shop.reserved import seen
from shop.shell import Shell
from shop.supply import load_supply
from tests.shop import make
from tests.shop.shopper import Shopper

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _nothing_kept():
    remembered.forget()
    yield
    remembered.forget()


@pytest.fixture
def loads():
    """Every load of the kind "word": the keys it was asked for."""
    return []


@pytest.fixture
def ask(loads):
    def load(keys):
        loads.append(keys)
        return {key: key.upper() for key in keys if key != "gone"}

    return lambda *keys: find("word", keys, load)


# --- keeping -----------------------------------------------------------------------


def test_what_was_loaded_is_not_loaded_again(ask, loads):
    for _ in range(2):
        with remembering():
            assert ask("a", "b") == {"a": "A", "b": "B"}
            assert ask("b", "a", "c", "a") == {"a": "A", "b": "B", "c": "C"}
    assert loads == [["a", "b"], ["c"]]


def test_what_is_not_there_is_asked_for_again(ask, loads):
    with remembering():
        assert ask("gone", "a") == {"a": "A"}
        assert ask("gone") == {}
    assert loads == [["gone", "a"], ["gone"]]


def test_nothing_is_remembered_elsewhere(ask, loads, django_assert_num_queries):
    with remembering():
        ask("a")
    with django_assert_num_queries(0):
        assert ask("a") == {"a": "A"}
    assert loads == [["a"], ["a"]]


def test_without_the_setting_nothing_is_remembered(ask, loads, settings):
    del settings.CATALOGUE_VERSION
    with remembering():
        ask("a")
        ask("a")
    assert loads == [["a"], ["a"]]


def test_reserved_goods_are_never_remembered(ask, loads):
    with remembering(), seen():
        ask("a")
        ask("a")
    with remembering():
        ask("a")
    assert loads == [["a"], ["a"], ["a"]]


def test_nothing_asked_for_asks_nothing(ask, loads, django_assert_num_queries):
    with django_assert_num_queries(0), remembering():
        assert ask() == {}
    assert loads == []


# --- the version -------------------------------------------------------------------


def test_the_version_is_asked_once_in_a_block(ask, django_assert_num_queries):
    with django_assert_num_queries(1), remembering():
        ask("a")
        ask("b")
        ask("a")
    with django_assert_num_queries(0), remembering():
        pass


def test_a_change_is_seen_by_the_next_block_and_not_in_this_one():
    variant = make.make_variant(price_cents=450)

    def price():
        return variants_named([variant.sku])[variant.sku].price_cents

    with remembering():
        assert price() == 450
        Variant.objects.update(price_cents=470)
        assert price() == 450
    with remembering():
        assert price() == 470


def test_what_was_rolled_back_is_not_remembered():
    variant = make.make_variant(price_cents=450)

    def price():
        with remembering():
            return variants_named([variant.sku])[variant.sku].price_cents

    assert price() == 450
    with transaction.atomic():
        Variant.objects.update(price_cents=470)
        assert price() == 470
        transaction.set_rollback(True)
    assert price() == 450


def test_begin_asks_for_the_version_before_the_first_fact(
    ask, loads, django_assert_num_queries
):
    make.make_variant()
    with django_assert_num_queries(0):
        begin()
    with remembering():
        with django_assert_num_queries(1):
            begin()
            begin()
        TaxClass.objects.update(permille=230)
        with django_assert_num_queries(0):
            ask("a")
    with remembering():
        ask("a")
    assert loads == [["a"], ["a"]]


def test_begin_asks_nothing_where_nothing_is_remembered(
    settings, django_assert_num_queries
):
    with django_assert_num_queries(0), remembering(), seen():
        begin()
    settings.CATALOGUE_VERSION = ""
    with django_assert_num_queries(0), remembering():
        begin()


@pytest.mark.parametrize(("seconds", "asks"), [(60, 0), (0, 1)])
def test_a_version_that_may_be_old_is_asked_now_and_then(
    ask, settings, django_assert_num_queries, seconds, asks
):
    settings.PAGE_LOOK_SECONDS = seconds
    with remembering():
        ask("a")
    with django_assert_num_queries(asks), remembering(may_be_old=True):
        ask("a")


def test_the_version_is_the_same_whatever_happens_to_limits_and_rows_of_changes():
    variant = make.make_variant()
    limit = make.make_capacity(product=variant.product, limit=10)
    before = catalogue_version()
    Capacity.objects.filter(pk=limit.pk).update(taken=9)
    assert PageChange.objects.exclude(day=None).exists()
    fold_changes()
    assert catalogue_version() == before
    TaxClass.objects.update(permille=230)
    assert catalogue_version() != before


# --- what is remembered ------------------------------------------------------------


@pytest.fixture
def shop():
    """A bit of everything; gives a variant and a slot."""
    slot = make.make_slot()
    variant = make.make_variant()
    make.make_capacity(bake_day=slot.bake_day, product=variant.product)
    make.make_resource(uses={variant: 2})
    group = OptionGroup.objects.create(name="Slicing", slug="slicing")
    group.products.add(variant.product)
    Option.objects.create(group=group, slug="sliced", name="Sliced", variant=variant)
    make.make_exception(date=slot.bake_day.date + dt.timedelta(days=1))
    return variant, slot


def everything(variant, slot):
    """All the kinds there are."""
    day = slot.bake_day.date
    supply = load_supply([variant], day, day, now=make.at(day, dt.time(1)))
    shell = Shell()
    return [
        variants_named([variant.sku]),
        groups_of([variant.product_id]),
        pictures_of([variant.product_id]),
        uses_of([variant.pk]),
        vars(load_hours(day, day)),
        find_slot(slot.pk),
        supply.bake_days,
        shell.categories,
    ]


def test_every_table_that_is_remembered_moves_the_version(shop):
    """Asked of the loaders themselves, so that a new table cannot be forgotten."""
    with CaptureQueriesContext(connection) as asked:
        everything(*shop)
    read = {
        table
        for query in asked.captured_queries
        for table in re.findall(r'(?:FROM|JOIN) "?([a-z_]+)\b(?!\()', query["sql"])
        if f"{table} AS (" not in query["sql"]  # a part of the same statement
    }
    read &= {*connection.introspection.table_names()}
    kept = read - {LIMITS, "shop_draw", "shop_hold"}  # asked of the database each time
    assert {"shop_variant", "shop_taxclass", "shop_resourceuse"} <= kept
    assert kept <= {*TABLES}


def test_all_that_is_remembered_costs_the_version_and_the_limits(
    shop, django_assert_num_queries
):
    with remembering():
        everything(*shop)
    with django_assert_num_queries(2), remembering():
        everything(*shop)


def test_everything_is_the_same_remembered_or_not(shop):
    with remembering():
        everything(*shop)
        kept = everything(*shop)
    fresh = everything(*shop)
    for some, others in zip(kept, fresh, strict=True):
        assert loaded(some) == loaded(others)


def loaded(facts):
    """Without what opening hours have worked out from the rest."""
    if isinstance(facts, dict):
        return {k: each for k, each in facts.items() if not str(k).startswith("_")}
    return facts


def test_limits_are_asked_for_at_once(shop):
    variant, slot = shop
    day = slot.bake_day

    def left():
        supply = load_supply([variant], day.date, day.date, now=make.at(day.date))
        return supply.limits.rooms_on(day.pk)["product", variant.product_id].left

    with remembering():
        before = left()
        Capacity.objects.filter(product=variant.product_id).update(taken=3)
        assert left() == before - 3


def test_a_new_exception_closes_the_day_at_once(shop):
    _, slot = shop
    day = slot.bake_day.date
    with remembering():
        assert load_hours(day, day).closing(day) is None
    DayException.objects.create(date=day, reason="Flood")
    with remembering():
        assert load_hours(day, day).closing(day).reason == "Flood"


def test_a_shoppers_trip_leaves_what_is_remembered_as_it_was(shop):
    variant, slot = shop
    shopper = Shopper()
    shopper.add(variant, 2, **{"option-slicing": "sliced"})
    shopper.choose(slot)
    shopper.get("/basket/")
    before = snapshot()
    shopper.get("/basket/pick-up/")
    shopper.set(shopper.contents().lines[0].item, 1)
    assert shopper.order(shopper.reach_last_screen()).status_code == 303
    after = snapshot()
    assert before
    assert {key: after[key] for key in before} == before


def snapshot():
    """The columns of every remembered row, by kind and key."""
    kinds = remembered._newest.catalogue._kinds
    return {
        (kind, key): copy.deepcopy(columns(fact))
        for kind, facts in kinds.items()
        for key, fact in facts.items()
    }


def columns(fact):
    if hasattr(fact, "_meta"):
        return {f.attname: fact.__dict__.get(f.attname) for f in fact._meta.fields}
    if isinstance(fact, dict):
        return {key: columns(each) for key, each in fact.items()}
    if isinstance(fact, list):
        return [columns(each) for each in fact]
    if hasattr(fact, "exceptions"):
        return [columns(fact.places), columns(fact.rules), columns(fact.exceptions)]
    return fact
