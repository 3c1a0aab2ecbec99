"""What a request says about the form of its body, before anything believes it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Any

BOUNDARY = re.compile(r';\s*boundary=("[^"]*"|[^;\s]*)', re.IGNORECASE)


def in_one_charset(application: Callable) -> Callable:
    """The WSGI application, told nothing of a body's type but its kind and boundary.

    Everything is read as UTF-8 then. Django would take any codec of Python's that a
    charset names: one that is not for text is an error before any page can answer,
    and some yield halves of characters, which neither a page nor a database can hold.
    """

    def answer(environ: dict[str, Any], start_response: Callable) -> Iterable[bytes]:
        if "CONTENT_TYPE" in environ:
            environ["CONTENT_TYPE"] = _kind_and_boundary(environ["CONTENT_TYPE"])
        return application(environ, start_response)

    return answer


def _kind_and_boundary(content_type: str) -> str:
    kind, _, rest = content_type.partition(";")
    boundary = BOUNDARY.search(f";{rest}") if rest else None
    return kind.strip() + (boundary[0] if boundary else "")
