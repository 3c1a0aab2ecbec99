"""The catalogue's pages: the same for every shopper, in few queries and few bytes."""

from __future__ import annotations

import datetime as dt
import gzip
import json
import re
import xml.etree.ElementTree as ET

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse

from basket import tokens
from shop.calendar import day_words
from shop.demo.load import load_demo
from shop.models import Option, OptionGroup, Picture, Product, Variant
from shop.opening import open_days
from shop.search import index_products
from tests.shop import make

pytestmark = pytest.mark.django_db

TODAY = make.day_from_today(0)
FOURTEEN_KB = 14 * 1024


@pytest.fixture
def shop():
    """Open every day from 7:00; what is ordered until 18:00 is there tomorrow."""
    place = make.make_place(address="12 Market Lane", phone="+353 1 555 0142")
    open_days(TODAY, 14)
    return place


@pytest.fixture
def bread(shop):
    product = make.make_product(
        name="Milk bread", slug="milk-bread", summary="Soft.", variant=False
    )
    make.make_variant(
        product=product,
        sku="milk-bread",
        net_weight_g=400,
        label={
            "ingredients": "WHEAT flour, whole MILK",
            "allergens": ["gluten.wheat", "milk"],
            "may_contain": ["sesame"],
            "diet": "vegetarian",
        },
    )
    return product


@pytest.fixture
def demo(db):
    """The demo bakery, each product with a picture whose files nobody asks for."""
    load_demo(TODAY, pictures=False)
    Picture.objects.bulk_create(
        Picture(
            product=product,
            alt=f"{product.name}, golden brown, on a board",
            digest=f"{product.pk * 7919:032x}",
            width=1200,
            height=900,
            colour="#d8ccb5",
        )
        for product in Product.objects.all()
    )


def text_of(response) -> str:
    """What is read on the page, blanks made single."""
    body = re.sub(r"<(script|style).*?</\1>", "", response.content.decode(), flags=re.S)
    return " ".join(re.sub(r"<[^>]+>", " ", body).split())


def linked_data(response) -> dict[str, dict]:
    """The page's data for search engines, by type."""
    block = re.search(
        r'<script type="application/ld\+json">(.*?)</script>', response.content.decode()
    )
    return {thing["@type"]: thing for thing in json.loads(block[1])["@graph"]}


def free_day() -> dt.date:
    """A day that can be chosen at whatever hour the test runs."""
    return make.day_from_today(4)


PAGES = ["/", "/category/{}/", "/product/{}/", "/search/?q=bread", "/allergens/"]


def urls(product: Product) -> list[str]:
    slugs = ["", product.category.slug, product.slug, "", ""]
    return [page.format(slug) for page, slug in zip(PAGES, slugs, strict=True)]


# --- for everybody -----------------------------------------------------------------


def test_the_body_is_the_same_for_every_shopper(bread, client):
    index_products()
    staff = Client()
    staff.force_login(make.make_user(is_staff=True, is_superuser=True))
    returning = Client()
    returning.cookies[settings.BASKET_COOKIE_NAME] = tokens.sign(tokens.new_token())
    returning.cookies["badge"] = "7.3.1450"
    for url in urls(bread):
        bodies = {each.get(url).content for each in (client, staff, returning)}
        assert len(bodies) == 1, url
        assert b"csrf" not in bodies.pop()


def test_any_cache_may_keep_a_page_that_sets_no_cookie(bread, client):
    index_products()
    client.cookies[settings.BASKET_COOKIE_NAME] = tokens.sign(tokens.new_token())
    for url in urls(bread):
        response = client.get(url)
        assert response.status_code == 200, url
        assert response["Cache-Control"] == "public, max-age=0, s-maxage=1"
        assert "Cookie" not in response.get("Vary", "")
        assert not response.cookies
        again = client.get(url, headers={"If-None-Match": response["ETag"]})
        assert (again.status_code, again.content) == (304, b"")


def test_the_page_that_brings_the_basket_cookie_is_private(bread, client):
    response = client.get("/")
    assert settings.BASKET_COOKIE_NAME in response.cookies
    assert "public" not in response["Cache-Control"]


def test_pages_are_only_read(bread, client):
    for url in urls(bread):
        assert client.head(url).status_code == 200
        assert client.post(url).status_code == 405


def test_nothing_is_styled_or_scripted_inside_a_page(bread, client):
    index_products()
    for url in urls(bread):
        body = client.get(url).content.decode()
        scripts = re.findall(r"<script(.*?)>", body)
        assert all("src=" in each or "ld+json" in each for each in scripts)
        assert not re.search(r"\s(style|on[a-z]+)=|<style", body)


