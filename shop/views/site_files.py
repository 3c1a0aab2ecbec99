"""Files that machines ask for: robots.txt, the sitemap and the web manifest."""

from __future__ import annotations

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.templatetags.static import static
from django.urls import reverse

from shop.linked_data import absolute
from shop.remembered import remembering
from shop.sitemap import number_of_files, urls_of_file
from shop.views.caching import for_an_hour, for_everybody, page_number

PRIVATE = ["basket/", "checkout/", "order/", "staff/", "admin/"]


@for_an_hour
def robots(request: HttpRequest) -> HttpResponse:
    """What search engines may walk through, and where the sitemap is."""
    lines = ["User-agent: *"]
    lines += [f"Disallow: {reverse('shop:home')}{path}" for path in PRIVATE]
    lines += ["", f"Sitemap: {absolute('/sitemap.xml')}", ""]
    return HttpResponse("\n".join(lines), content_type="text/plain; charset=utf-8")


@for_everybody
@remembering()
def sitemap(request: HttpRequest) -> HttpResponse:
    """Everything that is sold, or a list of files with ?p= that have it all."""
    files = number_of_files()
    asked, number = "p" in request.GET, page_number(request)
    if number > files:
        raise Http404("There are not so many.")
    if files > 1 and not asked:
        own = absolute(request.path)
        locations = [{"location": f"{own}?p={n}"} for n in range(1, files + 1)]
        return _xml(request, "sitemap_index.xml", {"sitemaps": locations})
    return _xml(request, "shop/sitemap.xml", {"urlset": urls_of_file(number)})


def _xml(request: HttpRequest, template: str, page: dict) -> HttpResponse:
    answer = render(request, template, page, content_type="application/xml")
    answer["X-Robots-Tag"] = "noindex, noodp, noarchive"  # the file, not what it names
    return answer


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
