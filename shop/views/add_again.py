"""What is shown when something cannot be added as asked: the wish, to be mended."""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render

from shop.choices import FIELD, option_groups
from shop.exceptions import BadChoice
from shop.models import OptionGroup, Variant

LONGEST = 500  # characters of one value that are given back


@dataclass(frozen=True)
class Asked:
    """One field of the wish. Those that can be typed are shown, the others kept."""

    name: str
    value: str
    label: str = ""
    sentence: str = ""


def page(
    request: HttpRequest, variant: Variant | None, wrong: BadChoice
) -> HttpResponse:
    """422 with what is wrong; what was typed stays, and can be sent again mended."""
    if request.META.get("HTTP_X_FRAGMENT") == "add":
        answer = {"ok": False, "say": str(wrong), "field": wrong.field}
        return JsonResponse(answer, status=wrong.status)
    context = {"sentence": str(wrong), "variant": variant}
    if variant:
        context |= _wish(request, variant, wrong)
    return render(
        request,
        "shop/refused.html",
        context,
        status=HTTPStatus.UNPROCESSABLE_ENTITY,
    )


def _wish(request: HttpRequest, variant: Variant, wrong: BadChoice) -> dict:
    labels = {"quantity": "How many"} | {
        FIELD + group.slug: group.name
        for group in option_groups(variant.product)
        if group.kind == OptionGroup.Kind.TEXT
    }
    posted = [
        (name, value) for name in _names(request) for value in _values(request, name)
    ]
    typed = [
        Asked(name, value, labels[name], str(wrong) if name == wrong.field else "")
        for name, value in posted
        if name in labels
    ]
    kept = [Asked(*each) for each in posted if each[0] not in labels]
    can_mend = wrong.field in {each.name for each in typed}
    return {
        "typed": typed if can_mend else [],
        "kept": [each for each in kept if each.name != wrong.field],
        "errors": [(f"#id-{wrong.field}", str(wrong))] if can_mend else [],
    }


def _names(request: HttpRequest) -> list[str]:
    """The fields of an add and nothing else; the operation must be a new one."""
    known = {"sku", "quantity", "day", "next"}
    return [name for name in request.POST if name in known or name.startswith(FIELD)]


def _values(request: HttpRequest, name: str) -> list[str]:
    return [value[:LONGEST] for value in request.POST.getlist(name)]