# --- few queries, few bytes --------------------------------------------------------


QUERIES = {
    "/": 11,
    "/category/breads/": 11,
    "/product/milk-bread/": 13,
    "/search/": 11,
    "/search/?q=bread": 14,
    "/search/?q=qqqqxxxx": 13,
    "/allergens/": 10,
    "/sitemap.xml": 3,
    "/robots.txt": 0,
}


def test_the_queries_of_each_page(demo, client, django_assert_num_queries):
    for url, queries in QUERIES.items():
        with django_assert_num_queries(queries):
            assert client.get(url).status_code == 200


def test_the_queries_do_not_grow_with_the_products(
    shop, client, django_assert_num_queries
):
    for number in (1, 12):
        for _ in range(number):
            make.make_product(is_featured=True)
        with django_assert_num_queries(11):
            client.get("/")
        url = Product.objects.first().category.get_absolute_url()
        with django_assert_num_queries(11):
            client.get(url)


def test_the_home_page_shows_all_24_in_14_kb(demo, client):
    response = client.get(f"/?day={free_day()}")
    body = response.content.decode()
    everything = body[body.index('id="everything"') :]
    for slug in Product.objects.values_list("slug", flat=True):
        assert everything.count(f'href="/product/{slug}/?day={free_day()}"') >= 1
    assert everything.count('<li class="card') == 24
    assert len(gzip.compress(response.content)) <= FOURTEEN_KB


# --- home --------------------------------------------------------------------------


def test_home_starts_with_the_hero_and_what_is_featured(bread, client):
    make.make_product(name="Rye loaf", is_featured=True, position=9)
    body = client.get("/").content.decode()
    places = [
        body.index(words)
        for words in ("<h1>", "lead", "Today from the oven", 'id="everything"')
    ]
    assert places == sorted(places)
    featured = body[places[2] : places[3]]
    assert featured.index("Rye loaf") < featured.index("Milk bread")


def test_home_tells_hours_and_closed_days(bread, client):
    make.make_exception(date=make.day_from_today(5), reason="Baker's wedding")
    words = text_of(client.get("/"))
    assert "Mon–Sun 7:00–18:00" in words
    assert "Baker&#x27;s wedding closed" in words
    assert "12 Market Lane" in words


def test_home_tells_search_engines_about_the_bakery(bread, client):
    bakery = linked_data(client.get("/"))["Bakery"]
    assert bakery["name"] == settings.SHOP_NAME
    assert bakery["address"] == "12 Market Lane"
    assert bakery["openingHoursSpecification"][0] == {
        "@type": "OpeningHoursSpecification",
        "dayOfWeek": "Monday",
        "opens": "07:00",
        "closes": "18:00",
    }


def test_an_empty_shop_has_a_home_page(client, db):
    response = client.get("/")
    assert response.status_code == 200
    assert "We take no orders at the moment." in text_of(response)


# --- the day -----------------------------------------------------------------------


def test_the_chosen_day_is_kept_in_links_and_forms(bread, client):
    day = free_day()
    body = client.get(f"/?day={day}").content.decode()
    assert f'href="/product/milk-bread/?day={day}"' in body
    assert f'href="{bread.category.get_absolute_url()}?day={day}"' in body
    assert f'<input type="hidden" name="day" value="{day}">' in body
    assert f'<input type="hidden" name="next" value="/?day={day}">' in body


def test_without_a_day_in_the_url_none_is_sent_along(bread, client):
    body = client.get("/").content.decode()
    assert 'name="day"' not in body
    assert 'href="/product/milk-bread/"' in body


@pytest.mark.parametrize("day", ["yesterday", "2020-01-01", "9999-99-99", "%00", "<b>"])
def test_a_wrong_day_gives_the_earliest_and_a_notice(bread, client, day):
    for url in urls(bread):
        response = client.get(url, {"day": day})
        assert response.status_code == 200
        assert "There is no ordering for the day in this link." in text_of(response)
        assert f"day={day}" not in response.content.decode()


def test_a_closed_day_says_why(bread, client):
    day = free_day()
    make.make_exception(date=day, reason="Oven repair")
    words = text_of(client.get(f"/?day={day}"))
    assert f"We are closed on {day_words(day)}: Oven repair." in words


