"""The form that takes a picture of oneself."""

from __future__ import annotations

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile

from shop.picture_rules import MOST_BYTES, TOO_LARGE

TAKEN = "image/jpeg,image/png,image/webp"


class PictureForm(forms.Form):
    """One file. What is in it is judged by whoever decodes it."""

    file = forms.FileField(
        label="Choose a picture",
        help_text="JPEG, PNG or WebP, up to 8 MB. We keep the middle of it as a small "
        "square and nothing else of the file, not even where it was taken.",
        # What the browser calls the file matters to nobody.
        max_length=None,
        error_messages={
            "required": "Choose a picture file first.",
            "invalid": "Choose a picture file first.",
            "missing": "Choose a picture file first.",
            "empty": "This file is empty. Please choose another one.",
        },
        widget=forms.FileInput(
            attrs={
                "class": "input",
                "accept": TAKEN,
                "data-preview": "picture-preview",
                "data-most-bytes": str(MOST_BYTES),
                "data-too-large": TOO_LARGE,
            }
        ),
    )

    def clean_file(self) -> UploadedFile:
        file = self.cleaned_data["file"]
        if file.size > MOST_BYTES:
            raise ValidationError(TOO_LARGE)
        return file
