"""Words for HTML are those that Django makes of them."""

from __future__ import annotations

import pytest
from django.utils.html import conditional_escape
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy

from shop.escaping import escaped


class Words(str):
    pass


class Element:
    def __html__(self):
        return "<hr>"


@pytest.mark.parametrize(
    "value",
    [
        "",
        "Rye",
        "<b>\"'&",
        "&amp;",
        SafeString("<b>&amp;"),
        Words("<i>"),
        Element(),
        gettext_lazy("Save & <close>"),
        4,
        4.5,
        None,
        True,
    ],
)
def test_everything_is_escaped_as_django_does(value):
    ours = escaped(value)
    assert ours == conditional_escape(value)
    assert type(ours) is type(conditional_escape(value))


@pytest.mark.parametrize("value", ["<b>\"'&", "&amp;", SafeString("<b>"), 4])
def test_nothing_is_escaped_twice(value):
    assert escaped(escaped(value)) == escaped(value)
