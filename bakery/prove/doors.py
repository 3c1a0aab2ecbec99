"""The doors of a fleet, clones' own and the balancer's, and a shopper going through."""

from __future__ import annotations

import html
import http.client
import re
import secrets
import ssl
import time
from dataclasses import dataclass, field
from http.cookies import CookieError, SimpleCookie
from pathlib import Path
from urllib.parse import SplitResult, urlsplit

from bakery.prove.forms import encoded
from shop.reserved import PROOF, new_proof


class NoAnswer(Exception):
    """Nobody answers behind a door; the message names it."""


@dataclass(frozen=True)
class Door:
    """Where to knock. `clone` is who must answer; "" at the balancer, where any may."""

    name: str
    url: SplitResult
    clone: str = ""

    @classmethod
    def of_clone(cls, name: str, url: str) -> Door:
        return cls(name, urlsplit(url), name)

    @classmethod
    def of_balancer(cls, url: str) -> Door:
        return cls("the balancer", urlsplit(url))

    def __str__(self) -> str:
        return self.name


@dataclass(frozen=True)
class Answer:
    """What came back, from whom, and how long it took."""

    door: Door
    status: int
    headers: http.client.HTTPMessage
    text: str
    milliseconds: int
    body: bytes = b""

    @property
    def served_by(self) -> str:
        return self.headers.get("X-Served-By", "")

    @property
    def release(self) -> str:
        return self.headers.get("X-Release", "")

    @property
    def location(self) -> str:
        return self.headers.get("Location", "")

    def hidden(self, action: str) -> dict[str, str]:
        """The hidden fields of the page's last form that goes to this address."""
        form = self.text.rpartition(f'action="{action}"')[2].partition("</form>")[0]
        found = re.findall(r'type="hidden" name="([^"]+)" value="([^"]*)"', form)
        return {name: html.unescape(value) for name, value in found}


@dataclass
class Shopper:
    """A browser without script that keeps cookies and brings a proof.

    `site` is the shop's public address: a clone is asked as the balancer asks it, so
    that cookies, links and the rules about origins hold.
    """

    site: SplitResult
    certificate: Path | None = None
    seconds: float = 20
    cookies: dict[str, str] = field(default_factory=dict)

    def get(self, door: Door, path: str) -> Answer:
        return self._send(door, "GET", path)

    def post(
        self, door: Door, path: str, fields: dict[str, object], operation: str = ""
    ) -> Answer:
        """With an operation id, a new one if none is given."""
        operation = operation or secrets.token_hex(8)
        return self._send(door, "POST", path, fields | {"operation": operation})

    def _send(
        self, door: Door, method: str, path: str, fields: dict | None = None
    ) -> Answer:
        """One request, one connection. Raises NoAnswer."""
        content_type, body = encoded(fields) if fields is not None else ("", None)
        began = time.monotonic()
        connection = self._connection(door)
        try:
            connection.request(method, path, body, self._headers(door, content_type))
            response = connection.getresponse()
            content = response.read()
        except (OSError, http.client.HTTPException) as error:
            raise NoAnswer(
                f"{door} does not answer at {door.url.geturl()}: {error or 'silence'}"
            ) from error
        finally:
            connection.close()
        self._keep_cookies(response.headers)
        milliseconds = round((time.monotonic() - began) * 1000)
        return Answer(
            door,
            response.status,
            response.headers,
            content.decode(errors="replace"),
            milliseconds,
            content,
        )

    def _connection(self, door: Door) -> http.client.HTTPConnection:
        host, port = door.url.hostname, door.url.port
        if door.url.scheme == "http":
            return http.client.HTTPConnection(host, port, timeout=self.seconds)
        context = ssl.create_default_context()
        if self.certificate:
            context.load_verify_locations(self.certificate)
            # The local fleet's certificate is trusted itself: who signed it is gone.
            context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
        return http.client.HTTPSConnection(
            host, port, timeout=self.seconds, context=context
        )

    def _headers(self, door: Door, content_type: str) -> dict[str, str]:
        origin = f"{self.site.scheme}://{self.site.netloc}"
        headers = {
            "Accept": "text/html",
            "Referer": f"{origin}/",
            "Sec-Fetch-Site": "same-origin",
            "Host": self.site.netloc,
            PROOF: new_proof(),
        }
        if door.clone:
            headers["X-Forwarded-Proto"] = self.site.scheme
        if content_type:
            headers |= {"Origin": origin, "Content-Type": content_type}
        if self.cookies:
            pairs = (f"{name}={value}" for name, value in self.cookies.items())
            headers["Cookie"] = "; ".join(pairs)
        return headers

    def _keep_cookies(self, headers: http.client.HTTPMessage) -> None:
        for line in headers.get_all("Set-Cookie", []):
            try:
                found = SimpleCookie(line)
            except CookieError:
                continue
            for name, morsel in found.items():
                if morsel["max-age"] == "0":
                    self.cookies.pop(name, None)
                else:
                    self.cookies[name] = morsel.value
