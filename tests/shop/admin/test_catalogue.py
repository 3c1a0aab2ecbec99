"""The owner keeps the catalogue; what is saved is at once on labels and in search."""

import io

import pytest
from django.contrib.admin.models import LogEntry
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from shop.labels import refresh_labels
from shop.models import Picture, Product, Recipe, RecipeLine, Variant
from shop.roles import OWNER
from shop.search import find
from tests.shop.admin.forms import data_of, problems
from tests.shop.make import (
    make_category,
    make_ingredient,
    make_order,
    make_product,
    make_recipe,
    make_tax_class,
    make_variant,
)
from tests.shop.staffing import client_of, make_staff

pytestmark = pytest.mark.django_db


@pytest.fixture
def owner():
    return client_of(make_staff(OWNER))


def change(client, thing, **typed):
    """Opens the thing's form, types, saves."""
    model = thing._meta.model_name
    address = f"/admin/shop/{model}/{thing.pk}/change/"
    return client.post(address, data_of(client.get(address)) | typed)


def photo(width=400, height=300):
    target = io.BytesIO()
    Image.new("RGB", (width, height), "peru").save(target, "JPEG")
    return SimpleUploadedFile("bread.jpg", target.getvalue(), "image/jpeg")


# --- products -----------------------------------------------------------------------


def test_prices_are_shown_and_typed_as_people_write_them(owner):
    product = make_product(price_cents=450)
    page = owner.get(f"/admin/shop/product/{product.pk}/change/").content.decode()
    assert 'name="variants-0-price_cents" value="4.50"' in page
    answer = change(owner, product, **{"variants-0-price_cents": "4,95"})
    assert answer.status_code == 302, problems(answer)
    assert product.variants.get().price_cents == 495


@pytest.mark.parametrize("typed", ["-1", "4.505", "four", ""])
def test_what_is_no_price_is_refused_and_kept_on_the_page(owner, typed):
    product = make_product(price_cents=450)
    answer = change(owner, product, **{"variants-0-price_cents": typed})
    assert answer.status_code == 200
    assert answer.context["errors"]
    assert product.variants.get().price_cents == 450


def test_saving_without_a_change_changes_nothing(owner):
    product = make_product(weekdays=0b0110001)
    make_variant(product=product, name="large", label={"allergens": []})
    refresh_labels()
    before = [
        *Product.objects.values(),
        *Variant.objects.order_by("pk").values(),
    ]
    assert change(owner, product).status_code == 302
    after = [*Product.objects.values(), *Variant.objects.order_by("pk").values()]
    assert after == before
    assert LogEntry.objects.get().get_change_message() == "No fields changed."


def test_weekdays_are_boxes(owner):
    product = make_product()
    assert change(owner, product, weekdays=["1", "5"]).status_code == 302
    product.refresh_from_db()
    assert product.weekdays == 0b0100010


def test_a_product_on_no_weekday_is_refused(owner):
    product = make_product()
    answer = change(owner, product, weekdays=[])
    assert "Choose at least one weekday." in problems(answer)
    product.refresh_from_db()
    assert product.weekdays == 0b1111111


def test_half_a_season_is_refused_with_a_sentence(owner):
    product = make_product()
    answer = change(owner, product, season_start="11-15")
    assert answer.status_code == 200
    product.refresh_from_db()
    assert product.season_start == ""


def test_a_new_product_is_found_by_search_and_has_a_label(owner):
    milk = make_ingredient(name="Whole milk", allergens=["milk"])
    recipe = make_recipe(parts={milk: 1})
    page = owner.get("/admin/shop/product/add/")
    typed = data_of(page) | {
        "name": "Barmbrack",
        "slug": "barmbrack",
        "category": make_category().pk,
        "tax_class": make_tax_class().pk,
        "variants-TOTAL_FORMS": 1,
        "variants-0-sku": "barmbrack",
        "variants-0-price_cents": "6.20",
        "variants-0-recipe": recipe.pk,
        "variants-0-dough_g": 400,
        "variants-0-pieces_per_tray": 12,
        "variants-0-pieces": 1,
        "variants-0-position": 0,
        "variants-0-is_active": "on",
    }
    answer = owner.post("/admin/shop/product/add/", typed)
    assert answer.status_code == 302, problems(answer)
    product = Product.objects.get(slug="barmbrack")
    assert product.weekdays == 0b1111111
    assert product.variants.get().label["allergens"] == ["milk"]
    assert find("barmbrak") == [product]


