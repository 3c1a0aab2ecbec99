"""Nothing of one shopper is ever shown to another, however many ask at once."""

from __future__ import annotations

import gzip
import http.client
import os
import re
import secrets
import threading
from dataclasses import dataclass, field

import pytest

from tests.story.crowd import at_once
from tests.story.journey import ITEM
from tests.story.visitor import Answer, Visitor

# The proof asks for 100,000, which take some minutes: LEAK_ROUNDS=100000.
ROUNDS = int(
    os.environ.get("LEAK_ROUNDS") or (20_000 if os.environ.get("CI") else 2_000)
)
BREADS = {"Mrs Ssoni": "milk-bread", "Mr Abara": "baguette"}
CATALOGUE = ["/", "/product/milk-bread/", "/category/breads/", "/allergens/"]
EACH_BASKET = 10  # one request of so many; it costs as much as a hundred kept pages
EACH_NEW = 7
GIVEN = re.compile(r"__Host-basket=([0-9a-f]{32}\.[0-9a-f]{64});")


class Lines(threading.local):
    """A connection for each thread, shopper by shopper, as behind somebody's proxy."""

    kept: http.client.HTTPConnection | None = None


@dataclass
class OnOneLine(Visitor):
    """On its thread's connection."""

    lines: Lines = field(default_factory=Lines)
    opened: list[http.client.HTTPConnection] = field(default_factory=list)

    def _connection(self) -> http.client.HTTPConnection:
        if self.lines.kept is None:
            self.lines.kept = super()._connection()
            self.opened.append(self.lines.kept)
        return self.lines.kept

    def _leave(self, connection: http.client.HTTPConnection) -> None:
        """The next one goes on with it."""


class Leaks:
    """Two shoppers and new visitors by turns; what each of them has been shown."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.lines, self.opened = Lines(), []
        self.cookies = {name: self._shopper(sku) for name, sku in BREADS.items()}
        self.baskets_shown = dict.fromkeys(BREADS, 0)
        self.given: list[str] = []
        self.from_cache = {True: 0, False: 0}  # to who is new, and who is not

    def _shopper(self, sku: str) -> dict[str, str]:
        visitor = Visitor(self.port)
        visitor.get("/")
        fields = {"sku": sku, "quantity": 1, "operation": secrets.token_hex(8)}
        assert visitor.post("/basket/lines/", fields).status == 303
        return visitor.cookies

    def ask(self, number: int) -> Answer:
        """One request over balancer and clones, and all that is to be seen in it."""
        name, other = list(BREADS)[:: 1 if number % 2 else -1]
        is_new = number % EACH_NEW == 0
        turn = number // 2
        path = "/basket/" if turn % EACH_BASKET == 0 else CATALOGUE[turn % 4]
        cookies = {} if is_new else dict(self.cookies[name])
        window = OnOneLine(self.port, cookies, lines=self.lines, opened=self.opened)
        packed = {"Accept-Encoding": "gzip"} if turn % 3 else {}
        answer = window.get(path, **packed)
        self._look(answer, self.cookies[other])
        if is_new:
            self._look(answer, self.cookies[name])
        elif path == "/basket/":
            assert rows_of(answer) == {BREADS[name]}
            self.baskets_shown[name] += 1
        self._note_cookies(answer, is_new)
        return answer

    def _look(self, answer: Answer, of_another: dict[str, str]) -> None:
        token = of_another["__Host-basket"][:32]
        assert token not in text_of(answer) + str(answer.headers)

    def _note_cookies(self, answer: Answer, is_new: bool) -> None:
        """Who is new gets one basket, and nobody else any."""
        given = GIVEN.findall(str(answer.headers))
        assert len(given) == is_new, (given, is_new)
        assert not is_new or "private" in answer.headers["Cache-Control"]
        self.given += given
        self.from_cache[is_new] += answer.served_by == "cache"


def rows_of(basket: Answer) -> set[str]:
    """Which products the lines of the basket page are of."""
    return {item.split(":")[0] for item in ITEM.findall(text_of(basket))}


def text_of(answer: Answer) -> str:
    if answer.headers["Content-Encoding"] != "gzip":
        return answer.text
    return gzip.decompress(answer.text.encode(errors="surrogateescape")).decode()


@pytest.mark.slow
def test_nothing_of_one_shopper_is_ever_shown_to_another(fleet):
    """What each alone may see: the bread in the basket, the cookie that finds it."""
    leaks = Leaks(fleet.port)
    wrong: list[str] = []

    def ask(number: int) -> Answer:
        try:
            return leaks.ask(number)
        except AssertionError as error:
            wrong.append(repr(error))
            raise

    outcome = at_once(ROUNDS, ask, threads=8)
    for line in leaks.opened:
        line.close()
    assert wrong == []
    assert outcome.statuses == [200] * ROUNDS
    assert len(set(leaks.given)) == len(leaks.given) == -(-ROUNDS // EACH_NEW)
    assert min(leaks.baskets_shown.values()) > ROUNDS // 30
    assert min(leaks.from_cache.values()) > ROUNDS // 30
