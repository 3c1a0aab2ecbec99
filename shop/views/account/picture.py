"""A picture of oneself: sent, shown, taken away again. Never cached."""

from __future__ import annotations

from http import HTTPStatus

from allauth.core import ratelimit
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_POST

from shop.exceptions import PictureError
from shop.models import Customer
from shop.picture_rules import BadPicture
from shop.profile_pictures import (
    profile_picture_of,
    remove_profile_picture,
    set_profile_picture,
)
from shop.views.account.gate import own_page
from shop.views.account.picture_form import PictureForm
from shop.views.basket_answer import see_other
from shop.views.methods import page_with_form

TOO_OFTEN = "You have sent many pictures within an hour. Please try again later."
WAIT_SECONDS = 600


@page_with_form
@own_page
def picture(request: HttpRequest, customer: Customer) -> HttpResponse:
    """The picture there is, and the form for another one."""
    if request.method != "POST":
        return _show(request, PictureForm())
    form = PictureForm(request.POST, request.FILES)
    if not form.is_valid():
        return _show(request, form, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    if not ratelimit.consume(request, action="profile_picture"):
        form.add_error("file", TOO_OFTEN)
        return _later(request, form, HTTPStatus.TOO_MANY_REQUESTS, WAIT_SECONDS)
    try:
        set_profile_picture(request.user, form.cleaned_data["file"].read())
    except BadPicture as problem:
        form.add_error("file", str(problem))
        return _show(request, form, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    except PictureError as problem:
        form.add_error("file", str(problem))
        return _later(request, form, problem.status, problem.retry_seconds)
    messages.success(request, "Your new picture is there.")
    return see_other("account_pages:picture")


@require_POST
@own_page
def remove(request: HttpRequest, customer: Customer) -> HttpResponse:
    """Take it away, row and files."""
    if remove_profile_picture(request.user):
        messages.success(request, "Your picture is removed.")
    return see_other("account_pages:picture")


def _later(
    request: HttpRequest, form: PictureForm, status: int, seconds: int
) -> HttpResponse:
    response = _show(request, form, status=status)
    response["Retry-After"] = str(seconds)
    return response


def _show(
    request: HttpRequest, form: PictureForm, *, status: int = HTTPStatus.OK
) -> HttpResponse:
    shown = profile_picture_of(request.user)
    context = {
        "form": form,
        "has_picture": shown is not None,
        "shown_as": "Your picture" if shown else "Your initials",
    }
    return render(request, "shop/account/picture.html", context, status=status)
