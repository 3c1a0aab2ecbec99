"""Many alike rows of a page: {% rows page|lines as line %}…{% endrows %}.

As {% for %} without forloop, but for rows that are dictionaries of words: what a row
says by {{ line.name }} and asks by {% if line.name %} is looked up in it at once, where
Django looks through the whole context each time. Everything else in between is
rendered by Django, and so is what an include adds to the context. Always escapes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import groupby
from typing import Any

from django import template
from django.template.base import (
    FilterExpression,
    Node,
    NodeList,
    Parser,
    TextNode,
    Token,
    Variable,
    VariableNode,
)
from django.template.context import Context
from django.template.defaulttags import IfNode, TemplateLiteral
from django.template.exceptions import TemplateSyntaxError
from django.template.loader_tags import IncludeNode
from django.utils.safestring import SafeString

from shop.escaping import escaped, joined

register = template.Library()

Row = Mapping[str, Any]
Write = Callable[[Row, Context], str]
Ask = Callable[[Row, Context], bool]


@register.tag
def rows(parser: Parser, token: Token) -> RowsNode:
    bits = token.split_contents()
    if len(bits) != 4 or bits[2] != "as":
        raise TemplateSyntaxError("Write {% rows values as name %}.")
    nodes = parser.parse(("endrows",))
    parser.delete_first_token()
    return RowsNode(parser.compile_filter(bits[1]), bits[3], nodes)


class RowsNode(template.Node):
    """Its parts are got ready with the first page; two threads may do so: no harm."""

    def __init__(self, values: FilterExpression, name: str, nodelist: NodeList) -> None:
        self.values = values
        self.name = name
        self.nodelist = nodelist
        self._write: Write | None = None

    def render(self, context: Context) -> SafeString:
        if self._write is None:
            self._write = _all(self.nodelist, self.name, context)
        written = []
        with context.push():
            for row in self.values.resolve(context):
                context[self.name] = row
                written.append(self._write(row, context))
        return joined(written)


def _all(nodes: Sequence[Node], name: str, context: Context) -> Write:
    writes: list[Write] = []
    for is_plain, found in groupby(nodes, lambda node: _is_plain(node, name)):
        run = list(found)
        writes += (
            [_plain(run, name)] if is_plain else [_one(n, name, context) for n in run]
        )
    if len(writes) == 1:
        return writes[0]
    return lambda row, context: "".join([write(row, context) for write in writes])


def _is_plain(node: Node, name: str) -> bool:
    return isinstance(node, TextNode) or bool(_word(node, name))


def _word(node: Node, name: str) -> str:
    """Which of the row's words is written here; "" if it is anything else."""
    return _key(node.filter_expression, name) if isinstance(node, VariableNode) else ""


def _plain(nodes: Sequence[Node], name: str) -> Write:
    """Words of the template with words of the row in between, put together at once."""
    keys = [key for node in nodes if (key := _word(node, name))]
    pattern = "".join(
        "%s" if _word(node, name) else node.s.replace("%", "%%") for node in nodes
    )
    return lambda row, context: (
        pattern % tuple([escaped(row.get(key, "")) for key in keys])
    )


def _one(node: Node, name: str, context: Context) -> Write:
    if isinstance(node, IfNode):
        return _choice(node, name, context)
    if isinstance(node, IncludeNode) and (path := _bare(node)):
        part = context.template.engine.get_template(path)
        return _all(part.nodelist, name, context)
    return lambda row, context: node.render_annotated(context)


def _choice(node: IfNode, name: str, context: Context) -> Write:
    ways = [
        (_ask(condition, name), _all(nodes, name, context))
        for condition, nodes in node.conditions_nodelists
    ]

    def write(row: Row, context: Context) -> str:
        for ask, then in ways:
            if ask(row, context):
                return then(row, context)
        return ""

    return write


def _ask(condition: Any, name: str) -> Ask:
    if condition is None:  # else
        return lambda row, context: True
    if key := _asked(condition, name):
        return lambda row, context: bool(row.get(key))
    if condition.id == "not" and (key := _asked(condition.first, name)):
        return lambda row, context: not row.get(key)
    return lambda row, context: bool(condition.eval(context))


def _asked(condition: Any, name: str) -> str:
    is_plain = isinstance(condition, TemplateLiteral)
    return _key(condition.value, name) if is_plain else ""


def _key(expression: FilterExpression, name: str) -> str:
    """Which of the row's words it is; "" for all that is more than that."""
    asked = expression.var
    if expression.filters or not isinstance(asked, Variable) or asked.translate:
        return ""
    path = asked.lookups or ()
    return path[1] if len(path) == 2 and path[0] == name else ""


def _bare(node: IncludeNode) -> str:
    """The name of a part that is given nothing; "" if it is only known later."""
    told = node.template
    is_written = isinstance(told.var, str) and not told.filters
    given = node.extra_context or node.isolated_context
    return told.var if is_written and not given else ""
