"""Every variable the shop reads from the environment: name, type, default, meaning.

The table in README.md is compared with VARIABLES by tests/test_docs.py, so that no
setting exists which its operator cannot look up.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import environ

env = environ.Env()


class Variable(NamedTuple):
    cast: str
    default: Any
    meaning: str


VARIABLES = {
    "DATABASE_URL": Variable(
        "str",
        "sqlite:///var/bakery.sqlite3",
        "where orders, baskets and everything else that counts are kept",
    ),
    "STORAGE_URL": Variable("str", "file:///var/media", "where pictures are kept"),
    "EMAIL_URL": Variable(
        "str",
        "filemail:///var/mail",
        "how mails leave: smtp://user:password@host:587, consolemail://, filemail:///DIR",
    ),
    "EMAIL_FROM": Variable(
        "str", "FADU Bakery <orders@bakery.example>", "sender of the shop's mails"
    ),
    "SECRET_KEY": Variable(
        "str",
        "",
        "signs cookies and links, the same on every server; without it the shop makes "
        "one and keeps it in var/secret_key",
    ),
    "SECRET_KEY_FALLBACKS": Variable(
        "list", [], "former keys that are still accepted, comma-separated"
    ),
    "ALLOWED_HOSTS": Variable(
        "list", ["*"], "host names the shop answers to, comma-separated"
    ),
    "SITE_URL": Variable(
        "str",
        "http://127.0.0.1:8000",
        "the shop's public address; https:// switches secure cookies on",
    ),
    "DEBUG": Variable("bool", False, "Django's debug pages; never on a public server"),
    "PORT": Variable("int", 8000, "port that `serve` listens on"),
    "WEB_CONCURRENCY": Variable("int", 3, "gunicorn worker processes"),
    "WEB_THREADS": Variable("int", 4, "threads of each worker process"),
    "SHOP_NAME": Variable("str", "FADU Bakery", "the bakery's name"),
    "SHOP_CURRENCY": Variable("str", "EUR", "ISO 4217 code of all prices"),
    "SHOP_COUNTRY": Variable("str", "IE", "ISO 3166 code of the bakery's country"),
    "SHOP_TIME_ZONE": Variable(
        "str",
        "Europe/Dublin",
        "the bakery's own time zone; bake days and slots are in it",
    ),
}


def read(name: str) -> Any:
    """The variable's value in its type. Raises KeyError for an unlisted name."""
    variable = VARIABLES[name]
    return getattr(env, variable.cast)(name, default=variable.default)
