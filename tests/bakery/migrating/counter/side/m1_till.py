"""As before."""

from tests.bakery.migrating.counter.one.m1_till import Migration  # noqa: F401
