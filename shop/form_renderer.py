"""How the fields of forms are written: single inputs and text areas without a template.

A page with a form has several of them, and each would cost two templates and a loop.
For settings.FORM_RENDERER; everything but these is rendered as Django does.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from django.forms.renderers import DjangoTemplates
from django.http import HttpRequest
from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString

WIDGETS = "django/forms/widgets"
Widget = Mapping[str, Any]


class PlainControls(DjangoTemplates):
    """Writes what Django's templates for these would, but for lines at the end."""

    def render(
        self,
        template_name: str,
        context: dict[str, Any],
        request: HttpRequest | None = None,
    ) -> SafeString:
        write = WRITERS.get(template_name)
        if write is None:
            return super().render(template_name, context, request)
        return write(context["widget"])


def _input(widget: Widget) -> SafeString:
    value = widget["value"]
    return format_html(
        '<input type="{}" name="{}"{}{}>',
        widget["type"],
        widget["name"],
        "" if value is None else SafeString(_attribute("value", str(value))),
        _attributes(widget["attrs"]),
    )


def _text_area(widget: Widget) -> SafeString:
    return format_html(
        '<textarea name="{}"{}>\n{}</textarea>',
        widget["name"],
        _attributes(widget["attrs"]),
        widget["value"] or "",
    )


def _attributes(attributes: Mapping[str, Any]) -> SafeString:
    """True is the bare name, False nothing at all."""
    told = [(name, each) for name, each in attributes.items() if each is not False]
    return SafeString("".join(_attribute(*each) for each in told))


def _attribute(name: str, value: object) -> str:
    bare = f" {conditional_escape(name)}"
    return bare if value is True else f'{bare}="{conditional_escape(value)}"'


WRITERS: dict[str, Callable[[Widget], SafeString]] = {
    f"{WIDGETS}/text.html": _input,
    f"{WIDGETS}/email.html": _input,
    f"{WIDGETS}/password.html": _input,
    f"{WIDGETS}/textarea.html": _text_area,
}
