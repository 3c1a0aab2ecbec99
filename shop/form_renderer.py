"""How the fields of forms are written: single inputs and text areas without a template.

A page with a form has several of them, and each would cost two templates and a loop.
For settings.FORM_RENDERER; everything but these is rendered as Django does.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from django.forms.renderers import DjangoTemplates
from django.http import HttpRequest
from django.utils.safestring import SafeString

from shop.escaping import escaped, joined

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
    own = [("type", widget["type"]), ("name", widget["name"])]
    if widget["value"] is not None:
        own.append(("value", str(widget["value"])))
    return joined(["<input", *_attributes([*own, *widget["attrs"].items()]), ">"])


def _text_area(widget: Widget) -> SafeString:
    attributes = _attributes([("name", widget["name"]), *widget["attrs"].items()])
    words = escaped(widget["value"] or "")
    return joined(["<textarea", *attributes, ">\n", words, "</textarea>"])


def _attributes(told: Iterable[tuple[str, object]]) -> list[str]:
    """True is the bare name, False nothing at all."""
    return [_attribute(name, each) for name, each in told if each is not False]


def _attribute(name: str, value: object) -> str:
    bare = f" {escaped(name)}"
    return bare if value is True else f'{bare}="{escaped(value)}"'


WRITERS: dict[str, Callable[[Widget], SafeString]] = {
    f"{WIDGETS}/text.html": _input,
    f"{WIDGETS}/email.html": _input,
    f"{WIDGETS}/password.html": _input,
    f"{WIDGETS}/textarea.html": _text_area,
}
