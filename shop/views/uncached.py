"""Pages that nobody keeps, told so in Django's words but without its detours.

Every page of a shopper's own is one: Django takes apart and puts together each time
what is always the same.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import lru_cache, wraps
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.cache import add_never_cache_headers
from django.utils.http import http_date

from shop.unchanging import Unchanging

NEVER = "max-age=0, no-cache, no-store, must-revalidate, private"
View = Callable[..., HttpResponse]


def never_cache(view: View) -> View:
    """As Django's. Where the view has said something itself, Django adds the rest."""

    @wraps(view)
    def page(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        response = view(request, *args, **kwargs)
        if "Cache-Control" in response.headers or "Expires" in response.headers:
            add_never_cache_headers(response)
        else:
            _never(int(time.time())).add_to(response)
        return response

    return page


@lru_cache(maxsize=1)
def _never(second: int) -> Unchanging:
    return Unchanging({"Expires": http_date(second), "Cache-Control": NEVER})
