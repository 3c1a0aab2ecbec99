"""The least that gunicorn can do: a finished page, with no framework at all."""

from __future__ import annotations

from tests.bench.floors.page import page


def application(environ, start_response):
    headers, body = page()
    start_response("200 OK", list(headers))
    return [body]
