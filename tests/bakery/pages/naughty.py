"""Pages that call themselves public and are not. For test_pages.py alone."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.urls import include, path

from shop.views.caching import for_everybody


@for_everybody
def sets_a_cookie(request: HttpRequest) -> HttpResponse:
    response = HttpResponse("a cookie")
    response.set_cookie("mine", "1")
    return response


@for_everybody
def reads_the_session(request: HttpRequest) -> HttpResponse:
    return HttpResponse(f"you are {request.session.get('name')}")


@for_everybody
def tells_all_it_knows(request: HttpRequest) -> HttpResponse:
    return HttpResponse(f"{request.headers} {request.COOKIES} {request.GET}")


urlpatterns = [
    path("cookie/", sets_a_cookie),
    path("session/", reads_the_session),
    path("all/", tells_all_it_knows),
    path("basket/all/", tells_all_it_knows),
    path("", include("bakery.urls")),
]
