"""The demo bakery: honest recipes, believable orders, and safe to load twice."""

import io
from collections import Counter
from datetime import date

import pytest
from django.core.files.storage import default_storage
from django.core.management import call_command
from django.utils import timezone
from PIL import Image

from shop.demo.bakery import CATEGORIES, OPTION_GROUPS, PRODUCTS, RECIPES, RESOURCES
from shop.demo.catalogue import make_products
from shop.demo.counter import make_place
from shop.demo.ingredients import INGREDIENTS
from shop.demo.load import load_demo
from shop.demo.photographs import MASTERS, make_pictures
from shop.demo.shoppers import SHOPPERS
from shop.demo.store_room import make_recipes
from shop.labels import refresh_labels
from shop.models import (
    BakeDay,
    DayException,
    Ingredient,
    Order,
    OrderEvent,
    Picture,
    Product,
    Recipe,
    RecipeLine,
    SearchGram,
    Slot,
    User,
    Variant,
)
from shop.recipes import load_recipes
from tests.shop.make import make_product

COUNTED = (
    *(Ingredient, Recipe, RecipeLine, Product, Variant, SearchGram),
    *(BakeDay, Slot, DayException, User, Order, OrderEvent, Picture),
)


def counts():
    return {model.__name__: model.objects.count() for model in COUNTED}


@pytest.fixture
def catalogue(db):
    make_recipes()
    make_products()
    refresh_labels()


# --- what is written down ----------------------------------------------------------


def test_there_are_24_products_in_5_categories_with_a_master_each():
    assert (len(PRODUCTS), len(CATEGORIES)) == (24, 5)
    assert {product.category for product in PRODUCTS} == set(CATEGORIES)
    masters = {path.stem for path in MASTERS.glob("*.jpg")}
    assert masters == {product.slug for product in PRODUCTS} | {"hero"}
    assert PRODUCTS[0].slug == "milk-bread"


def test_the_masters_are_four_by_three_and_the_pictures_page_names_each():
    readme = (MASTERS / "README.md").read_text()
    for product in PRODUCTS:
        with Image.open(MASTERS / f"{product.slug}.jpg") as image:
            assert image.size == (1200, 900)
        assert f"| `{product.slug}.jpg` | {product.alt} |" in readme
    assert "CC0" in readme


def test_every_name_in_a_recipe_is_written_down_once():
    ingredients = Counter(ingredient.name for ingredient in INGREDIENTS)
    recipes = Counter(recipe.name for recipe in RECIPES)
    assert set(ingredients.values()) == set(recipes.values()) == {1}
    assert not ingredients.keys() & recipes.keys()
    used = {name for recipe in RECIPES for name in recipe.lines}
    assert used <= ingredients.keys() | recipes.keys()
    sold = {sold.recipe for product in PRODUCTS for sold in product.sold}
    assert sold <= recipes.keys()
    assert recipes.keys() <= sold | used
    assert ingredients.keys() <= used


def test_resources_and_options_that_products_name_exist():
    for product in PRODUCTS:
        assert set(product.options) <= OPTION_GROUPS.keys()
        for sold in product.sold:
            assert sold.draws.keys() <= RESOURCES.keys()


def test_a_cake_draws_more_oven_than_a_roll():
    draws = {sold.sku: sold.draws for product in PRODUCTS for sold in product.sold}
    assert draws["birthday-cake"]["Oven"] == 10 * draws["sesame-bun"]["Oven"]
    assert draws["birthday-cake"]["Decorator"] == 4


def test_no_nutrition_sheet_says_more_than_100_g_in_100_g():
    for each in INGREDIENTS:
        rest = 100 - each.fat - each.carbohydrate - each.protein - each.salt
        assert rest >= -0.5, each
        assert each.saturates <= each.fat
        assert each.sugars <= each.carbohydrate
        energy = 9 * each.fat + 4 * each.carbohydrate + 4 * each.protein
        # What the sheet does not name is water or fibre, which has 2 kcal a gram.
        assert 0.88 * energy - 5 <= each.kcal, each
        if each.name not in {"Dark rum", "Vanilla"}:
            assert each.kcal <= energy + 2 * rest + 10, each


@pytest.mark.parametrize("shopper", SHOPPERS, ids=lambda shopper: shopper.name)
def test_shoppers_order_what_there_is(shopper):
    skus = {sold.sku: product for product in PRODUCTS for sold in product.sold}
    assert shopper.basket.keys() <= skus.keys()
    for group, choice in shopper.choices.items():
        assert any(group in skus[sku].options for sku in shopper.basket)
        slugs = {slug for slug, _, _ in OPTION_GROUPS[group]["options"]}
        assert choice in slugs or (not slugs and len(choice) <= 40)
    for sku, count in shopper.basket.items():
        assert count <= skus[sku].max_per_order
    assert shopper.email.endswith("@post.example")
    assert shopper.email.isascii()


# --- what becomes of it ------------------------------------------------------------


@pytest.mark.django_db
def test_baking_loses_weight_and_never_gains_any(catalogue):
    for variant in Variant.objects.all():
        assert 0.7 <= variant.net_weight_g / variant.dough_g <= 1, variant


