"""For writing code: debug pages, mails on the console, unhashed static files."""

from settings.base import *  # noqa: F403 - a settings module is the sum of its base
from settings.base import STORAGES

DEBUG = True
EMAIL_BACKEND = "django.core.mail.backends.console.EmailBackend"
STORAGES = STORAGES | {
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
}
