"""What lies in the storage."""

from __future__ import annotations

from django.core.files.storage import default_storage


def names(*folders: str) -> list[str]:
    """All files of these folders; without any, of all that pictures lie in."""
    found = []
    for folder in folders or ("pictures", "masters", "people"):
        try:
            found += [f"{folder}/{name}" for name in default_storage.listdir(folder)[1]]
        except FileNotFoundError:
            continue
    return sorted(found)


def content(name: str) -> bytes:
    with default_storage.open(name) as file:
        return file.read()
