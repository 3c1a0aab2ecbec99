"""Catalogue pages."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse


def home(request: HttpRequest, **path: object) -> HttpResponse:
    raise Http404


def category(request: HttpRequest, **path: object) -> HttpResponse:
    raise Http404


def product(request: HttpRequest, **path: object) -> HttpResponse:
    raise Http404


def search(request: HttpRequest, **path: object) -> HttpResponse:
    raise Http404


def allergens(request: HttpRequest, **path: object) -> HttpResponse:
    raise Http404


def robots(request: HttpRequest, **path: object) -> HttpResponse:
    raise Http404


def manifest(request: HttpRequest, **path: object) -> HttpResponse:
    raise Http404
