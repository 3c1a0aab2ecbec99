"""What the shop knows of somebody: to take along as a file, or to erase for good."""

from __future__ import annotations

import json
import logging
from http import HTTPStatus

from allauth.account.adapter import get_adapter
from allauth.core import ratelimit
from django.core.serializers.json import DjangoJSONEncoder
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from shop.account_forms import EraseForm
from shop.models import Customer
from shop.personal.erase import CannotErase, erase, orders_to_come
from shop.personal.person import Person, person_of
from shop.personal.record import record_of
from shop.views.account.gate import own_page
from shop.views.basket_answer import see_other
from shop.views.errors import too_many
from shop.views.uncached import never_cache

logger = logging.getLogger(__name__)
page_with_form = require_http_methods(["GET", "HEAD", "POST"])


@require_safe
@own_page
def data(request: HttpRequest, customer: Customer) -> HttpResponse:
    """What we keep and why, with the two ways: a copy, and the end."""
    return render(request, "shop/account/data.html", {"customer": customer})


@page_with_form
@own_page
def copy(request: HttpRequest, customer: Customer) -> HttpResponse:
    """POST: everything as one JSON file. Tried too often: 429."""
    if request.method != "POST":
        return see_other("account_pages:data")
    if not _in_measure(request):
        return too_many(request)
    logger.info("personal data exported by themselves")
    return json_file(person_of(request.user))


@page_with_form
@own_page
def erasure(request: HttpRequest, customer: Customer) -> HttpResponse:
    """GET asks for the password and a word; POST erases, and that is final."""
    person = person_of(request.user)
    to_come = orders_to_come(person)
    if request.method != "POST" or to_come:
        status = HTTPStatus.OK if request.method != "POST" else HTTPStatus.CONFLICT
        return _ask(request, EraseForm(user=request.user), to_come, status)
    if not _in_measure(request):
        return too_many(request)
    form = EraseForm(request.POST, user=request.user)
    if not form.is_valid():
        return _ask(request, form, [], HTTPStatus.UNPROCESSABLE_ENTITY)
    try:
        erase(person, baskets=[request.basket.token])
    except CannotErase as refusal:
        form.add_error(None, str(refusal))
        return _ask(request, form, orders_to_come(person), HTTPStatus.CONFLICT)
    get_adapter(request).logout(request)
    return see_other("account_pages:erased")


@never_cache
@require_safe
def erased(request: HttpRequest) -> HttpResponse:
    """It is done. The page knows nobody, so anybody may open it."""
    return render(request, "shop/account/erased.html")


def json_file(person: Person) -> HttpResponse:
    """The person's record as a download."""
    written = json.dumps(
        record_of(person), cls=DjangoJSONEncoder, indent=2, ensure_ascii=False
    )
    response = HttpResponse(written, content_type="application/json")
    name = f"my-data-{timezone.localdate():%Y-%m-%d}.json"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _in_measure(request: HttpRequest) -> bool:
    """Counted with the password that is asked again elsewhere: ten times a minute."""
    user = request.user
    return bool(ratelimit.consume(request, action="reauthenticate", user=user))


def _ask(
    request: HttpRequest, form: EraseForm, to_come: list, status: int
) -> HttpResponse:
    context = {"form": form, "to_come": to_come}
    return render(request, "shop/account/erasure.html", context, status=status)
