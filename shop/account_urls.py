"""The account's own pages under /account/. Logging in is under /account/auth/."""

from __future__ import annotations

from django.urls import path

from shop.views.account import data, details, orders, overview, picture

app_name = "account_pages"
urlpatterns = [
    path("", overview.overview, name="overview"),
    path("orders/", orders.orders, name="orders"),
    path("orders/<str:code>/again/", orders.again, name="order_again"),
    path("details/", details.details, name="details"),
    path("allergies/", details.allergies, name="allergies"),
    path("picture/", picture.picture, name="picture"),
    path("picture/removal/", picture.remove, name="picture_removal"),
    path("data/", data.data, name="data"),
    path("data/copy/", data.copy, name="data_copy"),
    path("erasure/", data.erasure, name="erasure"),
    path("erased/", data.erased, name="erased"),
]
