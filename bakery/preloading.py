"""What every web process would load by itself, loaded once before the first fork.

Memory that a child never writes to stays its parent's: loaded here it is there once for
all of them, and a process that is started anew has it from its first request on.
Nothing in here asks a database, a cache or another server, and no thread is started:
neither a connection nor a thread survives a fork.
"""

from __future__ import annotations

import gc
from pathlib import Path

from django.conf import settings
from django.core.cache import caches
from django.db import router
from django.template import engines
from django.template.loader import get_template
from django.urls import URLResolver, get_resolver
from django.utils.formats import get_format
from django.utils.module_loading import import_string
from django.utils.translation import gettext

OURS = ("bakery", "shop")  # apps whose templates make up the shop's pages
USUAL = (700, 10, 10)  # Python's own gc.set_threshold()
PAGES = ("*.html", "shop/*.html", "shop/parts/*.html")


def preload() -> None:
    """All of it. Repeatable; changes nothing that anybody could see."""
    load_addresses(get_resolver())
    compile_pages()
    load_words()
    load_caches()
    load_named()


def load_addresses(resolver: URLResolver) -> None:
    """Import every view, and work out once which address leads to which."""
    resolver.reverse_dict  # noqa: B018 - made when it is first asked for
    for pattern in resolver.url_patterns:
        if isinstance(pattern, URLResolver):
            load_addresses(pattern)


def compile_pages() -> None:
    """The templates of the pages that shoppers see."""
    for name in pages():
        get_template(name)


def pages() -> list[str]:
    """Names of these templates, as views call them."""
    folders = [Path(settings.BASE_DIR, app, "templates") for app in OURS]
    return sorted(
        str(file.relative_to(folder))
        for folder in folders
        for glob in PAGES
        for file in folder.glob(glob)
    )


def load_words() -> None:
    """The words and ways of writing of the shop's language."""
    gettext("yes")
    get_format("DATE_FORMAT")


def load_caches() -> None:
    """Import what caches are made of; a server of theirs is not asked."""
    for alias in settings.CACHES:
        cache = caches.create_connection(alias)
        getattr(cache, "client", None)  # django-redis imports more when it is asked


def load_named() -> None:
    """What the settings name and Django imports with the first request."""
    router.routers  # noqa: B018 - made when it is first asked for
    engines["django"].engine.template_context_processors  # noqa: B018 - as well
    names = [settings.MESSAGE_STORAGE, settings.SESSION_SERIALIZER]
    names += [store["BACKEND"] for store in settings.BASKET_STORES.values()]
    names += [way["BACKEND"] for way in settings.PAYMENT_METHODS.values()]
    for name in names:
        import_string(name)


def freeze() -> None:
    """Let the garbage collector never look at what is there now.

    It would write to each object it looks at, in every child, and so have the kernel
    copy nearly all of what they share. For the last moment before a fork; whoever kept
    the collector away while the code was loaded need not call it back.
    """
    gc.freeze()
    gc.set_threshold(*USUAL)
    gc.enable()
