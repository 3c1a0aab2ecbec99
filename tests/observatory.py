"""The rules by which Mozilla's HTTP Observatory scores a site, as far as headers go.

A site starts with 100 points; deductions count always, bonuses only from 90 on; 100
and more is an A+. The points are those of the scanner's own table (SCORE_TABLE in
mdn/mdn-http-observatory, src/grader/charts.js, and src/analyzer/tests/ for when each
applies). What a scanner sees of the network (redirection from http, preload lists) is
the balancer's and gives no points here.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from http.cookies import Morsel
from typing import NamedTuple

START = 100
BONUSES_FROM = 90
SIX_MONTHS = 15_768_000  # seconds
BROAD = {"ftp:", "http:", "https:", "*", "http://*", "https://*"}
INLINE = {"'unsafe-inline'", "data:"}
PRIVATE_REFERRERS = {
    "no-referrer", "same-origin", "strict-origin", "strict-origin-when-cross-origin"
}  # fmt: skip

POINTS = {
    # content-security-policy
    "csp-default-src-none": 10,
    "csp-no-unsafe": 5,
    "csp-unsafe-inline-in-style-src-only": 0,
    "csp-unsafe-eval": -10,
    "csp-unsafe-inline": -20,
    "csp-insecure-scheme": -20,
    "csp-not-implemented": -25,
    # cookies
    "cookies-secure-httponly-samesite": 5,
    "cookies-secure-httponly": 0,
    "cookies-not-found": 0,
    "cookies-anticsrf-without-samesite": -20,
    "cookies-without-secure": -20,
    "cookies-session-without-httponly": -30,
    "cookies-session-without-secure": -40,
    # cross-origin-resource-sharing
    "cors-not-implemented": 0,
    "cors-public": 0,
    "cors-universal": -50,
    # cross-origin-resource-policy
    "corp-same-origin-or-site": 10,
    "corp-cross-origin": 0,
    "corp-not-implemented": 0,
    "corp-invalid": -5,
    # referrer-policy
    "referrer-private": 5,
    "referrer-not-implemented": 0,
    "referrer-unsafe": -5,
    # strict-transport-security
    "hsts-six-months": 0,
    "hsts-less-than-six-months": -10,
    "hsts-not-implemented": -20,
    # subresource-integrity
    "sri-not-needed": 0,
    "sri-all-scripts-of-our-own": 0,
    "sri-foreign-scripts": -5,
    "sri-foreign-scripts-insecurely": -50,
    # x-content-type-options, x-frame-options
    "nosniff": 0,
    "sniffing": -5,
    "frames-by-csp": 5,
    "frames-by-header": 0,
    "frames-allowed": -20,
}


class Seen(NamedTuple):
    """A response as a scanner sees it."""

    headers: Mapping[str, str]
    cookies: Mapping[str, Morsel]
    body: str = ""


def score(seen: Seen) -> int:
    points = [POINTS[finding] for finding in findings(seen)]
    without_bonuses = START + sum(each for each in points if each < 0)
    if without_bonuses < BONUSES_FROM:
        return max(0, without_bonuses)
    return without_bonuses + sum(each for each in points if each > 0)


def findings(seen: Seen) -> list[str]:
    """One for each of the scanner's tests."""
    return [
        _policy(seen),
        _cookies(seen),
        _sharing(seen),
        _resource_policy(seen),
        _referrer(seen),
        _transport(seen),
        _scripts(seen),
        "nosniff" if _is(seen, "X-Content-Type-Options", "nosniff") else "sniffing",
        _frames(seen),
    ]


def directives(seen: Seen) -> dict[str, set[str]]:
    text = _header(seen, "Content-Security-Policy")
    parts = [part.split() for part in text.split(";")]
    return {part[0].lower(): set(part[1:]) or {"'none'"} for part in parts if part}


def _header(seen: Seen, name: str) -> str:
    return seen.headers.get(name, "") or ""


