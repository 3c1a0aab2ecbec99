"""Turns the shop's errors into pages."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from shop.views import errors


class ShopErrorsMiddleware:
    """What a view refuses becomes a page with the refusal's status, never a 500.

    Views answer the refusals they know a better page for; the rest comes here. Errors
    of no family of ours go on to Django.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(
        self, request: HttpRequest, exception: Exception
    ) -> HttpResponse | None:
        return errors.page_for(request, exception)
