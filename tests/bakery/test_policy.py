"""The Content-Security-Policy is django-csp's, put together once for most pages."""

from __future__ import annotations

import pytest
from csp.constants import NONCE
from csp.decorators import csp_exempt, csp_replace, csp_update
from csp.exceptions import CSPNonceError
from csp.middleware import CSPMiddleware
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory, override_settings

from bakery.headers import PolicyMiddleware

OURS = "bakery.headers.PolicyMiddleware"
HEADERS = ("Content-Security-Policy", "Content-Security-Policy-Report-Only")


def plain(request: HttpRequest) -> HttpResponse:
    return HttpResponse("bread")


def with_nonce(request: HttpRequest) -> HttpResponse:
    request._csp_nonce = "always-the-same"
    return HttpResponse(str(request.csp_nonce))


def with_a_policy_of_its_own(request: HttpRequest) -> HttpResponse:
    return HttpResponse(headers={"Content-Security-Policy": "default-src 'self'"})


VIEWS = {
    "plain": plain,
    "nonce": csp_update({"script-src": [NONCE]})(with_nonce),
    "own": with_a_policy_of_its_own,
    "update": csp_update({"img-src": ["https://example.com"]})(plain),
    "replace": csp_replace({"default-src": ["'self'"]})(plain),
    "exempt": csp_exempt()(plain),
}
SETTINGS = {
    "ours": {},
    "debug": {"DEBUG": True},
    "some pages without": {
        "CONTENT_SECURITY_POLICY": {
            "EXCLUDE_URL_PREFIXES": ["/basket/"],
            "DIRECTIVES": {"default-src": ["'none'"]},
        }
    },
    "reports": {
        "CONTENT_SECURITY_POLICY_REPORT_ONLY": {
            "DIRECTIVES": {"default-src": ["'none'"]}
        }
    },
}


def headers_of(middleware, view) -> list[str | None]:
    answer = middleware(view)(RequestFactory().get("/basket/"))
    return [answer.get(name) for name in HEADERS]


@pytest.mark.parametrize("changed", SETTINGS.values(), ids=SETTINGS)
@pytest.mark.parametrize("view", VIEWS.values(), ids=VIEWS)
def test_every_page_has_the_policy_that_django_csp_gives_it(view, changed):
    with override_settings(**changed):
        ours, its = headers_of(PolicyMiddleware, view), headers_of(CSPMiddleware, view)
    assert ours == its


def test_a_plain_page_has_one():
    (policy, _) = headers_of(PolicyMiddleware, plain)
    assert "default-src 'none'" in policy


@pytest.mark.parametrize("middleware", [PolicyMiddleware, CSPMiddleware])
def test_a_nonce_that_comes_too_late_is_an_error(middleware):
    for _ in range(2):
        request = RequestFactory().get("/")
        middleware(plain)(request)
        with pytest.raises(CSPNonceError):
            str(request.csp_nonce)


def test_the_policy_is_not_put_together_anew_with_each_page():
    """django-csp looks settings up for that, and these would be another policy."""
    middleware = PolicyMiddleware(plain)
    first = middleware(RequestFactory().get("/"))
    with override_settings(CONTENT_SECURITY_POLICY={}):
        second = middleware(RequestFactory().get("/"))
    assert first[HEADERS[0]] == second[HEADERS[0]]


def test_the_shop_uses_it():
    assert OURS in settings.MIDDLEWARE
