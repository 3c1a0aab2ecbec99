"""The operation id of a request: the same press twice counts once."""

from __future__ import annotations

import hashlib
import hmac
import json
import re

from django.http import HttpRequest

from basket.badge import read_badge
from basket.tokens import key_for

GIVEN_FORM = re.compile(r"[A-Za-z0-9_-]{8,64}")
VERSION_FORM = re.compile(r"[0-9]{1,9}")


def operation_of(request: HttpRequest, *words: str) -> str:
    """The id that the page's script sent, or one derived from the press itself.

    Script sends it as the field `operation` or the header X-Operation. Without script,
    or when what came is no id, it is derived from the basket, the version of the basket
    that the page was pressed with and the words, which say what was pressed: a double
    click gives the same id, a deliberate second press a new one, since every change
    raises the version. No query.
    """
    given = request.POST.get("operation") or request.META.get("HTTP_X_OPERATION", "")
    if GIVEN_FORM.fullmatch(given):
        return given
    return _derived(request.basket.token, _version(request), words)


def _version(request: HttpRequest) -> int:
    posted = request.POST.get("version", "")
    if VERSION_FORM.fullmatch(posted):
        return int(posted)
    return read_badge(request).version


def _derived(token: str, version: int, words: tuple[str, ...]) -> str:
    pressed = json.dumps([token, version, *map(str, words)])
    key = key_for("basket.operations")
    return hmac.new(key, pressed.encode(), hashlib.sha256).hexdigest()
