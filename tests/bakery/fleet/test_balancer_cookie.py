"""Who issues the basket's cookie, asked of a real HAProxy; each answer is one's own.

Behind it stands a server that answers as a test tells it to and notes what it is asked.
"""

from __future__ import annotations

import http.client
import re
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from bakery.fleet.balancer import Balancer, Clone, configuration
from bakery.servers.haproxy import haproxy
from bakery.servers.ports import free_port
from bakery.servers.process import Program
from bakery.servers.starting import started, wait_until_up
from basket import tokens
from tests.processes import wait_until
from tests.story.crowd import at_once

PUBLIC = {
    "Content-Type": "text/html; charset=utf-8",
    "Cache-Control": "public, max-age=0, s-maxage=60",
    "ETag": 'W/"as-it-is"',
}
GIVEN = re.compile(
    r"basket=([0-9a-f]{32})\.([0-9a-f]{64})"
    r"; HttpOnly; Max-Age=15552000; Path=/; SameSite=Lax"
)


class Told(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        clone: Behind = self.server.clone
        headers = {} if self.path.startswith("/ready") else clone.answers
        if headers:
            clone.asked.append(self.headers)
        self.send_response(int(headers.get(":status", 200)))
        for name, value in headers.items():
            if not name.startswith(":"):
                self.send_header(name, value)
        self.send_header("Content-Length", "4")
        self.end_headers()
        self.wfile.write(b"page")

    do_POST = do_GET

    def log_message(self, *words: object) -> None:
        """Nobody reads it."""


class Listening(ThreadingHTTPServer):
    request_queue_size = 128  # of as many as come at once
    daemon_threads = True


class Behind:
    """The clone: what it answers, and what it was asked."""

    def __init__(self) -> None:
        self.answers: dict[str, str] = dict(PUBLIC)
        self.asked: list[http.client.HTTPMessage] = []
        self.server = Listening(("127.0.0.1", 0), Told)
        self.server.clone = self
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    @property
    def mark(self) -> str | None:
        """What the balancer has told with the last request."""
        return self.asked[-1][tokens.BALANCER_HEADER]


class Front:
    """The balancer, from outside."""

    def __init__(self, program: Program) -> None:
        self.program = program

    def get(
        self, path: str, method: str = "GET", **headers: str
    ) -> http.client.HTTPResponse:
        line = http.client.HTTPConnection("127.0.0.1", self.program.port, timeout=10)
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        line.request(method, path, headers={"Accept": "text/html"} | named)
        answer = line.getresponse()
        answer.read()
        line.close()
        return answer


@pytest.fixture
def clone() -> Iterator[Behind]:
    clone = Behind()
    yield clone
    clone.server.shutdown()
    clone.server.server_close()


@pytest.fixture
def key(settings) -> bytes:
    settings.SECRET_KEY = "the balancer and its clones have this one"
    return tokens.signing_key()


@pytest.fixture
def balancer(tmp_path, clone, key) -> Iterator[Front]:
    behind = f"127.0.0.1:{clone.server.server_port}"

    def make() -> Program:
        port = free_port()
        told = Balancer(
            bind=f"127.0.0.1:{port}",
            socket=tmp_path / "sock",
            clones=[Clone("clone-1", behind)],
            basket_key=key,
            slots=64,
        )
        path = Path(tmp_path / "haproxy.cfg")
        path.write_text(configuration(told))
        return haproxy(path, port=port, log=tmp_path / "balancer.log")

    program = wait_until_up(started(make), make)
    yield Front(program)
    program.stop()


def cookies(answer: http.client.HTTPResponse) -> list[str]:
    return answer.headers.get_all("Set-Cookie", [])


def token_in(answer: http.client.HTTPResponse) -> str:
    """Of the one cookie that the answer brings, as a clone reads it."""
    [line] = cookies(answer)
    assert GIVEN.fullmatch(line), line
    token = tokens.read(line.partition("=")[2].partition(";")[0])
    assert token
    return token


def someone() -> str:
    return f"basket={tokens.sign(tokens.new_token())}"


# --- pages for everybody ------------------------------------------------------------


def test_a_new_visitors_page_fills_the_cache_for_the_next_one(balancer, clone):
    first, second = balancer.get("/"), balancer.get("/")
    assert len(clone.asked) == 1
    assert second.headers["X-Served-By"] == "cache"
    assert token_in(first) != token_in(second)
    for answer in (first, second):
        assert answer.headers["Cache-Control"] == "private, no-cache"


def test_what_is_stored_has_nobodys_cookie(balancer, clone):
    token_in(balancer.get("/"))
    known = balancer.get("/", Cookie=someone())
    assert known.headers["X-Served-By"] == "cache"
    assert cookies(known) == []
    assert known.headers["Cache-Control"] == PUBLIC["Cache-Control"]
    assert len(clone.asked) == 1


@pytest.mark.parametrize("kept", [False, True], ids=["miss", "hit"])
def test_many_new_visitors_at_once_get_a_basket_each(balancer, clone, kept):
    if kept:
        balancer.get("/")
    else:
        clone.answers["Cache-Control"] = "public, max-age=0, s-maxage=0"
    asked = len(clone.asked)
    outcome: list[http.client.HTTPResponse] = []

    def visit(_: int) -> http.client.HTTPResponse:
        answer = balancer.get("/")
        outcome.append(answer)
        return answer

    at_once(100, visit, threads=10)
    assert len({token_in(answer) for answer in outcome}) == len(outcome) == 100
    assert len(clone.asked) - asked == (0 if kept else 100)


@pytest.mark.parametrize("kept", [False, True], ids=["miss", "hit"])
def test_who_kept_the_page_but_lost_the_cookie_gets_both_again(balancer, clone, kept):
    if kept:
        balancer.get("/")
    answer = balancer.get("/", If_None_Match=PUBLIC["ETag"])
    assert answer.status == 200
    assert token_in(answer)
    assert {asked["If-None-Match"] for asked in clone.asked} == {None}


def test_who_has_page_and_cookie_is_told_so_by_the_cache(balancer, clone):
    balancer.get("/")
    asked = {"If_None_Match": PUBLIC["ETag"], "Cookie": someone()}
    answer = balancer.get("/", **asked)
    assert (answer.status, cookies(answer), len(clone.asked)) == (304, [], 1)


# --- what the clone is told ---------------------------------------------------------


def test_the_clone_is_told_by_a_mark_that_proves_the_key(balancer, clone, settings):
    balancer.get("/")
    assert tokens.is_mark_of_balancer(clone.mark)
    settings.SECRET_KEY = "another"
    assert not tokens.is_mark_of_balancer(clone.mark)


def test_the_mark_is_shown_to_nobody(balancer, clone):
    answer = balancer.get("/")
    assert clone.mark not in str(answer.headers)


@pytest.mark.parametrize(
    ("method", "cookie"), [("GET", True), ("POST", True), ("POST", False)]
)
def test_a_client_cannot_write_the_mark(balancer, clone, method, cookie, key):
    """Not even one who has found out how it reads."""
    clone.answers = {"Content-Type": "text/html", "Cache-Control": "private"}
    claimed = {tokens.BALANCER_HEADER: tokens.mark_of_balancer(key)}
    claimed |= {"Cookie": someone()} if cookie else {}
    balancer.get("/", method, **claimed)
    assert clone.mark is None


# --- what the balancer leaves to the clone -------------------------------------------


def test_a_clone_that_issues_the_cookie_itself_has_the_last_word(balancer, clone):
    """As one does whose key is another, or whose release is older."""
    clone.answers |= {"Set-Cookie": "basket=its-own", "Cache-Control": "private"}
    for _ in range(2):
        answer = balancer.get("/")
        assert cookies(answer) == ["basket=its-own"]
    assert len(clone.asked) == 2


def test_an_answer_with_a_cookie_is_not_stored_even_if_it_says_public(balancer, clone):
    clone.answers["Set-Cookie"] = "basket=its-own"
    for _ in range(2):
        assert cookies(balancer.get("/")) == ["basket=its-own"]
    assert len(clone.asked) == 2


@pytest.mark.parametrize(
    "told",
    [
        {"Cache-Control": "private, no-cache"},
        {"Cache-Control": "no-store"},
        {"Content-Type": "text/css"},
        {":status": "404"},
        {":status": "503"},
    ],
    ids=str,
)
def test_what_is_no_page_for_everybody_brings_no_cookie_of_the_balancer(
    balancer, clone, told
):
    clone.answers |= told
    for _ in range(2):
        assert cookies(balancer.get("/")) == []


def test_the_answer_to_a_change_brings_no_cookie_of_the_balancer(balancer):
    assert cookies(balancer.get("/", "POST")) == []


# --- the log -------------------------------------------------------------------------


def test_the_log_has_a_line_for_what_a_clone_answers_and_none_for_the_cache(
    balancer, clone, tmp_path
):
    for path in ("/first", "/first", "/second"):
        balancer.get(path)
    log = tmp_path / "balancer.log"
    assert wait_until(lambda: "/second" in log.read_text(), 5)
    lines = [line for line in log.read_text().splitlines() if "GET /" in line]
    assert [re.search(r"GET (/\w+)", line)[1] for line in lines] == [
        "/first",
        "/second",
    ]