def _is(seen: Seen, name: str, value: str) -> bool:
    return _header(seen, name).strip().lower() == value


def _policy(seen: Seen) -> str:
    policy = directives(seen)
    if not policy:
        return "csp-not-implemented"
    default = policy.get("default-src", {"*"})
    scripts, styles, objects = (
        policy.get(name, default) for name in ("script-src", "style-src", "object-src")
    )
    if scripts & (BROAD | INLINE) or objects & BROAD:
        return "csp-unsafe-inline"
    if any(source.startswith("http:") for source in set().union(*policy.values())):
        return "csp-insecure-scheme"
    if "'unsafe-eval'" in scripts | styles:
        return "csp-unsafe-eval"
    if styles & (BROAD | INLINE):
        return "csp-unsafe-inline-in-style-src-only"
    return "csp-default-src-none" if default == {"'none'"} else "csp-no-unsafe"


def _cookies(seen: Seen) -> str:
    """The worst of all that the scanner has afterwards: none that was taken away."""
    found = {
        _cookie(name, morsel)
        for name, morsel in seen.cookies.items()
        if str(morsel["max-age"]) != "0"
    }
    return min(found, key=POINTS.__getitem__, default="cookies-not-found")


def _cookie(name: str, morsel: Morsel) -> str:
    is_session = any(word in name.lower() for word in ("login", "sess"))
    if not morsel["secure"]:
        return (
            "cookies-session-without-secure" if is_session else "cookies-without-secure"
        )
    if is_session and not morsel["httponly"]:
        return "cookies-session-without-httponly"
    if morsel["samesite"].lower() in {"lax", "strict"}:
        return "cookies-secure-httponly-samesite"
    if "csrf" in name.lower():
        return "cookies-anticsrf-without-samesite"
    return "cookies-secure-httponly"


def _sharing(seen: Seen) -> str:
    origin = _header(seen, "Access-Control-Allow-Origin")
    if not origin:
        return "cors-not-implemented"
    with_cookies = _is(seen, "Access-Control-Allow-Credentials", "true")
    return "cors-universal" if with_cookies else "cors-public"


def _resource_policy(seen: Seen) -> str:
    policy = _header(seen, "Cross-Origin-Resource-Policy").strip().lower()
    return {
        "": "corp-not-implemented",
        "same-origin": "corp-same-origin-or-site",
        "same-site": "corp-same-origin-or-site",
        "cross-origin": "corp-cross-origin",
    }.get(policy, "corp-invalid")


def _referrer(seen: Seen) -> str:
    policy = _header(seen, "Referrer-Policy").strip().lower()
    if not policy:
        return "referrer-not-implemented"
    return "referrer-private" if policy in PRIVATE_REFERRERS else "referrer-unsafe"


def _transport(seen: Seen) -> str:
    age = re.search(r"max-age=(\d+)", _header(seen, "Strict-Transport-Security"))
    if not age:
        return "hsts-not-implemented"
    long_enough = int(age[1]) >= SIX_MONTHS
    return "hsts-six-months" if long_enough else "hsts-less-than-six-months"


def _scripts(seen: Seen) -> str:
    sources = re.findall(r'<script[^>]*\ssrc="([^"]+)"', seen.body)
    if not sources:
        return "sri-not-needed"
    foreign = [each for each in sources if re.match(r"(https?:)?//", each)]
    if not foreign:
        return "sri-all-scripts-of-our-own"
    secure = all(each.startswith("https://") for each in foreign)
    return "sri-foreign-scripts" if secure else "sri-foreign-scripts-insecurely"


def _frames(seen: Seen) -> str:
    ancestors = directives(seen).get("frame-ancestors", {"*"})
    if not ancestors & BROAD:
        return "frames-by-csp"
    header = _header(seen, "X-Frame-Options").strip().upper()
    return "frames-by-header" if header in {"DENY", "SAMEORIGIN"} else "frames-allowed"
