"""A shop of a few pages, for the tests of the layer around it."""

from __future__ import annotations

from django.http import FileResponse, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.urls import path
from django.utils.cache import patch_cache_control

from basket.badge import set_badge
from basket.operations import operation_of
from basket.origin import same_origin_post

PAGE = "<h1>Milk bread</h1>"


def page(request: HttpRequest) -> HttpResponse:
    response = HttpResponse(PAGE)
    patch_cache_control(response, public=True, max_age=0, s_maxage=60)
    return response


def greeted(request: HttpRequest) -> HttpResponse:
    response = page(request)
    response.set_cookie("greeted", "yes")
    return response


def secret_page(request: HttpRequest) -> HttpResponse:
    return HttpResponse(PAGE, headers={"Cache-Control": "no-store"})


def data(request: HttpRequest) -> HttpResponse:
    return JsonResponse({"open": True})


def file(request: HttpRequest) -> HttpResponse:
    return FileResponse([b"..."], content_type="image/webp")


def contents(request: HttpRequest) -> HttpResponse:
    lines = request.basket.contents().lines
    return JsonResponse({line.item: line.quantity for line in lines})


@same_origin_post
def add(request: HttpRequest) -> HttpResponse:
    item = request.POST["item"]
    operation = operation_of(request, "add", item)
    change = request.basket.add(item, 1, operation=operation)
    response = redirect("/contents/")
    set_badge(response, version=change.version, pieces=change.quantity, total_cents=450)
    return response


def guarded_by_token(request: HttpRequest) -> HttpResponse:
    return HttpResponse("done")


def refused(request: HttpRequest, *args, **named) -> HttpResponse:
    return HttpResponse("Refused.", status=403)


def missing(request: HttpRequest, *args, **named) -> HttpResponse:
    return HttpResponse("Not here.", status=404)


handler403 = refused
handler404 = missing
urlpatterns = [
    path("", page),
    path("staff/", page),
    path("admin/", page),
    path("secret/", secret_page),
    path("greeted/", greeted),
    path("gone/", missing),
    path("data/", data),
    path("file/", file),
    path("contents/", contents),
    path("add/", add),
    path("guarded/", guarded_by_token),
]
