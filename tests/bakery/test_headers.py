"""Headers and cookies of a real server behind a proxy that speaks https."""

from __future__ import annotations

import urllib.error
import urllib.request
from http.cookies import SimpleCookie

import pytest

from tests.bakery.test_static import stylesheet
from tests.observatory import Seen, findings, score
from tests.processes import Machine, wait_until

pytestmark = pytest.mark.slow


@pytest.fixture
def https(machine: Machine) -> Machine:
    machine.environment |= {"SITE_URL": "https://shop.example", "WEB_CONCURRENCY": "1"}
    machine.manage("prepare")
    machine.start("serve", "--web-only")
    assert wait_until(machine.answers, 40), machine.log
    return machine


def ask(machine: Machine, path: str) -> Seen:
    request = urllib.request.Request(
        machine.url + path,
        headers={"Host": "shop.example", "X-Forwarded-Proto": "https"},
    )
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            return seen(answer)
    except urllib.error.HTTPError as answer:
        with answer:
            return seen(answer)


def seen(answer) -> Seen:
    cookies = SimpleCookie("\r\n".join(answer.headers.get_all("Set-Cookie") or []))
    return Seen(answer.headers, cookies, answer.read().decode(errors="replace"))


def test_pages_files_and_errors_have_their_points(https):
    points = {
        path: (score(answer), findings(answer))
        for path in (
            *("/", "/basket/", "/account/auth/login/", "/staff/", "/admin/", "/up"),
            *(stylesheet(https), "/static/nothing.0123456789ab.css", "/nothing/"),
        )
        for answer in [ask(https, path)]
    }
    assert {path: each for path, each in points.items() if each[0] < 115} == {}


def test_no_answer_names_a_version(https):
    for path in ("/", stylesheet(https), "/nothing/"):
        assert ask(https, path).headers["Server"] in (None, "gunicorn")


def test_cookies_have_names_that_bind_them_to_the_host(https):
    names = {
        name
        for path in ("/", "/account/auth/login/")
        for name in ask(https, path).cookies
    }
    assert names >= {"__Host-basket", "__Host-csrf"}
