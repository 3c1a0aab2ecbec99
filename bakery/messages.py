"""Messages of the account and staff pages; nothing is opened for who has none."""

from __future__ import annotations

from django.contrib.messages.storage.base import BaseStorage
from django.contrib.messages.storage.fallback import FallbackStorage
from django.http import HttpRequest
from django.utils.functional import cached_property


class LazyStorage(FallbackStorage):
    """Django's own; its cookie and session wait until somebody asks or tells."""

    def __init__(self, request: HttpRequest) -> None:
        # Not Django's own beginning, which opens both.
        BaseStorage.__init__(self, request)
        self._used_storages = set()

    @cached_property
    def storages(self) -> list[BaseStorage]:
        return [each(self.request) for each in self.storage_classes]
