"""Turns the shop's errors into pages, and shows reserved goods to proofs."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.http.request import HttpHeaders

from shop.reserved import PROOF, is_proof, seen
from shop.views import errors

PROOF_AS_SENT = HttpHeaders.to_wsgi_name(PROOF)
# What is one shopper's own, and kept by no cache.
OWN_PAGES = ("/basket/", "/checkout/", "/order/", "/account/")


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


class ReservedGoodsMiddleware:
    """Lets whoever brings a proof use what is reserved for it; see shop/reserved.py.

    Only on pages that are one shopper's own. To everybody else nothing of it exists.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        proof = request.META.get(PROOF_AS_SENT)
        if proof is None or not request.path.startswith(OWN_PAGES):
            return self.get_response(request)
        if not is_proof(proof):
            return self.get_response(request)
        with seen():
            response = self.get_response(request)
        response["Cache-Control"] = "private, no-store"
        return response
