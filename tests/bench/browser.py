"""A shopper's browser as far as a server sees it: cookies, headers, forms."""

from __future__ import annotations

import gzip
import html
import itertools
import re
import secrets
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from tests.bench.client import Answer

SET_COOKIE = re.compile(rb"\r\nSet-Cookie: ([^=]+)=([^;\r]*)")
HIDDEN = re.compile(r'type="hidden" name="([^"]+)" value="([^"]*)"')
HEADERS = (
    "Accept: text/html\r\n"
    "Accept-Encoding: gzip, deflate\r\n"
    "Accept-Language: en-GB,en;q=0.8\r\n"
    "User-Agent: Mozilla/5.0 (X11; Linux x86_64)\r\n"
    "Sec-Fetch-Site: same-origin\r\n"
)
shoppers = itertools.count(secrets.randbelow(1 << 22))


def operation() -> dict[str, str]:
    """The field by which a press counts once."""
    return {"operation": secrets.token_hex(8)}


@dataclass
class Browser:
    """Each one comes from a network of its own: no limit of a network is reached."""

    port: int
    cookies: dict[str, str] = field(default_factory=dict)
    number: int = field(default_factory=lambda: next(shoppers))

    def get(self, path: str) -> bytes:
        return f"GET {path} HTTP/1.1\r\n{self._headers()}\r\n".encode()

    def post(self, path: str, fields: dict[str, Any]) -> bytes:
        body = urlencode(fields)
        return (
            f"POST {path} HTTP/1.1\r\n{self._headers()}"
            f"Origin: http://127.0.0.1:{self.port}\r\n"
            "Content-Type: application/x-www-form-urlencoded\r\n"
            f"Content-Length: {len(body)}\r\n\r\n{body}"
        ).encode()

    def _headers(self) -> str:
        number = self.number
        address = f"{16 + (number >> 16)}.{number >> 8 & 255}.{number & 255}.1"
        cookies = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        return (
            f"Host: 127.0.0.1:{self.port}\r\n{HEADERS}X-Forwarded-For: {address}\r\n"
        ) + (f"Cookie: {cookies}\r\n" if cookies else "")

    def keep_cookies(self, answer: Answer) -> None:
        """Also those that are taken away, with nothing in them."""
        for name, value in SET_COOKIE.findall(answer.headers):
            self.cookies[name.decode()] = value.decode()

    def text(self, answer: Answer) -> str:
        """The page, unpacked."""
        packed = answer.header(b"Content-Encoding") == b"gzip"
        return (gzip.decompress(answer.body) if packed else answer.body).decode()

    def hidden(self, answer: Answer, action: str) -> dict[str, str]:
        """The hidden fields of the last form that goes to this address."""
        form = self.text(answer).rpartition(f'action="{action}"')[2]
        found = HIDDEN.findall(form.partition("</form>")[0])
        return {name: html.unescape(value) for name, value in found}
