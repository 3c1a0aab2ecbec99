"""Headers that are the same for every answer, checked once and not each time."""

from __future__ import annotations

from collections.abc import Mapping

from django.http import HttpResponseBase
from django.http.response import ResponseHeaders


class Unchanging:
    """Raises BadHeaderError for what no header may hold, when it is made."""

    def __init__(self, headers: Mapping[str, str]) -> None:
        # As Django keeps them: by their names in small letters.
        self._headers = tuple(ResponseHeaders(headers)._store.items())

    def add_to(self, response: HttpResponseBase) -> None:
        """Those that the response has not: what a view has said itself stays."""
        said = response.headers._store
        for name, header in self._headers:
            said.setdefault(name, header)
