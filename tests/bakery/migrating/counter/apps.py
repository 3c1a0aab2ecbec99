"""The app of the tests of expand and contract."""

from django.apps import AppConfig


class CounterConfig(AppConfig):
    name = "tests.bakery.migrating.counter"
    label = "counter"
