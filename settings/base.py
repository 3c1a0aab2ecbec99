"""All settings. What differs between servers comes from the environment."""

from __future__ import annotations

import socket
from pathlib import Path
from urllib.parse import urlsplit

from settings.accounts import *  # noqa: F403 - all names of one topic
from settings.caches import caches
from settings.database import cache_database, database
from settings.environment import env, read
from settings.files import folder
from settings.release import is_made, release_name, static_root
from settings.secret import secret_key
from settings.storage import is_shared, storage

BASE_DIR = Path(__file__).resolve().parent.parent
VAR_DIR = BASE_DIR / read("VAR_DIR")

# --- the house ---------------------------------------------------------------------

DEBUG = read("DEBUG")
ALLOWED_HOSTS = read("ALLOWED_HOSTS")
TRUSTED_PROXIES = read("TRUSTED_PROXIES")
PORT = read("PORT")
BIND = read("BIND")
RELEASE = release_name(BASE_DIR)
IS_RELEASE = is_made(BASE_DIR)
FLEET = read("FLEET")
CLONE_ID = read("CLONE_ID") or socket.gethostname()
SITE_URL = (read("SITE_URL") or f"http://127.0.0.1:{PORT}").rstrip("/")
HTTPS = SITE_URL.startswith("https://")
SECRET_KEY = secret_key(read("SECRET_KEY"), VAR_DIR)
SECRET_KEY_IS_GENERATED = not read("SECRET_KEY")
SECRET_KEY_FALLBACKS = read("SECRET_KEY_FALLBACKS")

ROOT_URLCONF = "bakery.urls"
WSGI_APPLICATION = "bakery.wsgi.application"
INSTALLED_APPS = [
    "bakery",
    "shop",
    "basket",
    "import_export",
    "django_tasks",
    "django_tasks_db",
    "csp",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.sitemaps",
    "django.contrib.staticfiles",
]
MIDDLEWARE = [
    "bakery.identity.IdentityMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "bakery.headers.HeadersMiddleware",
    "bakery.static.StaticFilesMiddleware",
    "bakery.headers.PolicyMiddleware",
    "basket.middleware.BasketMiddleware",
    "bakery.pages.middleware.PageCacheMiddleware",
    "bakery.compressing.CompressionMiddleware",
    "bakery.conditions.ConditionalGetMiddleware",
    "bakery.sessions.VersionedSessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "shop.middleware.ShopErrorsMiddleware",
    "shop.middleware.ReservedGoodsMiddleware",
    "shop.accounts.middleware.AccountPagesMiddleware",
    "shop.accounts.middleware.SecondFactorMiddleware",
    "shop.views.allergy_cookie.AllergyCookieMiddleware",
]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "shop.context.shop",
            ],
        },
    },
]
FORM_RENDERER = "shop.form_renderer.PlainControls"

# --- data --------------------------------------------------------------------------

WEB_CONCURRENCY = read("WEB_CONCURRENCY")
WEB_THREADS = read("WEB_THREADS")
DATABASES = {"default": database(read("DATABASE_URL"), VAR_DIR, WEB_THREADS)}
DATABASES |= cache_database(DATABASES["default"])
DATABASE_ROUTERS = ["bakery.routers.CacheRouter"]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
CACHES = caches(read("CACHE_URL"))
SESSION_ENGINE = "bakery.sessions"
SESSION_CACHE_ALIAS = "default"
MESSAGE_STORAGE = "bakery.messages.LazyStorage"
# How long a server may go on with its pages before it asks whether something changed.
PAGE_LOOK_SECONDS = 0.5
# Tells whether what a process remembers of the catalogue is still so.
CATALOGUE_VERSION = "bakery.pages.stamp.catalogue_version"
BASKET_STORES = {"default": {"BACKEND": "basket.backends.database.DatabaseBasketStore"}}
TASKS = {
    "default": {
        "BACKEND": "bakery.jobs.queueing.QueueBackend",
        "QUEUES": ["default"],
    }
}

# Ways of paying by key, in the order in which checkout offers them.
PAYMENT_METHODS = {"at_pickup": {"BACKEND": "shop.payments.at_pickup.PayAtPickup"}}

# --- people ------------------------------------------------------------------------

# In settings/accounts.py.

# --- the shop's facts --------------------------------------------------------------

