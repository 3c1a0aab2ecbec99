"""The shop's own settings, but it waits for SQLite's write lock two seconds only."""

from settings.prod import *  # noqa: F403 - a settings module is the sum of its base
from settings.prod import DATABASES

DATABASES["default"]["OPTIONS"]["timeout"] = 2
