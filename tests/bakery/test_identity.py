"""Every response says which server of which release made it."""

from __future__ import annotations

import json
import logging
import re
import subprocess
import sys

import pytest
from django.http import Http404, HttpResponse
from django.test import override_settings
from django.urls import path

from bakery.logs import JsonLines

MINE = {"X-Served-By": "clone-5", "X-Release": "7"}
HEX = re.compile(r"[0-9a-f]{32}")


def fine(request):
    logging.getLogger("shop.test").warning("in the middle")
    return HttpResponse(request.id)


def broken(request):
    raise RuntimeError("broken")


def missing(request):
    raise Http404


urlpatterns = [
    path("fine", fine),
    path("broken", broken),
    path("missing", missing),
    path("order/<secret>/", fine),
]
handler404 = lambda request, exception: HttpResponse(status=404)  # noqa: E731
handler500 = lambda request: HttpResponse(status=500)  # noqa: E731


@pytest.fixture
def visitor(client):
    client.raise_request_exception = False
    with override_settings(ROOT_URLCONF=__name__, CLONE_ID="clone-5", RELEASE="7"):
        yield client


@pytest.mark.parametrize(
    ("address", "status"),
    [("/fine", 200), ("/broken", 500), ("/missing", 404), ("/nowhere", 404)],
)
def test_every_response_names_its_server(visitor, address, status):
    answer = visitor.get(address)
    assert answer.status_code == status
    assert {name: answer[name] for name in MINE} == MINE


def test_a_refused_host_is_answered_by_name_too(visitor):
    with override_settings(ALLOWED_HOSTS=["shop.example"]):
        answer = visitor.get("/fine", headers={"host": "evil.example"})
    assert answer.status_code == 400
    assert answer["X-Served-By"] == "clone-5"


@pytest.mark.django_db  # at its end Django closes connections, if there are any
def test_a_static_file_is_answered_by_name_too(client):
    with override_settings(CLONE_ID="clone-5", WHITENOISE_USE_FINDERS=True):
        answer = client.get("/static/shop/storefront.css")
    assert answer.status_code == 200
    assert answer["X-Served-By"] == "clone-5"
    answer.close()


def test_the_balancer_s_request_id_is_taken(visitor):
    given = "0b9f0e3a-66a4-4f0e-8d6d-0f3f4f1c2b3a"
    answer = visitor.get("/fine", headers={"x-request-id": given})
    assert answer.content.decode() == given


@pytest.mark.parametrize("given", ["", "short", "a" * 37, "a" * 31 + "\n", "G" * 32])
def test_a_malformed_request_id_is_replaced(visitor, given):
    answer = visitor.get("/fine", headers={"x-request-id": given})
    assert HEX.fullmatch(answer.content.decode())


def test_two_requests_are_never_named_alike_by_processes_of_one_parent():
    code = (
        "import os; from django.conf import settings; settings.configure();"
        "from bakery import identity; identity._id_of('');"
        "born = [os.fork() for _ in range(2)];"
        "os.write(1, f'{identity._id_of(\"\")}\\n'.encode());"
        "[os.waitpid(each, 0) for each in born if each]"
    )
    said = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    ids = said.stdout.split()
    assert len(ids) == 4
    assert len(set(ids)) == 4
    assert all(HEX.fullmatch(each) for each in ids)


def lines(caplog, formatter=None) -> list[dict]:
    formatter = formatter or JsonLines("clone-5", "7")
    return [json.loads(formatter.format(record)) for record in caplog.records]


def test_a_request_leaves_one_line_without_its_query(visitor, caplog):
    with caplog.at_level(logging.INFO, "bakery.access"):
        visitor.get("/fine?email=mrs@ssoni.example")
    (line,) = [line for line in lines(caplog) if line["logger"] == "bakery.access"]
    assert line["method"] == "GET"
    assert line["path"] == "/fine"
    assert line["status"] == 200
    assert 0 <= line["ms"] < 5000
    assert "ssoni" not in json.dumps(lines(caplog))


def test_an_order_s_line_does_not_open_the_order(visitor, caplog):
    with caplog.at_level(logging.INFO, "bakery.access"):
        visitor.get("/order/S3cr3tS3cr3t/")
    assert "S3cr3t" not in json.dumps(lines(caplog))


def test_the_probes_of_the_balancer_fill_no_log(client, caplog):
    with caplog.at_level(logging.INFO, "bakery.access"):
        client.get("/up")
    assert caplog.records == []


class Keeper(logging.Handler):
    """Formats at once, as a real handler does, while the request is answered."""

    def __init__(self) -> None:
        super().__init__()
        self.kept: list[dict] = []
        self.setFormatter(JsonLines("clone-5", "7"))

    def emit(self, record: logging.LogRecord) -> None:
        self.kept.append(json.loads(self.format(record)))


def test_what_is_logged_in_a_request_carries_its_id(visitor):
    keeper = Keeper()
    logging.getLogger().addHandler(keeper)
    try:
        first = visitor.get("/fine").content.decode()
        second = visitor.get("/fine").content.decode()
    finally:
        logging.getLogger().removeHandler(keeper)
    in_the_middle = [x for x in keeper.kept if x["message"] == "in the middle"]
    assert [line["request"] for line in in_the_middle] == [first, second]
    assert first != second


def test_django_s_own_words_about_a_refusal_carry_it_too(visitor):
    given = "a" * 32
    keeper = Keeper()
    logging.getLogger().addHandler(keeper)
    try:
        visitor.get("/missing", headers={"x-request-id": given})
    finally:
        logging.getLogger().removeHandler(keeper)
    said = {line["logger"]: line["request"] for line in keeper.kept}
    assert said == {"bakery.access": given, "django.request": given}
