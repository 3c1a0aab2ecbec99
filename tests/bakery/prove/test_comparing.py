"""Two answers: the same, or what differs between whom, and what to look at."""

from __future__ import annotations

from dataclasses import replace
from http.client import HTTPMessage

import pytest

from bakery.prove.comparing import (
    LOOK_AT,
    Difference,
    demand_right_clone,
    demand_same,
    demand_same_file,
    demand_status,
    facts,
)
from bakery.prove.doors import Answer, Door

PAGE = """<title>Basket – FADU Bakery</title>
<main><p>Now it is <time datetime="{time}">{time}</time>.</p>
<input type="hidden" name="item" value="rye">
<input type="hidden" name="version" value="{version}">
<input type="hidden" name="operation" value="{operation}">
<input name="quantity" id="line-rye-quantity" value="{pieces}">
<p>{words}</p></main>
"""
FACTS = {
    "time": "12:00",
    "version": 3,
    "operation": "abcdefgh",
    "pieces": 2,
    "words": "Fine.",
}


def answer(name: str = "clone-1", *, status=200, by="", release="1", **told) -> Answer:
    headers = HTTPMessage()
    headers["X-Served-By"] = by or name
    headers["X-Release"] = release
    door = Door.of_clone(name, "http://10.0.0.5:8000")
    return Answer(door, status, headers, PAGE.format(**FACTS | told), 7)


def difference(one: Answer, other: Answer) -> Difference:
    with pytest.raises(Difference) as found:
        demand_same(one, other)
    return found.value


def test_equal_pages_are_the_same():
    demand_same(answer(), answer("clone-2"))


@pytest.mark.parametrize("told", [{"time": "12:01"}, {"operation": "stuvwxyz"}])
def test_times_and_operation_ids_may_differ(told):
    demand_same(answer(), answer("clone-2", **told))


def test_any_other_letter_is_a_difference_and_is_shown():
    found = difference(answer(), answer("clone-2", words="Fine!"))
    assert (found.kind, found.between) == ("page", ["clone-1", "clone-2"])
    assert "-<p>Fine.</p></main>" in found.diff
    assert "+<p>Fine!</p></main>" in found.diff
    assert "12:00" not in found.diff


def test_a_long_difference_is_cut_short():
    found = difference(answer(words="a\n" * 99), answer("clone-2", words="b\n" * 99))
    assert len(found.diff.splitlines()) == 25
    assert found.diff.endswith("...")


@pytest.mark.parametrize(
    ("told", "words"),
    [
        ({"pieces": 1}, "pieces: 2 and 1"),
        ({"version": 4}, "version: ['3'] and ['4']"),
    ],
)
def test_another_basket_is_said_in_words(told, words):
    found = difference(answer(), answer("clone-2", **told))
    assert found.kind == "facts"
    assert words in found.what


def test_two_releases_may_word_their_pages_differently():
    demand_same(answer(), answer("clone-2", release="2", words="Very fine."))


def test_two_releases_may_not_know_different_baskets():
    found = difference(answer(), answer("clone-2", release="2", pieces=1))
    assert found.kind == "facts"


def test_another_status_is_a_difference():
    found = difference(answer(), answer("clone-2", status=404))
    assert found.kind == "status"
    assert found.what == "clone-1 answers 200, clone-2 404."


def test_a_refusal_says_what_the_page_says():
    with pytest.raises(Difference) as found:
        demand_status(answer(status=403, words="Not from here."), 303)
    assert found.value.what == "clone-1 answered 403 instead of 303."
    assert "Not from here." in found.value.diff


@pytest.mark.parametrize("by", ["clone-7", "cache"])
def test_the_clone_that_was_asked_must_have_answered(by):
    with pytest.raises(Difference) as found:
        demand_right_clone(answer(by=by))
    assert found.value.kind == "answered by"
    assert f"X-Served-By: {by}" in found.value.what


def test_at_the_balancer_anybody_may_answer():
    asked = answer(by="clone-7")
    door = Door.of_balancer("https://shop.example")
    demand_right_clone(Answer(door, 200, asked.headers, asked.text, 7))


def test_facts_of_an_order():
    text = '<p class="order-code">K7M2P</p><a href="/order/x/cancellation/">No</a>'
    assert facts(text)["order"] == ["K7M2P"]
    assert facts(text)["can be cancelled"]


@pytest.mark.parametrize("kind", LOOK_AT)
def test_each_difference_says_what_to_look_at(kind):
    found = Difference(kind, ["clone-1", "clone-2"], "They differ.", "-a\n+b")
    found.step = "check out"
    told = found.in_words()
    assert "“check out”, clone-1 and clone-2" in told
    assert f"Look at: {LOOK_AT[kind]}" in told
    assert found.as_dict()["between"] == ["clone-1", "clone-2"]


# --- of an account -----------------------------------------------------------------


def sent_to_log_in(name: str) -> Answer:
    found = answer(name, status=302)
    found.headers["Location"] = "/account/auth/login/?next=/account/"
    return found


def file(name: str, body: bytes = b"bytes", status: int = 200) -> Answer:
    return replace(answer(name, status=status), body=body)


def test_a_clone_that_does_not_know_who_is_logged_in_is_told_in_words():
    found = difference(answer(), sent_to_log_in("clone-2"))
    assert (found.kind, found.between) == ("log-in", ["clone-1", "clone-2"])
    assert "clone-1 answers 200, clone-2 302" in found.what


def test_tokens_against_foreign_sites_may_differ():
    words = '<input type="hidden" name="csrfmiddlewaretoken" value="{}">'
    demand_same(
        answer(words=words.format("a")), answer("clone-2", words=words.format("b"))
    )


def test_another_picture_of_the_shopper_is_a_difference():
    words = '<img src="/media/people/{}-96.jpg" alt="">'
    found = difference(
        answer(words=words.format("a" * 32)),
        answer("clone-2", words=words.format("b" * 32)),
    )
    assert found.kind == "facts"
    assert "picture: " in found.what


def test_the_same_bytes_are_the_same_file():
    demand_same_file(file("clone-1"), file("clone-2"))


@pytest.mark.parametrize(
    ("theirs", "between"),
    [
        (file("clone-2", b"other"), ["clone-1", "clone-2"]),
        (file("clone-2", status=404), ["clone-2"]),
    ],
)
def test_other_bytes_or_none_are_a_difference(theirs, between):
    with pytest.raises(Difference) as found:
        demand_same_file(file("clone-1"), theirs)
    assert (found.value.kind, found.value.between) == ("files", between)
