"""Kept pages handed out in front of Django: the same answer, without its machinery.

Nothing is put together here. What is answered was answered before, at this address, by
all of Django's middleware, and is given again header by header for as long as its page
shows the state of the shop. Whatever is not plainly that goes on to Django.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from django.core.handlers.wsgi import get_path_info
from django.http import HttpResponse, QueryDict

from bakery import identity
from bakery.pages.kept import Page
from bakery.pages.middleware import LONGEST_ADDRESS, Now, takes_gzip, watch
from basket.middleware import (
    cookie_of_first_page,
    has_basket_cookie,
    is_issued_by_balancer,
)
from shop.views.caching import known_questions

Environ = dict[str, Any]

MOST_ANSWERS = 2_000  # in one process; they share their bodies with the kept pages
STATUS = {200: "200 OK", 304: "304 Not Modified"}


# What an answer depends on: scheme, host, script, path (as WSGI has it), questions, and
# the status, which tells a page from "you have it already".
Address = tuple[str, str, str, str, str, int]


@dataclass(frozen=True)
class Answer:
    """All of it but the cookie of a new shopper. Compressed."""

    page: Page
    path: str  # for people and logs
    status: int
    headers: tuple[tuple[str, str], ...]
    of_first_page: tuple[tuple[str, str], ...]  # those that stay beside a new cookie
    is_page: bool  # which a new shopper gets with a cookie; files are no pages
    body: tuple[bytes, ...]


class Answers:
    """What this process has answered, by address. The oldest goes first."""

    def __init__(self) -> None:
        self._answers: dict[Address, Answer] = {}
        self._lock = threading.Lock()

    def find(self, address: Address) -> Answer | None:
        return self._answers.get(address)

    def learn(self, address: Address, answer: Answer) -> None:
        with self._lock:
            self._answers.pop(address, None)
            self._answers[address] = answer
            if len(self._answers) > MOST_ANSWERS:
                del self._answers[next(iter(self._answers))]

    def forget(self) -> None:
        with self._lock:
            self._answers.clear()


answers = Answers()


def before_django(application: Callable) -> Callable:
    """The WSGI application behind a hatch from which kept pages are handed out.

    No query is made here: when it is time to look at the stamp again, the request goes
    on to Django, which looks.
    """

    def answer(environ: Environ, start_response: Callable) -> Iterable[bytes]:
        began = time.perf_counter()
        if not _is_usual(environ):
            return application(environ, start_response)
        has_basket = has_basket_cookie(environ)
        found = _find(environ, has_basket)
        if found:
            is_public = (
                has_basket or not found.is_page or is_issued_by_balancer(environ)
            )
            return _give(found, is_public, environ, start_response, began)
        response = application(environ, start_response)
        _learn(environ, response)
        return response

    return answer


def _is_usual(environ: Environ) -> bool:
    """A plain question for a page, as every browser asks it.

    Django knows better how to answer the others.
    """
    return (
        environ["REQUEST_METHOD"] == "GET"
        and "HTTP_HOST" in environ
        and takes_gzip(environ.get("HTTP_ACCEPT_ENCODING", ""))
        and "HTTP_RANGE" not in environ
        and "HTTP_IF_MATCH" not in environ
        and "HTTP_IF_UNMODIFIED_SINCE" not in environ
    )


def _find(environ: Environ, has_basket: bool) -> Answer | None:
    stamp = watch.known()
    asked = environ.get("HTTP_IF_NONE_MATCH")
    found = answers.find(_address(environ, 304 if asked else 200))
    if stamp is None or found is None:
        return None
    if asked and (asked != found.page.etag or not has_basket):
        return None
    return found if Now.at(stamp).is_shown_by(found.page) else None


def _address(environ: Environ, status: int) -> Address:
    return (
        environ["wsgi.url_scheme"],
        environ["HTTP_HOST"],
        environ.get("SCRIPT_NAME", ""),
        environ.get("PATH_INFO", ""),
        environ.get("QUERY_STRING", ""),
        status,
    )


def _give(
    answer: Answer,
    is_public: bool,
    environ: Environ,
    start_response: Callable,
    began: float,
) -> Iterable[bytes]:
    if is_public:
        headers = [*answer.headers]
    else:
        headers = [*answer.of_first_page, *cookie_of_first_page()]
    start_response(STATUS[answer.status], headers)
    given_id = environ.get("HTTP_X_REQUEST_ID", "")
    identity.answered(given_id, "GET", answer.path, answer.status, began)
    return answer.body


def _learn(environ: Environ, response: HttpResponse) -> None:
    """Remember the answer, if it shows a kept page and its address is the page's own.

    So that nobody can fill the memory with one page under a thousand addresses.
    """
    page = getattr(response, "kept_page", None)
    if page is None or response.status_code not in STATUS:
        return
    address = _address(environ, response.status_code)
    _, _, script, as_asked, questions, _ = address
    is_own = known_questions(QueryDict(questions)) == questions
    if not is_own or len(as_asked) + len(questions) > LONGEST_ADDRESS:
        return
    # The answer to a new shopper was made private for its cookie; this one has none.
    public = {"X-Page": "kept", "Cache-Control": page.headers["Cache-Control"]}
    headers = tuple((name, public.get(name, value)) for name, value in response.items())
    answer = Answer(
        page=page,
        path=script.rstrip("/") + get_path_info(environ),
        status=response.status_code,
        headers=headers,
        of_first_page=tuple(each for each in headers if each[0] != "Cache-Control"),
        is_page=page.headers["Content-Type"].startswith("text/html"),
        body=(page.body,) if response.status_code == 200 else (),
    )
    answers.learn(address, answer)
