"""The shop with an app whose newest migration forgets who is still there."""

from settings.prod import *  # noqa: F403 - a settings module is the sum of its base
from settings.prod import INSTALLED_APPS

INSTALLED_APPS = [
    *INSTALLED_APPS,
    "tests.bakery.migrating.counter.apps.CounterConfig",
]
MIGRATION_MODULES = {"counter": "tests.bakery.migrating.counter.broken"}
