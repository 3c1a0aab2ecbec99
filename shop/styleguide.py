"""Samples of the storefront's components for the styleguide page."""
from __future__ import annotations


def samples():
    return {}