def test_a_sold_out_card_keeps_its_place_and_says_the_next_day(bread, client):
    day, next_day = free_day(), free_day() + dt.timedelta(days=1)
    make.make_product(name="Rye loaf")
    bake_day = make.BakeDay.objects.get(date=day)
    make.make_capacity(bake_day=bake_day, product=bread, limit=5, taken=5)
    url = f"{bread.category.get_absolute_url()}?day={day}"
    body = client.get(url).content.decode()
    assert body.index("Milk bread") < body.index("Rye loaf")
    assert f"Sold out for {day_words(day)}" in body
    assert f'href="/product/milk-bread/?day={next_day}"' in body
    assert 'value="milk-bread"' not in body


# --- category ----------------------------------------------------------------------


def test_a_category_is_filtered_by_its_form(bread, client):
    plain = make.make_product(name="Baguette", variant=False)
    make.make_variant(product=plain, label={"diet": "vegan"})
    url = bread.category.get_absolute_url()
    assert "2 to choose from" in text_of(client.get(url))
    found = client.get(url, {"vegan": "1"})
    assert "1 of 2" in text_of(found)
    assert "/product/milk-bread/" not in found.content.decode()
    none = client.get(url, {"vegan": "1", "no_nuts": "1", "can": "nonsense"})
    assert none.status_code == 200


def test_what_is_not_there_is_not_found(bread, client):
    empty = make.make_category()
    hidden = make.make_product(is_listed=False)
    for url in (
        "/category/nothing/",
        empty.get_absolute_url(),
        "/product/nothing/",
        hidden.get_absolute_url(),
    ):
        assert client.get(url).status_code == 404


# --- product -----------------------------------------------------------------------


def test_a_product_names_its_allergens_in_words(bread, client):
    response = client.get("/product/milk-bread/")
    words = text_of(response)
    assert "Contains gluten (wheat), milk . May contain traces of sesame." in words
    assert "<b>wheat</b> flour, whole <b>milk</b>" in response.content.decode()
    assert "€4.50 400 g · €11.25/kg" in words


def test_a_product_offers_its_sizes_and_options(bread, client):
    make.make_variant(product=bread, name="Large", sku="large", price_cents=700)
    slicing = OptionGroup.objects.create(name="Slicing", slug="slicing")
    Option.objects.create(group=slicing, name="Sliced", slug="sliced")
    Option.objects.create(group=slicing, name="Gone", slug="gone", is_active=False)
    message = OptionGroup.objects.create(
        name="Message", slug="message", kind="text", max_length=40
    )
    box = OptionGroup.objects.create(
        name="Box", slug="box", kind="variants", min_choices=2, max_choices=2
    )
    Option.objects.create(group=box, name="Bun", slug="bun", price_cents=50)
    for group in (slicing, message, box):
        group.products.add(bread)
    body = client.get("/product/milk-bread/").content.decode()
    assert '<input type="radio" name="sku" value="milk-bread" checked>' in body
    assert '<input type="radio" name="sku" value="large">' in body
    assert '<input type="radio" name="option-slicing" value="" checked>' in body
    assert '<input type="radio" name="option-slicing" value="sliced">' in body
    assert "gone" not in body
    assert 'name="option-message" maxlength="40"' in body
    assert body.count('<select class="input" name="option-box"') == 2
    assert '<option value="bun">Bun +€0.50</option>' in body


def test_what_must_be_chosen_first_is_not_added_from_a_list(bread, client):
    group = OptionGroup.objects.create(name="Box", slug="box", min_choices=1)
    group.products.add(bread)
    body = client.get("/").content.decode()
    assert 'value="milk-bread"' not in body
    assert "Choose<span" in body


def test_a_product_too_late_for_the_day_is_added_for_the_next(bread, client):
    Product.objects.update(lead_days=6)
    response = client.get(f"/product/milk-bread/?day={free_day()}")
    later = re.search(r'name="day" value="([-\d]+)"', response.content.decode())[1]
    assert dt.date.fromisoformat(later) > free_day()
    assert "Milk bread needs six working days" in text_of(response)


def test_a_product_tells_search_engines_price_and_availability(bread, client):
    make.make_variant(product=bread, name="Large", sku="large", price_cents=700)
    data = linked_data(client.get(f"/product/milk-bread/?day={free_day()}"))
    first, second = data["Product"]["offers"]
    assert (first["price"], second["price"]) == ("4.50", "7.00")
    assert first["priceCurrency"] == "EUR"
    assert first["availability"] == "https://schema.org/InStock"
    assert data["Product"]["url"] == f"{settings.SITE_URL}/product/milk-bread/"
    trail = data["BreadcrumbList"]["itemListElement"]
    assert [step["name"] for step in trail] == [
        "Home",
        bread.category.name,
        "Milk bread",
    ]