def test_a_sku_stays_what_it_is(owner):
    product = make_product()
    sku = product.variants.get().sku
    answer = change(owner, product, **{"variants-0-sku": "other"})
    assert answer.status_code == 302, problems(answer)
    assert product.variants.get().sku == sku


def test_what_was_sold_is_not_deleted(owner):
    variant = make_variant()
    make_order(lines={variant: 1})
    answer = change(owner, variant.product, **{"variants-0-DELETE": "on"})
    assert answer.status_code == 200
    assert "would require deleting the following protected" in problems(answer)
    assert Variant.objects.filter(pk=variant.pk).exists()
    address = f"/admin/shop/product/{variant.product.pk}/delete/"
    answer = owner.post(address, {"post": "yes"})
    assert Product.objects.filter(pk=variant.product.pk).exists()


# --- pictures -----------------------------------------------------------------------


def upload(owner, product, file, **typed):
    facts = {"pictures-TOTAL_FORMS": 1, "pictures-0-alt": "A brown loaf"}
    facts |= {"pictures-0-credit": "", "pictures-0-position": 0}
    return change(owner, product, **(facts | {"pictures-0-file": file} | typed))


def test_a_picture_is_uploaded_and_replaced(owner):
    product = make_product()
    answer = upload(owner, product, photo())
    assert answer.status_code == 302, problems(answer)
    first = product.pictures.get()
    assert (first.alt, first.width, first.height) == ("A brown loaf", 400, 300)
    answer = change(owner, product, **{"pictures-0-file": photo(410)})
    assert answer.status_code == 302, problems(answer)
    assert product.pictures.get().width == 410
    answer = change(owner, product, **{"pictures-0-alt": "A browner loaf"})
    assert product.pictures.get().alt == "A browner loaf"
    answer = change(owner, product, **{"pictures-0-DELETE": "on"})
    assert answer.status_code == 302, problems(answer)
    assert not Picture.objects.exists()


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("a.svg", b"<svg xmlns='http://www.w3.org/2000/svg'/>", "not a picture"),
        ("a.jpg", b"", "empty"),
        ("a.jpg", b"\xff\xd8\xff\xe0 nothing", "not a picture"),
        ("a.html", b"<script>alert(1)</script>", "not a picture"),
    ],
)
def test_a_file_that_is_no_picture_is_refused(owner, name, content, sentence):
    product = make_product()
    answer = upload(owner, product, SimpleUploadedFile(name, content))
    assert answer.status_code == 200
    assert sentence in problems(answer)
    assert not Picture.objects.exists()


