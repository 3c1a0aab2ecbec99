"""A backup takes the pictures along, wherever they are kept."""

from __future__ import annotations

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from bakery.backups.write import media_names


def test_files_in_folders_are_in_a_backup_and_assets_are_not(storage):
    names = ["assets/a.zip", "notes.txt", "people/b.webp", "pictures/milk/c.webp"]
    for name in names:
        default_storage.save(name, ContentFile(b"bread"))
    assert list(media_names()) == names[1:]


def test_of_an_empty_storage_there_is_nothing_to_take(storage):
    assert list(media_names()) == []