SHOP_NAME = read("SHOP_NAME")
SHOP_CURRENCY = read("SHOP_CURRENCY")
SHOP_COUNTRY = read("SHOP_COUNTRY")
TIME_ZONE = read("SHOP_TIME_ZONE")
USE_TZ = True
LANGUAGE_CODE = "en-gb"
USE_I18N = True

# --- files, mails ------------------------------------------------------------------

STATIC_URL = "/static/"
STATIC_ROOT = static_root(BASE_DIR, VAR_DIR)
MEDIA_URL = "/media/"
STORAGE_URL = read("STORAGE_URL")
STORAGE_IS_SHARED = is_shared(STORAGE_URL)
STORAGES = {
    "default": storage(STORAGE_URL, VAR_DIR),
    "staticfiles": {
        "BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}
# How long an upload waits for its picture to be read, before it is told "in a moment".
PICTURE_WAIT_SECONDS = 5
FILE_UPLOAD_HANDLERS = [
    "shop.uploads.BoundedUploads",
    "django.core.files.uploadhandler.MemoryFileUploadHandler",
    "django.core.files.uploadhandler.TemporaryFileUploadHandler",
]
WHITENOISE_MAX_AGE = 60
WHITENOISE_ALLOW_ALL_ORIGINS = False  # no other site's page needs our files

_mail = env.email_url_config(read("EMAIL_URL"))
EMAIL_BACKEND = _mail["EMAIL_BACKEND"]
if EMAIL_BACKEND == "django.core.mail.backends.filebased.EmailBackend":
    EMAIL_FILE_PATH = folder(read("EMAIL_URL"), "filemail", VAR_DIR)
EMAIL_HOST = _mail.get("EMAIL_HOST")
EMAIL_PORT = _mail.get("EMAIL_PORT")
EMAIL_HOST_USER = _mail.get("EMAIL_HOST_USER")
EMAIL_HOST_PASSWORD = _mail.get("EMAIL_HOST_PASSWORD")
EMAIL_USE_TLS = _mail.get("EMAIL_USE_TLS", False)
EMAIL_USE_SSL = _mail.get("EMAIL_USE_SSL", False)
EMAIL_TIMEOUT = 20  # seconds
DEFAULT_FROM_EMAIL = SERVER_EMAIL = read("EMAIL_FROM")

# --- headers and cookies -----------------------------------------------------------

# A cookie's name with __Host- binds it to this very host; browsers take it over
# https only.
_prefix = "__Host-" if HTTPS else ""
SESSION_COOKIE_NAME = f"{_prefix}session"
SESSION_COOKIE_SECURE = HTTPS
CSRF_COOKIE_NAME = f"{_prefix}csrf"
CSRF_COOKIE_SECURE = HTTPS
# Its own public address, also to a clone that is asked by another host as `prove` does
# and takes nobody's word for https.
CSRF_TRUSTED_ORIGINS = ["{0.scheme}://{0.netloc}".format(urlsplit(SITE_URL))]
BASKET_COOKIE_NAME = f"{_prefix}basket"
CSRF_FAILURE_VIEW = "shop.views.errors.csrf_failure"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = HTTPS
# HeadersMiddleware says who may frame a page, also of files and refusals. The proxy in
# front sends http to https, so that health is also answered without; and whether a
# browser maker's list names the domain is for its owner to decide.
SILENCED_SYSTEM_CHECKS = ["security.W002", "security.W008", "security.W021"]
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'none'"],
        "script-src": ["'self'"],
        "style-src": ["'self'"],
        "img-src": ["'self'", "data:"],
        "font-src": ["'self'"],
        "connect-src": ["'self'"],
        "manifest-src": ["'self'"],
        "form-action": ["'self'"],
        "base-uri": ["'none'"],
        "frame-ancestors": ["'none'"],
        "object-src": ["'none'"],
    },
}

# --- logs: to stderr, the operator's system collects them --------------------------

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {"()": "bakery.logs.ReadableLines"},
        "json": {
            "()": "bakery.logs.JsonLines",
            "clone": CLONE_ID,
            "release": RELEASE,
        },
    },
    "filters": {"probes": {"()": "bakery.logs.WithoutProbes"}},
    "handlers": {
        "stderr": {
            "class": "logging.StreamHandler",
            "formatter": "json" if FLEET else "line",
            "filters": ["probes"],
        }
    },
    "root": {"handlers": ["stderr"], "level": "INFO"},
    # The pool tells of each connection it lends and takes back.
    "loggers": {"psycopg.pool": {"level": "WARNING"}},
}
