"""Where everything is."""

from django.contrib import admin
from django.urls import include, path

from bakery import health
from bakery.metrics import metrics
from shop.views.site_files import sitemap
from shop.views.staff import access

urlpatterns = [
    path("", include("shop.urls")),  # first, as nearly all requests are for it
    path("up", health.up, name="up"),
    path("ready", health.ready, name="ready"),
    path("metrics", metrics, name="metrics"),
    path("sitemap.xml", sitemap, name="sitemap"),
    path("account/auth/", include("shop.auth_urls")),
    path("account/", include("shop.account_urls")),
    path("staff/", include("shop.staff_urls")),
    # Before the admin's own, which know no second factor and no basket.
    path("admin/login/", access.log_in),
    path("admin/logout/", access.log_out),
    path("admin/", admin.site.urls),
]

handler400 = "shop.views.errors.bad_request"
handler403 = "shop.views.errors.forbidden"
handler404 = "shop.views.errors.not_found"
handler429 = "shop.views.errors.too_many"  # asked for by django-allauth
handler500 = "shop.views.errors.server_error"
