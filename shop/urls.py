"""The shopper's pages. URLs are nouns; every POST ends in a redirect."""

from __future__ import annotations

from django.urls import path

from shop.views import basket, catalogue, checkout, media, orders, pick_up, site_files

app_name = "shop"
urlpatterns = [
    # First what is made for each request. Catalogue pages are kept, and found without.
    path("basket/", basket.basket, name="basket"),
    path("basket/lines/", basket.add, name="basket_lines"),
    path("basket/line/", basket.change, name="basket_line"),
    path("basket/pick-up/", pick_up.pick_up, name="pick_up"),
    path("checkout/", checkout.enter, name="checkout"),
    path("checkout/contact/", checkout.contact, name="checkout_contact"),
    path("checkout/order/", checkout.order, name="checkout_order"),
    path("order/<str:secret>/", orders.order, name="order"),
    path("order/<str:secret>/cancellation/", orders.cancel, name="order_cancellation"),
    path("order/<str:secret>/calendar.ics", orders.calendar, name="order_calendar"),
    path("order/<str:secret>/code.svg", orders.code, name="order_code"),
    path("", catalogue.home, name="home"),
    path("category/<slug:slug>/", catalogue.category, name="category"),
    path("product/<slug:slug>/", catalogue.product, name="product"),
    path("search/", catalogue.search, name="search"),
    path("allergens/", catalogue.allergens, name="allergens"),
    path("media/<path:name>", media.media, name="media"),
    path("robots.txt", site_files.robots, name="robots"),
    path("manifest.webmanifest", site_files.manifest, name="manifest"),
]