def test_a_product_without_a_picture_is_drawn(bread, client):
    body = client.get("/product/milk-bread/").content.decode()
    assert 'src="/media/drawn/milk-bread.svg"' in body


def test_names_with_markup_stay_words(bread, client):
    Product.objects.update(name="<script>alert(1)</script>", summary="</script><b>")
    for url in urls(bread)[:3]:
        body = client.get(url).content.decode()
        assert "<script>alert" not in body
        assert "</script><b>" not in body


# --- search ------------------------------------------------------------------------


def test_search_says_how_much_it_found(bread, client):
    make.make_product(name="Milk roll", slug="milk-roll")
    make.make_product(name="Rye loaf")
    index_products()
    response = client.get("/search/", {"q": "  milk   bread "})
    body = response.content.decode()
    assert "result" in re.search(r"<h1>(.*?)</h1>", body)[1]
    assert "for “milk bread”" in text_of(response)
    assert 'value="milk bread"' in body
    assert "/product/milk-bread/" in body
    assert '<meta name="robots" content="noindex">' in body
    assert 'rel="canonical"' not in body


def test_search_forgives_a_typing_error(bread, client):
    index_products()
    words = text_of(client.get("/search/", {"q": "mlik bread"}))
    assert "1 result for “mlik bread”" in words


def test_search_that_finds_nothing_leads_on(bread, client):
    Product.objects.update(is_featured=True)
    index_products()
    response = client.get("/search/", {"q": "qqqqxxxx"})
    assert response.status_code == 200
    assert "0 results for “qqqqxxxx”" in text_of(response)
    assert bread.category.get_absolute_url() in response.content.decode()
    assert "/product/milk-bread/" in response.content.decode()


@pytest.mark.parametrize("words", ["", "   ", "\0", "%", "'\"--", "x" * 5000, "🥐"])
def test_search_takes_whatever_is_typed(bread, client, words):
    index_products()
    assert client.get("/search/", {"q": words}).status_code == 200


# --- allergens, and files for machines ---------------------------------------------


def test_the_allergen_table_covers_everything(bread, client):
    make.make_product(name="Water biscuit")
    words = text_of(client.get("/allergens/"))
    assert "Contains gluten (wheat), milk. May contain sesame." in words
    assert "Water biscuit" in words
    assert "molluscs" in words


def test_every_page_says_what_it_is(bread, client):
    titles = set()
    for url in urls(bread)[:3] + ["/allergens/"]:
        body = client.get(url).content.decode()
        title = re.search(r"<title>(.*?)</title>", body)[1]
        assert len(title) <= 60
        titles.add(title)
        assert re.search(r'<meta name="description" content="[^"]{20,}">', body)
        path = url.partition("?")[0]
        assert f'<link rel="canonical" href="{settings.SITE_URL}{path}">' in body
        assert re.search(r'<meta property="og:image" content="http[^"]+">', body)
    assert len(titles) == 4


def test_the_sitemap_lists_what_is_sold_under_the_public_address(bread, client):
    make.make_product(slug="hidden", is_listed=False)
    response = client.get("/sitemap.xml", headers={"host": "10.0.0.7"})
    found = [each.text for each in ET.fromstring(response.content).findall(".//{*}loc")]
    paths = [
        "/",
        "/allergens/",
        bread.category.get_absolute_url(),
        "/product/milk-bread/",
    ]
    assert found == [f"{settings.SITE_URL}{path}" for path in paths]


def test_robots_are_kept_from_private_pages(client):
    lines = client.get("/robots.txt").content.decode().splitlines()
    assert lines[0] == "User-agent: *"
    for name in ("shop:basket", "shop:checkout"):
        assert f"Disallow: {reverse(name)}" in lines
    assert f"Sitemap: {settings.SITE_URL}/sitemap.xml" in lines


def test_the_manifest_names_icons_that_exist(client):
    response = client.get("/manifest.webmanifest")
    assert response["Content-Type"] == "application/manifest+json"
    facts = json.loads(response.content)
    assert facts["name"] == settings.SHOP_NAME
    assert {icon["purpose"] for icon in facts["icons"]} == {"any", "maskable"}


def test_the_cheapest_variant_does_not_decide_what_is_added(bread, client):
    """A card adds the first variant, which the select names, not the cheapest."""
    Variant.objects.update(name="Whole", position=0)
    make.make_variant(
        product=bread, name="Half", sku="half", price_cents=250, position=1
    )
    body = client.get("/").content.decode()
    assert body.index('<option value="milk-bread">') < body.index(
        '<option value="half">'
    )
    assert "from <span" in body
