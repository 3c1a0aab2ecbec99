"""What shoppers type about themselves."""

from __future__ import annotations

import re

from django import forms
from django.core.exceptions import ValidationError

from shop.contact import NOT_WRITTEN, can_be_written


def on_one_line(value: str) -> str:
    """The words with single blanks; a name with a line break would forge a mail."""
    words = " ".join(value.split())
    if not can_be_written(words):
        raise ValidationError(NOT_WRITTEN)
    return words


class ContactForm(forms.Form):
    """The first checkout screen: four fields, two of them optional."""

    name = forms.CharField(
        label="Your name",
        max_length=120,
        help_text="We write it on your bag.",
        error_messages={
            "required": "Enter your name, so that we can write it on your bag.",
            "max_length": "Enter a name of at most 120 letters.",
        },
        widget=forms.TextInput(attrs={"class": "input", "autocomplete": "name"}),
    )
    email = forms.EmailField(
        label="E-mail address",
        max_length=254,
        help_text="For the confirmation and the link to your order. Nothing else.",
        error_messages={
            "required": "Enter your e-mail address, so that we can confirm the order.",
            "invalid": "Enter an e-mail address like name@example.com.",
            "max_length": "Enter an e-mail address of at most 254 letters.",
        },
        widget=forms.EmailInput(
            attrs={
                "class": "input",
                "autocomplete": "email",
                "inputmode": "email",
                "spellcheck": "false",
            }
        ),
    )
    phone = forms.CharField(
        label="Phone number",
        max_length=40,
        required=False,
        help_text="Only if the oven breaks down or something in your order is missing.",
        error_messages={"max_length": "Enter a phone number of at most 40 digits."},
        widget=forms.TextInput(
            attrs={
                "class": "input",
                "autocomplete": "tel",
                "inputmode": "tel",
                "type": "tel",
            }
        ),
    )
    note = forms.CharField(
        label="Note for the bakery",
        max_length=300,
        required=False,
        help_text="Such as: somebody else will pick it up.",
        error_messages={"max_length": "Keep the note to 300 letters."},
        widget=forms.Textarea(
            attrs={"class": "input", "rows": 2, "autocomplete": "off"}
        ),
    )

    def clean_name(self) -> str:
        return on_one_line(self.cleaned_data["name"])

    def clean_phone(self) -> str:
        phone = on_one_line(self.cleaned_data["phone"])
        digits = len(re.findall(r"\d", phone))
        if phone and (digits < 5 or re.search(r"[^\d+()/. -]", phone)):
            raise ValidationError("Enter a phone number like +353 1 555 0100.")
        return phone

    def clean_note(self) -> str:
        return on_one_line(self.cleaned_data["note"])
