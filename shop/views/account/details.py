"""What a customer may change about themselves: name, phone, counter, allergies."""

from __future__ import annotations

from http import HTTPStatus

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from shop.account_forms import AllergiesForm, DetailsForm
from shop.allergies import save_allergies
from shop.models import Customer, User
from shop.views.account.gate import own_page
from shop.views.allergy_cookie import avoid
from shop.views.basket_answer import see_other

page_with_form = require_http_methods(["GET", "HEAD", "POST"])


@page_with_form
@own_page
def details(request: HttpRequest, customer: Customer) -> HttpResponse:
    """Name, phone and counter; checkout is filled in with them."""
    if request.method != "POST":
        return _show(request, "details", DetailsForm.of(customer))
    form = DetailsForm(request.POST)
    if not form.is_valid():
        return _show(request, "details", form)
    save_details(customer, **form.cleaned_data)
    messages.success(request, "Your details are saved.")
    return see_other("account_pages:overview")


@page_with_form
@own_page
def allergies(request: HttpRequest, customer: Customer) -> HttpResponse:
    """What to be warned of; this browser knows at once, others when they next ask."""
    if request.method != "POST":
        form = AllergiesForm(initial={"allergies": customer.allergies})
        return _show(request, "allergies", form)
    form = AllergiesForm(request.POST)
    if not form.is_valid():
        return _show(request, "allergies", form)
    kept = save_allergies(customer, form.cleaned_data["allergies"])
    avoid(request, kept)
    said = "We warn you from now on." if kept else "We do not warn you any more."
    messages.success(request, said)
    return see_other("account_pages:overview")


def save_details(
    customer: Customer, *, name: str, phone: str, usual_place: object = None
) -> None:
    """The name is the account's too. Atomic."""
    with transaction.atomic():
        Customer.objects.filter(pk=customer.pk).update(
            name=name, phone=phone, usual_place=usual_place
        )
        User.objects.filter(pk=customer.user_id).update(name=name)


def _show(request: HttpRequest, page: str, form: DetailsForm | AllergiesForm):
    status = HTTPStatus.UNPROCESSABLE_ENTITY if form.errors else HTTPStatus.OK
    return render(request, f"shop/account/{page}.html", {"form": form}, status=status)
