"""What is kept of one version of the catalogue: by many threads, and only so much."""

from __future__ import annotations

import threading

import pytest

from shop.remembered import Catalogue


def test_those_that_nobody_asked_for_longest_make_room():
    catalogue, loads = Catalogue(1, most=3), []

    def load(keys):
        loads.append(keys)
        return dict.fromkeys(keys, "kept")

    for keys in (["a", "b", "c"], ["a"], ["d"], ["a", "c", "d"], ["b"]):
        assert catalogue.find("word", keys, load) == dict.fromkeys(keys, "kept")
    assert loads == [["a", "b", "c"], ["d"], ["b"]]
    many = [str(number) for number in range(10)]
    assert len(catalogue.find("word", many, load)) == 10
    assert len(catalogue._kinds["word"]) == 3


def test_threads_share_one_catalogue_and_get_all_they_ask_for():
    catalogue, together = Catalogue(1, most=20), threading.Barrier(8)
    wrong = []

    def use(number):
        together.wait()
        for turn in range(300):
            keys = [(number * turn + each) % 30 for each in range(10)]
            found = catalogue.find("square", keys, lambda all: {k: k * k for k in all})
            if found != {key: key * key for key in keys}:
                wrong.append(keys)

    threads = [threading.Thread(target=use, args=[number]) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []
    assert len(catalogue._kinds["square"]) == 20


def test_what_is_kept_is_read_without_waiting_for_anybody():
    catalogue, found = Catalogue(1), []
    catalogue.find("word", ["a"], lambda keys: dict.fromkeys(keys, "kept"))
    reads = threading.Thread(
        target=lambda: found.append(catalogue.find("word", ["a"], dict.fromkeys))
    )
    with catalogue._lock:
        reads.start()
        reads.join(timeout=10)
        assert found == [{"a": "kept"}]


class Key(str):
    """Whoever compares it a second time lets another thread have its turn before."""

    __hash__ = str.__hash__
    turn = None
    compared = 0

    def __eq__(self, other):
        self.compared += 1
        if self.turn and self.compared == 2:
            thread = threading.Thread(target=self.turn, daemon=True)
            thread.start()
            thread.join(timeout=10)
        return str.__eq__(self, other)


@pytest.fixture
def filling():
    """A catalogue with one key, and room for two more; and what fills it up, so that
    the key has to go."""
    catalogue, key = Catalogue(1, most=3), Key("a")

    def ask(*keys):
        return catalogue.find("word", [*keys], lambda all: dict.fromkeys(all, "kept"))

    ask(key)
    return catalogue, key, lambda: ask("b", "c", "d")


def test_what_goes_while_it_is_read_is_no_error(filling):
    catalogue, key, fill = filling
    key.turn, key.compared = fill, 0
    assert catalogue.find("word", [Key("a")], dict.fromkeys) == {"a": "kept"}
    fill()
    assert len(catalogue._kinds["word"]) == 3


def test_control_looking_first_and_reading_then_finds_it_gone(filling):
    catalogue, key, fill = filling
    kept = catalogue._kinds["word"]
    key.turn, key.compared = fill, 0
    assert Key("a") in kept
    with pytest.raises(KeyError):
        kept[Key("a")]
