"""A visitor with a browser without script, who can choose which clone answers."""

from __future__ import annotations

import html
import http.client
import re
import secrets
import ssl
from dataclasses import dataclass, field
from http.cookies import SimpleCookie
from urllib.parse import urlencode

NOBODY_SIGNED_IT = ssl.create_default_context()
NOBODY_SIGNED_IT.check_hostname = False
NOBODY_SIGNED_IT.verify_mode = ssl.CERT_NONE


@dataclass(frozen=True)
class Answer:
    status: int
    headers: http.client.HTTPMessage
    text: str  # of a picture too: nothing of its bytes is lost

    @property
    def served_by(self) -> str:
        return self.headers["X-Served-By"]

    def hidden(self, action: str) -> dict[str, str]:
        """The hidden fields of the last form that goes to this address."""
        form = self.text.rpartition(f'action="{action}"')[2].partition("</form>")[0]
        found = re.findall(r'type="hidden" name="([^"]+)" value="([^"]*)"', form)
        return {name: html.unescape(value) for name, value in found}


@dataclass
class Visitor:
    """Keeps cookies; a connection of its own for each request, as on a bad line."""

    port: int
    cookies: dict[str, str] = field(default_factory=dict)
    seconds: float = 30

    def get(self, path: str, at: str = "", **headers: str) -> Answer:
        return self._send("GET", path, None, at, headers)

    def post(
        self, path: str, fields: dict[str, object], at: str = "", **headers: str
    ) -> Answer:
        headers = {"Content-Type": "application/x-www-form-urlencoded"} | headers
        return self._send("POST", path, urlencode(fields), at, headers)

    def send_file(
        self, path: str, fields: dict[str, str], content: bytes, at: str = ""
    ) -> Answer:
        """As a form with a file field named file does."""
        edge = secrets.token_hex(16)
        named = [f'"{name}"\r\n\r\n{value}'.encode() for name, value in fields.items()]
        file = b'"file"; filename="me.jpg"\r\nContent-Type: image/jpeg\r\n\r\n'
        start = f"--{edge}\r\nContent-Disposition: form-data; name=".encode()
        parts = [start + part + b"\r\n" for part in (*named, file + content)]
        body = b"".join(parts) + f"--{edge}--\r\n".encode()
        headers = {"Content-Type": f"multipart/form-data; boundary={edge}"}
        return self._send("POST", path, body, at, headers)

    def _send(
        self, method: str, path: str, body: str | bytes | None, at: str, headers: dict
    ) -> Answer:
        connection = self._connection()
        try:
            connection.request(method, path, body, self._headers(at) | headers)
            response = connection.getresponse()
            text = response.read().decode(errors="surrogateescape")
        finally:
            self._leave(connection)
        self._keep_cookies(response.headers)
        return Answer(response.status, response.headers, text)

    def _connection(self) -> http.client.HTTPConnection:
        return http.client.HTTPSConnection(
            "127.0.0.1", self.port, timeout=self.seconds, context=NOBODY_SIGNED_IT
        )

    def _leave(self, connection: http.client.HTTPConnection) -> None:
        connection.close()

    def _headers(self, at: str) -> dict[str, str]:
        headers = {
            "Accept": "text/html",
            "Sec-Fetch-Site": "same-origin",
            "Origin": f"https://127.0.0.1:{self.port}",
            "Referer": f"https://127.0.0.1:{self.port}/",
        }
        if self.cookies:
            pairs = (f"{name}={value}" for name, value in self.cookies.items())
            headers["Cookie"] = "; ".join(pairs)
        return headers | ({"X-Want-Clone": at} if at else {})

    def _keep_cookies(self, headers: http.client.HTTPMessage) -> None:
        for line in headers.get_all("Set-Cookie", []):
            for name, morsel in SimpleCookie(line).items():
                if morsel["max-age"] == "0":
                    self.cookies.pop(name, None)
                else:
                    self.cookies[name] = morsel.value