@pytest.mark.parametrize(
    ("recipe", "hydration"),
    [
        ("Country sourdough dough", (70, 80)),
        ("Baguette dough", (64, 72)),
        ("Focaccia dough", (75, 85)),
        ("Sandwich dough", (58, 64)),
        ("Bagel dough", (50, 58)),
        ("Pretzel dough", (48, 55)),
    ],
)
@pytest.mark.django_db
def test_doughs_hold_as_much_water_as_bakers_give_them(catalogue, recipe, hydration):
    book = load_recipes()
    percent = book.bakers_percentages(Recipe.objects.get(name=recipe).pk)
    by_name = {book.ingredients[key].name: share for key, share in percent.items()}
    least, most = hydration
    assert least <= by_name["Water"] <= most
    assert 1.6 <= by_name["Fine sea salt"] <= 2.3


@pytest.mark.django_db
def test_pre_doughs_are_made_on_the_days_before(catalogue):
    book = load_recipes()

    def days(sku):
        variant = Variant.objects.get(sku=sku)
        exploded = book.explode(variant.recipe_id, variant.dough_g)
        return {
            book.recipes[key].name: day
            for day, part in exploded.by_day.items()
            for key in part.doughs
        }

    assert days("milk-bread") == {"Milk bread dough": 0, "Tangzhong": 1}
    assert days("rye-loaf") == {
        "Rye dough": 0,
        "Rye sour": 1,
        "Refreshed rye starter": 2,
    }
    assert days("plum-cake") == {"Plum cake": 1, "Fruit in rum": 2}


@pytest.mark.django_db
def test_labels_tell_what_is_in_the_bread(catalogue):
    label = Variant.objects.get(sku="milk-bread").label
    assert label["ingredients"] == (
        "WHEAT flour, whole MILK, butter (MILK), free-range EGGS, sugar, skimmed MILK "
        "powder, yeast, sea salt"
    )
    assert label["allergens"] == ["gluten.wheat", "eggs", "milk"]
    assert label["diet"] == "vegetarian"
    assert 290 <= label["nutrition"]["energy_kcal"] <= 315
    rye = Variant.objects.get(sku="rye-loaf").label
    assert rye["allergens"] == ["gluten.wheat", "gluten.rye", "gluten.barley"]
    assert rye["diet"] == "vegan"
    plum = Variant.objects.get(sku="plum-cake").label
    assert {"nuts.almond", "sulphites"} <= set(plum["allergens"])


@pytest.mark.django_db
def test_holidays_are_the_coming_ones():
    make_place(date(2026, 12, 25))
    dates = set(DayException.objects.values_list("date", flat=True))
    assert date(2026, 12, 25) in dates
    assert date(2027, 12, 24) in dates
    assert date(2027, 1, 1) in dates


@pytest.mark.django_db
def test_the_whole_bakery_is_there_and_loading_again_changes_nothing():
    today = timezone.localdate()
    made = load_demo(today, pictures=False)
    assert made["products"] == 24
    assert Product.objects.filter(is_featured=True).count() == 8
    assert BakeDay.objects.count() in range(9, 14)
    _demand_believable_orders(today)
    _demand_staff()
    before = counts()
    assert load_demo(today, pictures=False) == Counter()
    assert counts() == before


def _demand_believable_orders(today):
    orders = Order.objects.all()
    assert 24 <= len(orders) <= 60
    assert all(order.lines.exists() and order.total_cents for order in orders)
    assert orders.filter(bake_day__date__lt=today).count() == 0
    assert orders.values("slot").distinct().count() >= 12
    assert orders.values("bake_day").distinct().count() == 4
    assert orders.exclude(note="").exists()
    assert all(order.placed_at <= timezone.now() for order in orders)
    assert orders.filter(state=Order.State.CANCELLED).count() == 1


def _demand_staff():
    staff = User.objects.filter(is_demo=True).order_by("pk")
    roles = [(user.email, user.groups.get().name) for user in staff]
    assert roles == [
        ("owner@demo.bakery", "owner"),
        ("baker@demo.bakery", "baker"),
        ("counter@demo.bakery", "counter"),
    ]
    assert all(user.is_staff and not user.is_superuser for user in staff)
    assert all(user.check_password("bake-at-dawn") for user in staff)


@pytest.mark.django_db
def test_what_the_staff_have_altered_stays(catalogue):
    Product.objects.filter(slug="milk-bread").update(name="Mum's milk bread")
    Variant.objects.filter(sku="baguette").update(price_cents=310)
    RecipeLine.objects.filter(recipe__name="Rye dough").first().delete()
    Product.objects.get(slug="brioche").option_groups.clear()
    before = counts()
    assert make_recipes() + make_products() == Counter()
    assert counts() == before
    assert Product.objects.get(slug="milk-bread").name == "Mum's milk bread"
    assert Variant.objects.get(sku="baguette").price_cents == 310


@pytest.mark.django_db
def test_a_dry_run_counts_and_makes_nothing():
    written = io.StringIO()
    before = counts()
    call_command("demo", "--dry-run", stdout=written)
    assert "24 products" in written.getvalue()
    assert written.getvalue().startswith("Would make ")
    assert counts() == before


@pytest.mark.django_db
def test_a_bare_demo_product_and_the_hero_get_their_pictures_once():
    product = make_product(slug="milk-bread")
    make_product(slug="nobody-took-a-picture-of-this")
    assert make_pictures(lambda words: None) == 2
    assert make_pictures(lambda words: None) == 0
    picture = product.pictures.get()
    assert picture.alt == "Milk bread loaf with three soft, shiny golden domes"
    assert (
        picture.credit == "Computer rendering; the real one looks different every day."
    )
    hero = Picture.objects.get(slot_name="hero")
    assert (hero.width, hero.height) == (1600, 900)
    for each in (picture, hero):
        assert default_storage.exists(f"pictures/{each.digest}-1200.avif")
