"""Rows that are written at once are those that Django would write."""

from __future__ import annotations

import pytest
from django.template import Context, TemplateSyntaxError, engines
from django.template.loader import get_template
from django.utils.safestring import SafeString

ROWS = [
    {"name": "Rye <b>", "is_bad": True, "each": "€4.50", "deep": {"er": "&"}},
    {"name": SafeString("<i>Rye</i>"), "is_bad": False, "words": ["a", "<"]},
    {"name": '"', "other": "x", "less": "0"},
    {},
]
BODIES = [
    "plain {{ each.name }} words",
    "{{ each.none }}{{ each.deep.er }}{{ each.name|upper }}{{ outside }}{{ each }}",
    "{% if each.is_bad %}bad{% elif each.other %}other{% else %}good{% endif %}",
    "{% if not each.is_bad %}{{ each.name }}{% endif %}",
    "{% if each.is_bad and not outside %}no{% endif %}{% if outside %}out{% endif %}",
    '{% if each.less == "0" %}Take out{% endif %}{% if each.a.b %}{% endif %}',
    "{% if each.deep.er %}{% if each.each %}{{ each.each }}{% endif %}{% endif %}",
    "{% for word in each.words %}{{ word }}{{ each.name }}{% endfor %}",
    '{% load pictures addresses %}{% icon "ok" %}{% url "shop:basket" %}',
    '{% with other=each %}{% include "shop/parts/_messages.html" %}{% endwith %}',
    '{% include "shop/parts/_basket_line_problem.html" with row=each %}',
    '{% include "shop/parts/_messages.html" %}{{ "words" }}{{ 3 }}',
    "100 % {{ each.name }} %s %(name)s {{ each.name }}{{ each.other }} 5 %",
]


def written(source, **facts):
    facts = {"rows": ROWS, "outside": "<out>", "messages": ["said"]} | facts
    made = engines["django"].from_string("{% load rows %}" + source)
    return made.template.render(Context(facts))


@pytest.mark.parametrize("body", BODIES)
def test_rows_are_written_as_in_a_loop(body):
    looped = written("{% for each in rows %}" + body + "{% endfor %}")
    ours = written("{% rows rows as each %}" + body + "{% endrows %}")
    assert ours == looped
    assert looped


def test_a_row_is_gone_after_the_rows():
    source = "{% rows rows as each %}{% endrows %}{{ each }}"
    assert written(source, each="before") == "before"


def test_a_template_writes_other_rows_the_next_time():
    made = engines["django"].from_string(
        "{% load rows %}{% rows rows as each %}{{ each.name }},{% endrows %}"
    )
    first, second = (made.render({"rows": [{"name": n}]}) for n in ("one", "two"))
    assert (first, second) == ("one,", "two,")


def test_an_included_part_is_written_with_its_row():
    get_template("shop/parts/_basket_line.html")  # is there
    line = {"name": "Rye <b>", "id": "line-rye", "item": "rye", "less": "0"}
    part = '{% include "shop/parts/_basket_line.html" %}'
    looped = written("{% for line in rows %}" + part + "{% endfor %}", rows=[line])
    ours = written("{% rows rows as line %}" + part + "{% endrows %}", rows=[line])
    assert ours == looped
    assert "Rye &lt;b&gt;" in ours


@pytest.mark.parametrize("said", ["", " rows", " rows as", " rows in each"])
def test_what_is_not_written_well_is_refused(said):
    with pytest.raises(TemplateSyntaxError, match="rows values as name"):
        written("{% rows" + said + " %}{% endrows %}")
