"""Fields without templates: the same HTML as Django's own templates write."""

from __future__ import annotations

import pytest
from django import forms
from django.forms.renderers import DjangoTemplates, get_default_renderer
from django.utils.safestring import mark_safe

from shop.form_renderer import WRITERS, PlainControls

VALUES = [None, "", "Mrs Ssoni", '"><script>&', 4, 1234.5]
ATTRIBUTES = [
    {},
    {"class": "input", "required": True, "disabled": False, "maxlength": 40},
    {"data-a": '"&<', "rows": 2, "data-none": None, "data-safe": mark_safe("&amp;")},
]
WIDGETS = [
    forms.TextInput,
    forms.EmailInput,
    forms.PasswordInput,
    lambda attrs: forms.PasswordInput(attrs, render_value=True),
    forms.Textarea,
    forms.Select,
    forms.HiddenInput,
    forms.CheckboxInput,
]


@pytest.mark.parametrize("widget", WIDGETS)
@pytest.mark.parametrize("attributes", ATTRIBUTES)
@pytest.mark.parametrize("value", VALUES)
def test_a_field_is_written_as_django_writes_it(widget, attributes, value):
    ours, django_s = (
        widget(attributes).render("note", value, {"id": "n"}, renderer)
        for renderer in (PlainControls(), DjangoTemplates())
    )
    assert ours.strip() == django_s.strip()


def test_a_whole_form_is_the_same_with_what_was_wrong_in_it():
    class Asked(forms.Form):
        name = forms.CharField(max_length=5, help_text="As on the bell")
        note = forms.CharField(widget=forms.Textarea, required=False)
        at = forms.ChoiceField(choices=[("1", "One")])

    told = {"name": "Mrs Ssoni", "note": "<b>"}
    ours, django_s = (
        str(Asked(told, renderer=renderer)).split()
        for renderer in (PlainControls(), DjangoTemplates())
    )
    assert "".join(ours) == "".join(django_s)
    assert "&lt;b&gt;" in "".join(ours)


def test_only_these_are_written_without_a_template():
    assert {name.rpartition("/")[2] for name in WRITERS} == {
        "text.html",
        "email.html",
        "password.html",
        "textarea.html",
    }


def test_every_form_is_written_so():
    assert isinstance(get_default_renderer(), PlainControls)
