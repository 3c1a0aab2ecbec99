"""{% url %} and {% static %} as Django has them, but worked out once by each process.

That is so for a page without arguments and for a file whose name is written in the
template: neither changes within a release. All others are Django's own, every time.
See shop/once.py.
"""

from __future__ import annotations

from django import template
from django.core.files.storage import Storage, storages
from django.template.base import Parser, Token, Variable
from django.template.context import Context
from django.template.defaulttags import URLNode
from django.template.defaulttags import url as django_url
from django.templatetags.static import do_static
from django.utils.html import conditional_escape

from shop.addresses import address_of
from shop.once import once

register = template.Library()


class PageNode(template.Node):
    """The address of a page without arguments."""

    def __init__(self, name: str) -> None:
        self.name = name

    def render(self, context: Context) -> str:
        return page_address(self.name)


class FileNode(template.Node):
    """The address of a file of this release."""

    def __init__(self, name: str) -> None:
        self.name = name

    def render(self, context: Context) -> str:
        return file_address(self.name)


@register.tag
def url(parser: Parser, token: Token) -> template.Node:
    node = django_url(parser, token)
    name = _written(node.view_name.var)
    if name is None or not _is_bare(node):
        return node
    return PageNode(name)


@register.tag
def static(parser: Parser, token: Token) -> template.Node:
    node = do_static(parser, token)
    name = _written(node.path.var)
    if name is None or node.path.filters or node.varname:
        return node
    return FileNode(name)


def page_address(name: str) -> str:
    """As reverse(name), escaped. Raises NoReverseMatch."""
    return conditional_escape(address_of(name))


def file_address(name: str) -> str:
    """As static(name), escaped. Raises ValueError for what is not in the release."""
    return _file_address(name, storages["staticfiles"])


def product_address(slug: str) -> str:
    """The product's page, escaped."""
    return conditional_escape(address_of("shop:product", slug))


@once
def _file_address(name: str, storage: Storage) -> str:
    return conditional_escape(storage.url(name))


def _is_bare(node: URLNode) -> bool:
    given = node.args or node.kwargs or node.asvar or node.view_name.filters
    return not given


def _written(name: str | Variable) -> str | None:
    """What stands in quotes; None for what is only known with the context."""
    return str(name) if isinstance(name, str) else None
