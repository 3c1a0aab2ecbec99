"""What every store asks of what it is given, before it changes anything."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from basket.exceptions import DetailsRefused, LineTooLarge, NotAnItem, NotAQuantity
from basket.models import MAX_PER_LINE

MAX_ITEM = 120  # characters
MAX_OPERATION = 64  # characters
MAX_DETAILS = 8_000  # characters of JSON


def check_change(operation: str, item: str, quantity: int, *, least: int) -> None:
    """Raises NotAnItem, NotAQuantity, LineTooLarge, or ValueError for the operation."""
    check_operation(operation)
    if not 1 <= len(item) <= MAX_ITEM or not _can_be_kept(item):
        raise NotAnItem()
    if type(quantity) is not int or quantity < least:
        raise NotAQuantity(quantity)
    if quantity > MAX_PER_LINE:
        raise LineTooLarge(item, MAX_PER_LINE)


def check_operation(operation: str) -> None:
    """Raises ValueError: no shopper can cause it, operation_of() gives only good ones.

    Not told the value, which may be of any size.
    """
    if not 1 <= len(operation) <= MAX_OPERATION or not _can_be_kept(operation):
        raise ValueError(f"An operation id has 1 to {MAX_OPERATION} characters.")


def kept_details(details: Mapping[str, Any] | None) -> dict[str, Any] | None:
    """A copy of the details. Raises DetailsRefused for what no database keeps."""
    if details is None:
        return None
    text = json.dumps(details, ensure_ascii=False)
    if len(text) > MAX_DETAILS or "\\u0000" in text or not _can_be_kept(text):
        raise DetailsRefused()
    return dict(details)


def _can_be_kept(text: str) -> bool:
    """PostgreSQL keeps no NUL, and nothing keeps half a character."""
    try:
        return b"\x00" not in text.encode()
    except UnicodeEncodeError:
        return False
