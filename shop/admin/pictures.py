"""Pictures of products: upload, replace, order."""

from __future__ import annotations

from collections.abc import Iterable

from django import forms
from django.contrib import admin
from django.core.files.uploadedfile import UploadedFile
from django.forms import BaseInlineFormSet
from django.utils.html import format_html

from shop.admin.base import Blocks
from shop.exceptions import PictureError
from shop.models import Picture
from shop.picture_rules import MOST_BYTES, BadPicture
from shop.pictures import digest_of, keep_upload, picture_url, place_picture


def keep(file: UploadedFile) -> None:
    """Decodes the file and keeps what is shown of it, or leaves the problem with it.

    Takes a second or two and asks the storage, so it is called before the transaction
    of the admin's save begins. Whatever is refused later, the sweep takes the files.
    """
    if hasattr(file, "problem"):
        return
    file.problem, file.retry_seconds = "", 0
    try:
        master = file.read(MOST_BYTES + 1)
        file.digest, file.made = digest_of(master), keep_upload(master)
    except BadPicture as problem:
        file.problem = str(problem)
    except PictureError as problem:
        file.problem, file.retry_seconds = str(problem), problem.retry_seconds


def retry_seconds(files: Iterable[UploadedFile]) -> int:
    """When to try again with files that could not be kept just now; 0 if all were."""
    return max((getattr(file, "retry_seconds", 0) for file in files), default=0)


class PictureForm(forms.ModelForm):
    """The master comes as a file; the shop makes all sizes from it."""

    file = forms.FileField(
        required=False,
        help_text="JPEG, PNG or WebP, up to 8 MB, best 1200 by 900 pixels",
        widget=forms.FileInput(attrs={"accept": "image/jpeg,image/png,image/webp"}),
    )

    class Meta:
        model = Picture
        fields = ("alt", "credit", "position")

    def clean_file(self) -> UploadedFile | None:
        file = self.cleaned_data["file"]
        if file is None:
            if self.instance.pk is None:
                raise forms.ValidationError("Choose a picture file.")
            return None
        keep(file)
        if file.problem:
            raise forms.ValidationError(file.problem)
        return file

    def store(self) -> Picture:
        """Keeps the uploaded file in all sizes, with the words beside it."""
        file, facts = self.cleaned_data["file"], self.cleaned_data
        picture = place_picture(
            file.digest,
            file.made,
            alt=facts["alt"],
            credit=facts["credit"],
            product=self.instance.product,
        )
        picture.alt, picture.credit = facts["alt"], facts["credit"]
        if "position" in self.changed_data or self.instance.pk:
            picture.position = facts["position"]
        picture.save(update_fields=["alt", "credit", "position"])
        return picture


class PictureForms(BaseInlineFormSet):
    def save_new(self, form: PictureForm, commit: bool = True) -> Picture:
        form.instance.product = self.instance
        return form.store()

    def save_existing(
        self, form: PictureForm, obj: Picture, commit: bool = True
    ) -> Picture:
        """Another file makes another picture, and the old one goes."""
        if not form.cleaned_data.get("file"):
            return form.save(commit=commit)
        picture = form.store()
        if picture.pk != obj.pk:
            obj.delete()
        return picture


class PictureBlocks(Blocks):
    model = Picture
    form = PictureForm
    formset = PictureForms
    fields = ("look", "file", "alt", ("credit", "position"))
    readonly_fields = ("look",)

    @admin.display(description="picture")
    def look(self, picture: Picture) -> str:
        if picture.pk is None:
            return "-"
        return format_html(
            '<img src="{}" alt="{}" width="120" class="thumbnail">',
            picture_url(picture, 400, "jpg"),
            picture.alt,
        )
