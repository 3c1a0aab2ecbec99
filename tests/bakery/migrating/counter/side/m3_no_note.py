"""As before."""

from tests.bakery.migrating.counter.two.m3_no_note import Migration  # noqa: F401
