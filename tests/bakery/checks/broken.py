"""A shop as its first server would have it by itself: every rule is broken."""

from settings.prod import *  # noqa: F403 - a settings module is the sum of its base
from settings.prod import VAR_DIR

DEBUG = True
SESSION_ENGINE = "django.contrib.sessions.backends.file"
CACHES = {
    "default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"},
    "shared": {
        "BACKEND": "django.core.cache.backends.filebased.FileBasedCache",
        "LOCATION": VAR_DIR / "cache",
    },
    "pages": {
        "BACKEND": "django_redis.cache.RedisCache",
        "LOCATION": "redis://127.0.0.1:6379",
    },
}
BASKET_STORES = {"default": {"BACKEND": "tests.bakery.checks.forgetful.Forgetful"}}
LOGGING = {
    "version": 1,
    "handlers": {
        "file": {
            "class": "logging.handlers.RotatingFileHandler",
            "filename": VAR_DIR / "shop.log",
        }
    },
    "root": {"handlers": ["file"]},
}
