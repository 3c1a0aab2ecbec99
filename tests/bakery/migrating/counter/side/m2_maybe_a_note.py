"""As before."""

from tests.bakery.migrating.counter.two.m2_maybe_a_note import Migration  # noqa: F401
