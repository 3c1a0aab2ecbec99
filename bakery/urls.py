"""Where everything is."""

from django.contrib import admin
from django.urls import include, path

urlpatterns = [
    path("", include("shop.urls")),
    path("staff/", include("shop.staff_urls")),
    path("admin/", admin.site.urls),
]
