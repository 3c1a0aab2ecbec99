"""Pictures of products: upload, replace, order."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.forms import BaseInlineFormSet
from django.utils.html import format_html

from shop.admin.base import Rows
from shop.models import Picture
from shop.pictures import picture_url, store_picture

MOST_BYTES = 20 * 1024 * 1024


class PictureForm(forms.ModelForm):
    """The master comes as a file; the shop makes all sizes from it."""

    file = forms.ImageField(
        required=False, help_text="JPEG, PNG or WebP, at least 1200 pixels wide"
    )

    class Meta:
        model = Picture
        fields = ("alt", "credit", "position")

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        if file is None and self.instance.pk is None:
            raise forms.ValidationError("Choose a picture file.")
        if file is not None and file.size > MOST_BYTES:
            raise forms.ValidationError("This file is larger than 20 MB.")
        return file

    def store(self) -> Picture:
        """Keeps the uploaded file in all sizes, with the words beside it."""
        facts = self.cleaned_data
        facts["file"].seek(0)
        picture = store_picture(
            facts["file"].read(),
            alt=facts["alt"],
            credit=facts["credit"],
            product=self.instance.product,
        )
        picture.position = facts["position"]
        picture.save(update_fields=["position"])
        return picture


class PictureForms(BaseInlineFormSet):
    def save_new(self, form: PictureForm, commit: bool = True) -> Picture:
        form.instance.product = self.instance
        return form.store()

    def save_existing(
        self, form: PictureForm, obj: Picture, commit: bool = True
    ) -> Picture:
        if not form.cleaned_data.get("file"):
            return form.save(commit=commit)
        picture = form.store()
        if picture.pk != obj.pk:
            obj.delete()
        return picture


class PictureRows(Rows):
    model = Picture
    form = PictureForm
    formset = PictureForms
    fields = ("look", "file", "alt", "credit", "position")
    readonly_fields = ("look",)

    @admin.display(description="picture")
    def look(self, picture: Picture) -> str:
        if picture.pk is None:
            return "-"
        return format_html(
            '<img src="{}" alt="{}" width="120" height="90" class="thumbnail">',
            picture_url(picture, 400, "jpg"),
            picture.alt,
        )
