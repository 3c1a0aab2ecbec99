"""The shop as it runs for customers: base.py with nothing relaxed."""

from settings.base import *  # noqa: F403 - a settings module is the sum of its base
