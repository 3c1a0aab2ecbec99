"""After a change in the catalogue: labels and search follow at once."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest

from shop.labels import refresh_labels
from shop.models import Product
from shop.recipes import RecipeCycle
from shop.search import index_products


def refresh_product(request: HttpRequest, product: Product) -> None:
    """The product's own labels and words."""
    try:
        refresh_labels(product.variants.all())
    except RecipeCycle as cycle:
        _warn(request, cycle)
    index_products([product])


def refresh_everything(request: HttpRequest) -> None:
    """A recipe or an ingredient may be inside any product."""
    try:
        refresh_labels()
    except RecipeCycle as cycle:
        _warn(request, cycle)
    index_products()


def _warn(request: HttpRequest, cycle: RecipeCycle) -> None:
    """Two people can make a circle together, each saving one half of it."""
    messages.warning(request, f"{cycle} Labels stay as they are until this is mended.")
