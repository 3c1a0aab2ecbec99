"""{% url %}, {% static %} and what else is worked out once: the same as Django's."""

from __future__ import annotations

import threading

import pytest
from django.template import Context, Template
from django.test import override_settings
from django.urls import NoReverseMatch, get_script_prefix, path, set_script_prefix

from shop.models import Picture
from shop.once import MOST, once
from shop.templatetags.pictures import icon, picture

urlpatterns = [path("elsewhere/&/", lambda request: None, name="somewhere")]

FILES = "django.contrib.staticfiles.storage.StaticFilesStorage"


class Elsewhere:
    """A storage that says where it would have it, and how often it was asked."""

    asked = 0

    def url(self, name):
        type(self).asked += 1
        return f"//files.example/{name}?a&b"


def written(text, load="addresses", **context):
    return Template(f"{{% load {load} %}}{text}").render(Context(context))


@pytest.fixture
def prefix():
    before = get_script_prefix()
    yield set_script_prefix
    set_script_prefix(before)


@pytest.mark.parametrize(
    "tag",
    [
        '{% url "shop:basket" %}',
        "{% url 'shop:home' %}",
        '{% url "shop:product" "rye" %}',
        '{% url "shop:product" slug="rye" %}',
        '{% url "shop:basket" as here %}[{{ here }}]',
        '{% url "shop:nowhere" as here %}[{{ here }}]',
        "{% url name %}",
        '{% url "shop:BASKET"|lower %}',
        '{% static "shop/enhance.js" %}',
        '{% static "shop/enhance.js" as file %}[{{ file }}]',
        "{% static file %}",
        '{% static "shop/"|add:file %}',
        '{% autoescape off %}{% url "shop:basket" %}{% endautoescape %}',
    ],
)
def test_each_tag_writes_what_django_s_writes(tag):
    context = {"name": "shop:search", "file": "enhance.js"}
    ours, django_s = written(tag, **context), written(tag, "static", **context)
    assert ours == django_s
    assert written(tag, **context) == ours


def test_a_page_that_is_not_there_is_told_every_time():
    for _ in range(2):
        with pytest.raises(NoReverseMatch):
            written('{% url "shop:nowhere" %}')


def test_addresses_follow_where_the_shop_lies(prefix):
    assert written('{% url "shop:basket" %}') == "/basket/"
    prefix("/bakery/")
    assert written('{% url "shop:basket" %}') == "/bakery/basket/"


def test_addresses_follow_the_list_of_pages_and_are_escaped():
    with pytest.raises(NoReverseMatch):
        written('{% url "somewhere" %}')
    with override_settings(ROOT_URLCONF=__name__):
        assert written('{% url "somewhere" %}') == "/elsewhere/&amp;/"


def test_a_file_is_looked_up_once_and_by_its_storage():
    tag = '{% static "shop/enhance.js" %}'
    before = written(tag)
    storages = {"staticfiles": {"BACKEND": f"{__name__}.Elsewhere"}}
    Elsewhere.asked = 0
    with override_settings(STORAGES=storages):
        for _ in range(3):
            assert written(tag) == "//files.example/shop/enhance.js?a&amp;b"
        assert Elsewhere.asked == 1
        assert "//files.example/shop/icons/sprite.svg?a&amp;b#leaf" in icon("leaf")
    with override_settings(STORAGES=storages, DEBUG=True):
        assert [written(tag) for _ in range(3)]
        assert Elsewhere.asked == 2 + 3
    assert written(tag) == before


# --- pictures ------------------------------------------------------------------------


def test_a_picture_that_changed_is_shown_changed():
    shown = Picture(digest="a" * 32, width=1600, height=1200, alt="Rye")
    first = picture(shown)
    assert 'alt="Rye"' in first
    assert "avif" in first
    assert picture(shown) == first
    shown.alt = "Rye, cut"
    assert 'alt="Rye, cut"' in picture(shown)
    shown.has_all_formats = False
    assert "avif" not in picture(shown)
    shown.digest = "b" * 32
    assert "a" * 32 not in picture(shown)
    assert 'loading="lazy"' not in picture(shown, eager=True)


def test_a_name_that_looks_like_a_safe_one_is_escaped_still():
    name = "<b>Rye</b>"
    shown = Picture(digest="a" * 32, width=1600, height=1200)
    told = {"shown": shown, "alt": name}
    assert 'alt="<b>' in written("{% picture shown alt=alt|safe %}", "pictures", **told)
    assert 'alt="&lt;b&gt;' in written(
        "{% picture shown alt=alt %}", "pictures", **told
    )


# --- once ----------------------------------------------------------------------------


def test_an_answer_is_worked_out_once_but_not_with_debug(settings):
    asked = []

    @once
    def double(number):
        asked.append(number)
        return 2 * number

    assert [double(2), double(2), double(3)] == [4, 4, 6]
    assert asked == [2, 3]
    settings.DEBUG = True
    assert double(2) == 4
    assert asked == [2, 3, 2]


def test_an_exception_is_not_remembered_and_old_answers_make_room():
    asked = []

    @once
    def halve(number):
        asked.append(number)
        if number % 2:
            raise ValueError(number)
        return number // 2

    for _ in range(2):
        with pytest.raises(ValueError, match="1"):
            halve(1)
    assert asked == [1, 1]
    for number in range(0, 2 * MOST + 2, 2):
        halve(number)
    halve(2 * MOST)
    assert len(asked) == 2 + MOST + 1
    halve(0)
    assert len(asked) == 2 + MOST + 2


def test_threads_get_the_same_answers():
    square = once(lambda number: number * number)
    together, wrong = threading.Barrier(4), []

    def use():
        together.wait()
        wrong.extend(n for n in range(3 * MOST) if square(n) != n * n)

    threads = [threading.Thread(target=use) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []
