"""What is reserved for `manage.py prove`, and shown to nobody: goods and a customer.

The whole rule is here. Reserved rows have numbers below zero, and the managers of the
models leave them and all that hangs on them out of every question: no page, sheet,
list, limit or figure has to think of them. They come into view only inside `seen()`:
for requests with a proof, and for the work on orders that proofs have made.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from django.core.signing import BadSignature, TimestampSigner
from django.db import models

NUMBER = -1  # of each reserved row
SKU = "reserved-for-proofs"
# Further away than any page goes; see shop/dates.py.
DATE = dt.date(2999, 12, 27)

NAME = "Reserved for proofs"
# No mail ever leaves to it: nobody can have a name that ends like this (RFC 2606).
DOMAIN = "proof.invalid"
# Where proofs come from, as far as limits on log-ins count: nobody else can (RFC 5737).
NETWORK = "192.0.2.1"

PROOF = "X-Proof"  # the header
PROOF_SECONDS = 60
_WORDS = "let me see the reserved goods"

_seen: ContextVar[bool] = ContextVar("reserved goods are seen", default=False)


@contextmanager
def seen() -> Iterator[None]:
    """Reserved rows are found while the block lasts. Decorates functions as well."""
    before = _seen.set(True)
    try:
        yield
    finally:
        _seen.reset(before)


def are_seen() -> bool:
    return _seen.get()


class Shown(models.Manager):
    """The rows that are shown: all but the reserved ones, unless these are seen.

    By a column of the row itself and no join, so that conditional updates stay single
    statements on a single table.
    """

    column = "pk"

    def get_queryset(self) -> models.QuerySet:
        rows = super().get_queryset()
        return rows if are_seen() else rows.filter(**{f"{self.column}__gt": 0})


class ShownByProduct(Shown):
    column = "product_id"


class ShownByVariant(Shown):
    column = "variant_id"


class ShownByBakeDay(Shown):
    column = "bake_day_id"


# --- the customer --------------------------------------------------------------------


def is_reserved_address(email: str) -> bool:
    """Is it of the customer of a proof, of this one or of one before?"""
    return email.lower().endswith(f"@{DOMAIN}")


# --- the proof ---------------------------------------------------------------------


def new_proof() -> str:
    """A header's value by which servers with the same SECRET_KEY know a proof."""
    return _signer().sign(_WORDS)


def is_proof(value: str) -> bool:
    """Was it signed for this purpose with our key, within PROOF_SECONDS?"""
    try:
        return _signer().unsign(value, max_age=PROOF_SECONDS) == _WORDS
    except BadSignature:
        return False


def _signer() -> TimestampSigner:
    return TimestampSigner(salt="shop.reserved")
