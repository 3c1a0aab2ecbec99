"""Headers that every response has, whoever made it: what browsers are to refuse."""

from __future__ import annotations

from collections.abc import Callable

from csp.constants import HEADER
from csp.middleware import CheckableLazyObject, CSPMiddleware
from csp.utils import build_policy
from django.conf import settings
from django.http import HttpRequest, HttpResponseBase

from shop.unchanging import Unchanging

# Nothing of it is used but passkeys and a screen that stays on over the bake sheet, and
# those by our own pages only.
UNUSED = (
    *("accelerometer", "autoplay", "browsing-topics", "camera", "display-capture"),
    *("encrypted-media", "fullscreen", "geolocation", "gyroscope", "magnetometer"),
    *("microphone", "midi", "payment", "picture-in-picture", "serial", "usb"),
    "xr-spatial-tracking",
)
OWN = (
    "publickey-credentials-create",
    "publickey-credentials-get",
    "screen-wake-lock",
)
PERMISSIONS = ", ".join(
    [f"{name}=()" for name in UNUSED] + [f"{name}=(self)" for name in OWN]
)
# For files, which are no pages: opened on their own they may do nothing at all.
NOTHING_ALLOWED = (
    "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)

# Who asks for a nonce after the policy was sent is told so. It never becomes a value,
# so all requests may share it.
TOO_LATE = CheckableLazyObject(CSPMiddleware._csp_nonce_post_response)


FOR_ALL = Unchanging(
    {
        "Permissions-Policy": PERMISSIONS,
        "Cross-Origin-Resource-Policy": "same-origin",
        "Content-Security-Policy": NOTHING_ALLOWED,
        "X-Frame-Options": "DENY",
    }
)


class HeadersMiddleware:
    """Stands outside the static files. What a view has said itself stays as it is.

    The policy for pages is CONTENT_SECURITY_POLICY; what comes here without any is no
    page.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        FOR_ALL.add_to(response)
        return response


class PolicyMiddleware(CSPMiddleware):
    """django-csp's own, except that the policy of most pages is put together once.

    A view that says something else of its policy, and a page that asked for a nonce,
    have theirs put together by django-csp.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        super().__init__(get_response)
        self.usual = None
        if not _depends_on_the_page():
            self.usual = Unchanging({HEADER: build_policy()})

    def process_response(
        self, request: HttpRequest, response: HttpResponseBase
    ) -> HttpResponseBase:
        if self.usual is None or _has_its_own(request, response):
            return super().process_response(request, response)
        self.usual.add_to(response)
        request.csp_nonce = TOO_LATE
        return response


def _depends_on_the_page() -> bool:
    """Do the settings leave out pages, or ask for more than the one header?"""
    return (
        settings.DEBUG
        or "EXCLUDE_URL_PREFIXES" in settings.CONTENT_SECURITY_POLICY
        or hasattr(settings, "CONTENT_SECURITY_POLICY_REPORT_ONLY")
    )


def _has_its_own(request: HttpRequest, response: HttpResponseBase) -> bool:
    # What django-csp's decorators leave at a response begins so.
    return hasattr(request, "_csp_nonce") or "_csp_" in " ".join(vars(response))
