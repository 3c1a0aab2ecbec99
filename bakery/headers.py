"""Headers that every response has, whoever made it: what browsers are to refuse."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponseBase

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


class HeadersMiddleware:
    """Stands outside the static files. What a view has said itself stays as it is.

    The policy for pages is CONTENT_SECURITY_POLICY; what comes here without any is no
    page.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        response.headers.setdefault("Permissions-Policy", PERMISSIONS)
        response.headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        response.headers.setdefault("Content-Security-Policy", NOTHING_ALLOWED)
        response.headers.setdefault("X-Frame-Options", "DENY")
        return response
