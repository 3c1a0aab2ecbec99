"""The load balancer's configuration, made from one template, and its own words.

The configuration is a pure function of a Balancer: tests compare text, and HAProxy
itself checks it (`haproxy -c`) before it is used.
"""

from __future__ import annotations

import base64
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from string import Template

from basket import tokens
from basket.lifetime import COOKIE_SECONDS

TEMPLATE = Path(__file__).with_name("haproxy.cfg.template")

# How the next server is chosen, in the operator's words and in HAProxy's.
BALANCE = {
    "turn": "roundrobin",
    "load": "leastconn",
    "two": "random(2)",
}


@dataclass(frozen=True)
class Clone:
    """An app server as the balancer sees it."""

    name: str
    address: str  # host:port
    slots: int = 0  # requests it works on at a time, where it differs from the others


@dataclass(frozen=True)
class Balancer:
    """All that the configuration depends on. A certificate means https."""

    bind: str  # host:port
    socket: Path
    clones: Sequence[Clone]
    basket_key: bytes  # with which it signs the basket cookies that it issues
    certificate: Path | None = None
    balance: str = "load"
    slots: int = 8  # requests one clone works on at a time: workers x threads
    requests_per_10s: int = 5000  # of one network address, before it gets a 429
    basket_cookie: str = "basket"
    # For proofs alone: the header X-Want-Clone chooses who answers, past the cache.
    steerable: bool = False
    # What shoppers type, where that is not the address above.
    host: str = ""
    https: bool | None = None


def configuration(balancer: Balancer) -> str:
    """HAProxy's configuration file. Raises KeyError for an unknown way to balance."""
    has_certificate = balancer.certificate is not None
    https = has_certificate if balancer.https is None else balancer.https
    chosen = balancer.clones if balancer.steerable else ()
    return Template(TEMPLATE.read_text()).substitute(
        socket=balancer.socket,
        basket_key=base64.b64encode(balancer.basket_key).decode(),
        bind=balancer.bind,
        tls=f" ssl crt {balancer.certificate} alpn h2,http/1.1"
        if has_certificate
        else "",
        scheme="https" if https else "http",
        cookie_secure="; Secure" if https else "",
        host=balancer.host or balancer.bind,
        balance=BALANCE[balancer.balance],
        slots=balancer.slots,
        requests_per_10s=balancer.requests_per_10s,
        basket_cookie=balancer.basket_cookie,
        basket_seconds=COOKIE_SECONDS,
        basket_length=tokens.COOKIE_LENGTH,
        basket_header=tokens.BALANCER_HEADER,
        basket_mark=tokens.mark_of_balancer(balancer.basket_key),
        not_cached=" !{ req.hdr(X-Want-Clone) -m found }" if balancer.steerable else "",
        steering=_lines(_steering(clone) for clone in chosen),
        servers=_lines(_server(clone) for clone in balancer.clones),
        unchecked=_lines(_unchecked(clone) for clone in balancer.clones),
    )


def _server(clone: Clone) -> str:
    slots = f" maxconn {clone.slots}" if clone.slots else ""
    return f"server {clone.name} {clone.address}{slots}"


def _unchecked(clone: Clone) -> str:
    slots = f" maxconn {clone.slots}" if clone.slots else ""
    return f"server {clone.name}-unchecked {clone.address} backup{slots}"


def _steering(clone: Clone) -> str:
    wanted = f"req.hdr(X-Want-Clone) -m str {clone.name}"
    return f"use-server {clone.name} if {{ {wanted} }}"


def _lines(lines: Iterable[str]) -> str:
    return "\n".join(f"    {line}" for line in lines)
