"""Small files that machines ask for: robots.txt and the web manifest."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.templatetags.static import static
from django.urls import reverse

from shop.linked_data import absolute
from shop.views.caching import for_an_hour

PRIVATE = ["basket/", "checkout/", "order/", "staff/", "admin/"]


@for_an_hour
def robots(request: HttpRequest) -> HttpResponse:
    """What search engines may walk through, and where the sitemap is."""
    lines = ["User-agent: *"]
    lines += [f"Disallow: {reverse('shop:home')}{path}" for path in PRIVATE]
    lines += ["", f"Sitemap: {absolute('/sitemap.xml')}", ""]
    return HttpResponse("\n".join(lines), content_type="text/plain; charset=utf-8")


@for_an_hour
def manifest(request: HttpRequest) -> HttpResponse:
    """What a phone needs to keep the shop among its apps."""
    return JsonResponse(
        {
            "name": settings.SHOP_NAME,
            "short_name": settings.SHOP_NAME.split()[0],
            "start_url": reverse("shop:home"),
            "display": "standalone",
            "background_color": "#fdf8f0",
            "theme_color": "#fdf8f0",
            "icons": [
                _icon("icon-192.png", "192x192", "any"),
                _icon("icon-512.png", "512x512", "any"),
                _icon("icon-maskable.png", "512x512", "maskable"),
            ],
        },
        content_type="application/manifest+json",
    )


def _icon(name: str, sizes: str, purpose: str) -> dict[str, str]:
    return {
        "src": static(f"shop/icons/{name}"),
        "sizes": sizes,
        "type": "image/png",
        "purpose": purpose,
    }
