"""What is packed into a row is the same as if it had been read by itself."""

from __future__ import annotations

import pytest
from django.db.models import OuterRef

from shop import catalogue
from shop.catalogue import product_for_page, products_for_list
from shop.draws import uses_of
from shop.gathered import Gathered, rows_of
from shop.models import Option, OptionGroup, Picture, Product, Variant
from tests.shop import make

pytestmark = pytest.mark.django_db

LABEL = {"allergens": ["milk"], "ingredients": "“MILK”, œufs", "nutrition": {"a": 1.5}}


def facts(row):
    return {each.attname: getattr(row, each.attname) for each in row._meta.fields}


@pytest.fixture
def bread():
    product = make.make_product(name="Milk bread", variant=False)
    for position, name in ((2, "last"), (0, "first"), (1, "gone")):
        make.make_variant(
            product=product,
            name=name,
            position=position,
            label=LABEL,
            net_weight_g=None if position else 400,
            is_active=name != "gone",
        )
    for n, has_all in ((1, False), (0, True)):
        Picture.objects.create(
            product=product,
            alt="Bread",
            digest="0" * 32,
            width=12,
            height=9,
            colour="#d8ccb5",
            position=n,
            has_all_formats=has_all,
        )
    return product


def test_variants_and_pictures_are_as_in_their_tables(bread):
    [found] = products_for_list()
    active = Variant.objects.filter(is_active=True)
    assert list(map(facts, found.variants.all())) == list(map(facts, active))
    pictures = Picture.objects.all()
    assert list(map(facts, found.pictures.all())) == list(map(facts, pictures))
    first, other = found.pictures.all()
    assert (first.has_all_formats, other.has_all_formats) == (True, False)


def test_what_is_packed_knows_its_product_without_a_query(
    bread, django_assert_num_queries
):
    make.make_resource(uses={bread.variants.all()[0]: 3})
    with django_assert_num_queries(1):
        [found] = products_for_list()
        rows = [*found.variants.all(), *found.pictures.all()]
        assert {row.product.name for row in rows} == {"Milk bread"}
        assert found.variants.all()[0].name == "first"
        assert len(found.variants.all()) == 2


def test_without_rows_there_are_none():
    make.make_product(variant=False)
    variants = Variant.objects.filter(product=OuterRef("pk"))
    product = Product.objects.annotate(packed=Gathered(variants)).get()
    assert rows_of(Variant, product.packed) == []


def test_a_product_s_page_has_the_options_on_offer(bread, django_assert_num_queries):
    inner = make.make_variant(label={"allergens": ["eggs"]})
    group = OptionGroup.objects.create(name="Pick", slug="pick", kind="variants")
    group.products.add(bread)
    for slug, facts_of in {
        "egg": {"variant": inner, "position": 1},
        "plain": {"extra_allergens": ["soy"]},
        "gone": {"is_active": False},
    }.items():
        Option.objects.create(group=group, slug=slug, name=slug, **facts_of)
    with django_assert_num_queries(2):
        found, _ = product_for_page(bread.slug, 2)
        [asked] = found.option_groups.all()
        plain, egg = asked.options.all()
        assert (plain.slug, plain.variant, plain.extra_allergens) == (
            "plain",
            None,
            ["soy"],
        )
        assert (egg.variant, egg.variant.label) == (inner, {"allergens": ["eggs"]})
        assert egg.group.slug == "pick"


def test_what_a_list_reads_of_uses_is_as_in_the_table(bread):
    first, last = bread.variants.filter(is_active=True)
    make.make_resource(uses={first: 3})
    make.make_resource(uses={first: 1, last: 2})
    [found] = products_for_list()
    read = catalogue._uses([found])
    assert read == uses_of([first.pk, last.pk])
    assert len(read[first.pk]) == 2
