"""Filling in the admin's forms as a browser would."""

from __future__ import annotations

from typing import Any

from django.forms import BaseForm, MultipleChoiceField


def data_of(response) -> dict[str, Any]:
    """What the browser would post from a form page that nobody has typed into."""
    admin_form = response.context["adminform"].form
    data = _fields(admin_form)
    for inline in response.context["inline_admin_formsets"]:
        formset = inline.formset
        data |= _fields(formset.management_form)
        for form in formset.forms:
            data |= _fields(form)
    return {name: value for name, value in data.items() if value is not None}


def _fields(form: BaseForm) -> dict[str, Any]:
    return {
        bound.html_name: _shown(bound) for bound in form if not bound.field.disabled
    }


def _shown(bound) -> Any:
    value = bound.value()
    if value is False:
        return None  # a box without a tick sends nothing
    if isinstance(value, (list, tuple)):
        return [getattr(each, "pk", each) for each in value]
    if value is True:
        return "on"
    if value is None:
        return [] if isinstance(bound.field, MultipleChoiceField) else ""
    return value


def problems(response) -> str:
    """All sentences on the page that tell what is wrong."""
    return str(response.context["errors"])
