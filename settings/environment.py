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
    "VAR_DIR": Variable(
        "str",
        "var",
        "folder for what one machine keeps; relative paths in the URLs below lie in it",
    ),
    "DATABASE_URL": Variable(
        "str",
        "sqlite:///bakery.sqlite3",
        "where orders, baskets and everything else that counts are kept; "
        "postgresql://user:password@host:5432/name for a PostgreSQL",
    ),
    "CACHE_URL": Variable(
        "str",
        "",
        "a Redis or Valkey that makes things faster: redis://host:6379/0, rediss://, "
        "redis+sentinel://host:26379,host:26379/service/0; nothing is kept only there",
    ),
    "STORAGE_URL": Variable(
        "str",
        "file:///media",
        "where pictures are kept: s3://KEY:SECRET@host:port/bucket, or a folder; "
        "?shared=1 says that it is a mount every server has",
    ),
    "EMAIL_URL": Variable(
        "str",
        "filemail:///mail",
        "how mails leave: smtp+tls://user:password@host:587, filemail:///folder, "
        "consolemail://",
    ),
    "EMAIL_FROM": Variable(
        "str", "FADU Bakery <orders@bakery.example>", "sender of the shop's mails"
    ),
    "SECRET_KEY": Variable(
        "str",
        "",
        "signs cookies and links, the same on every server; without it the shop makes "
        "one and keeps it in VAR_DIR",
    ),
    "SECRET_KEY_FALLBACKS": Variable(
        "list", [], "former keys that are still accepted, comma-separated"
    ),
    "ALLOWED_HOSTS": Variable(
        "list", ["*"], "host names the shop answers to, comma-separated"
    ),
    "TRUSTED_PROXIES": Variable(
        "list",
        ["127.0.0.1", "::1"],
        "addresses of proxies in front, whose X-Forwarded-For and -Proto are believed",
    ),
    "SITE_URL": Variable(
        "str",
        "",
        "the shop's public address, used in mails; https:// switches secure cookies "
        "on; without it http://127.0.0.1 and the port",
    ),
    "DEBUG": Variable("bool", False, "Django's debug pages; never on a public server"),
    "FLEET": Variable(
        "str",
        "",
        "the fleet's name; makes every breach of the golden rule an error",
    ),
    "CLONE_ID": Variable("str", "", "this server's name; without it the host's"),
    "RELEASE": Variable(
        "str",
        "0.1.0",
        "what this release calls itself; one that `release` made: its id",
    ),
    "BIND": Variable("str", "127.0.0.1", "address that the web server listens on"),
    "PORT": Variable("int", 8000, "port that the web server listens on"),
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