def test_a_tiny_a_cut_and_a_missing_file_are_refused(owner):
    product = make_product()
    whole = photo().read()
    cut = SimpleUploadedFile("cut.jpg", whole[: len(whole) // 2])
    assert "too small" in problems(upload(owner, product, photo(20, 20)))
    assert "damaged" in problems(upload(owner, product, cut))
    assert "Choose a picture file." in problems(upload(owner, product, ""))
    assert not Picture.objects.exists()


# --- recipes and ingredients ---------------------------------------------------------


def test_a_recipe_that_would_contain_itself_is_refused_by_name(owner):
    dough = make_recipe(name="Dough", parts={make_ingredient(): 1})
    starter = make_recipe(name="Starter", parts={dough: 10})
    answer = change(
        owner,
        dough,
        **{
            "lines-TOTAL_FORMS": 2,
            "lines-1-part": starter.pk,
            "lines-1-grams": 5,
            "lines-1-position": 1,
        },
    )
    assert answer.status_code == 200
    assert "A recipe cannot be made of itself: Dough → Starter → Dough." in problems(
        answer
    )
    assert dough.lines.count() == 1


def test_a_recipe_inside_itself_at_once_is_refused_too(owner):
    dough = make_recipe(name="Dough", parts={make_ingredient(): 1})
    answer = change(
        owner, dough, **{"lines-0-part": dough.pk, "lines-0-ingredient": ""}
    )
    assert "Dough → Dough" in problems(answer)


def test_taking_the_line_out_that_made_the_circle_is_allowed(owner):
    dough = make_recipe(name="Dough", parts={make_ingredient(): 1})
    starter = make_recipe(name="Starter", parts={dough: 1})
    RecipeLine.objects.create(recipe=dough, part=starter, grams=1, position=1)
    answer = change(owner, dough, **{"lines-1-DELETE": "on"})
    assert answer.status_code == 302, problems(answer)
    assert dough.lines.count() == 1


def test_a_line_of_both_or_neither_is_refused(owner):
    dough = make_recipe(name="Dough", parts={make_ingredient(): 1})
    other = make_recipe(name="Other")
    assert change(owner, dough, **{"lines-0-part": other.pk}).status_code == 200
    assert change(owner, dough, **{"lines-0-ingredient": ""}).status_code == 200
    assert change(owner, dough, **{"lines-0-grams": "0"}).status_code == 200
    line = dough.lines.get()
    assert (line.part, line.grams) == (None, 1)


def test_an_ingredients_allergen_reaches_every_product_that_holds_it(owner):
    butter = make_ingredient(name="Butter")
    dough = make_recipe(parts={make_recipe(parts={butter: 1}): 1})
    variant = make_variant(recipe=dough, dough_g=100)
    refresh_labels()
    answer = change(owner, butter, allergens=["milk"])
    assert answer.status_code == 302, problems(answer)
    variant.refresh_from_db()
    assert variant.label["allergens"] == ["milk"]


def test_a_recipes_change_reaches_every_product_that_holds_it(owner):
    nuts = make_ingredient(name="Almonds", allergens=["nuts.almond"])
    dough = make_recipe(parts={make_ingredient(): 1})
    variant = make_variant(recipe=make_recipe(parts={dough: 1}), dough_g=100)
    refresh_labels()
    answer = change(owner, dough, **{"lines-0-ingredient": nuts.pk})
    assert answer.status_code == 302, problems(answer)
    variant.refresh_from_db()
    assert variant.label["allergens"] == ["nuts.almond"]


def test_a_circle_that_two_made_together_stops_no_other_work(owner):
    dough = make_recipe(name="Dough")
    starter = make_recipe(name="Starter", parts={dough: 1})
    RecipeLine.objects.create(recipe=dough, part=starter, grams=1)
    variant = make_variant(recipe=dough, dough_g=100)
    for thing in (make_ingredient(name="Salt"), variant.product):
        answer = change(owner, thing, name="Another name")
        assert answer.status_code == 302, problems(answer)
        thing.refresh_from_db()
        assert thing.name == "Another name"
    page = owner.get("/admin/").content.decode()
    assert "Labels stay as they are until this is mended." in page


def test_an_unknown_allergen_is_refused(owner):
    butter = make_ingredient(name="Butter")
    answer = change(owner, butter, allergens=["plutonium"])
    assert answer.status_code == 200
    butter.refresh_from_db()
    assert butter.allergens == []


def test_a_recipe_in_use_is_not_deleted(owner):
    recipe = make_recipe()
    make_variant(recipe=recipe, dough_g=1)
    owner.post(f"/admin/shop/recipe/{recipe.pk}/delete/", {"post": "yes"})
    assert Recipe.objects.filter(pk=recipe.pk).exists()


def test_who_changed_what_is_on_record(owner):
    product = make_product()
    change(owner, product, name="Brioche")
    entry = LogEntry.objects.get()
    assert entry.object_repr == "Brioche"
    assert entry.get_change_message() == "Changed Name."
