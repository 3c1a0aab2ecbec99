"""For the tests: the real database that tests/engine.py started, fast passwords."""

from settings.base import *  # noqa: F403 - a settings module is the sum of its base
from settings.base import DATABASES, STORAGES

SECRET_KEY = "tests only: 0123456789 abcdefghijklmnopqrstuvwxyz 0123456789"
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
STORAGES = STORAGES | {
    "default": {"BACKEND": "django.core.files.storage.InMemoryStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}

# The tests open many connections at once, and drop databases: no pool between.
DATABASES["default"].get("OPTIONS", {}).pop("pool", None)
# The second file is tried with real processes; here all tables are in one.
DATABASES.pop("cache", None)

# A file, not memory: the race tests need several connections to one database. The
# name is Django's to suffix, once for each xdist worker.
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    DATABASES["default"]["TEST"] = {
        "NAME": f"{DATABASES['default']['NAME']}.test.sqlite3"
    }

# A test sees its own change at once.
PAGE_LOOK_SECONDS = 0

# Whatever else the machine is busy with.
PICTURE_WAIT_SECONDS = 60

# Nothing is collected for the tests, and WhiteNoise shall not complain about it.
WHITENOISE_AUTOREFRESH = True
