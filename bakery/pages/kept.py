"""The pages themselves: in this process's memory, and in the cache for all servers.

A page in here was made for nobody in particular (middleware.py), so it may be shown to
anybody. Losing all of them costs the time to make them again.
"""

from __future__ import annotations

import base64
import gzip
import hashlib
import json
import threading
from collections import OrderedDict
from dataclasses import dataclass
from typing import Any

from django.core.cache import caches
from django.core.signing import BadSignature, Signer
from django.http import HttpResponse

MOST_PAGES = 1_000  # in one process; a page is about 8 kB
LARGEST = 262_144  # bytes of a compressed page
# For when the database is away: until then a page of an hour ago is better than none.
SHARED_SECONDS = 3_600
REFILL_SECONDS = 2  # for how long others rely on one server to make a page anew


@dataclass(frozen=True)
class Page:
    """A response for everybody, compressed, and the state of the shop that it shows."""

    body: bytes  # gzip
    headers: dict[str, str]
    etag: str
    stamp: int
    minute: int  # since 1970; in another one a cut-off may have passed

    def response(self, *, gzipped: bool) -> HttpResponse:
        """A new response; whoever adds to it leaves the page as it is."""
        body = self.body if gzipped else gzip.decompress(self.body)
        response = HttpResponse(body, headers=self.headers)
        response["ETag"] = self.etag
        response["Vary"] = "Accept-Encoding"
        response["Content-Length"] = str(len(body))
        if gzipped:
            response["Content-Encoding"] = "gzip"
        return response


def page_of(response: HttpResponse, stamp: int, minute: int) -> Page:
    """Make a page of a response that may be kept and is not compressed."""
    own = {"content-length", "etag", "vary"}
    headers = {k: v for k, v in response.items() if k.lower() not in own}
    # Weak, since one page has two forms: as it is, and compressed.
    etag = f'W/"{hashlib.sha256(response.content).hexdigest()[:24]}"'
    body = gzip.compress(response.content, compresslevel=6, mtime=0)
    return Page(body, headers, etag, stamp, minute)


class Kept:
    """The pages by their addresses, the least used go first."""

    def __init__(self) -> None:
        self._pages: OrderedDict[str, Page] = OrderedDict()
        self._lock = threading.Lock()

    def near(self, key: str) -> Page | None:
        """From this process's memory."""
        with self._lock:
            page = self._pages.get(key)
            if page:
                self._pages.move_to_end(key)
            return page

    def far(self, key: str) -> Page | None:
        """From the cache of all servers; None if it is away."""
        return _unpacked(key, caches["default"].get(_name(key)))

    def keep(self, key: str, page: Page) -> None:
        """For this process and, when the cache answers, for all of them."""
        if len(page.body) <= LARGEST:
            self.remember(key, page)
            caches["default"].set(_name(key), _packed(key, page), SHARED_SECONDS)

    def may_refill(self, key: str) -> bool:
        """True for one of all servers; for each of them while the cache is away."""
        name = f"{_name(key)}:refill"
        return caches["default"].add(name, 1, REFILL_SECONDS) is not False

    def refilled(self, key: str) -> None:
        caches["default"].delete(f"{_name(key)}:refill")

    def forget(self) -> None:
        """Empty this process's memory."""
        with self._lock:
            self._pages.clear()

    def remember(self, key: str, page: Page) -> None:
        """For this process."""
        with self._lock:
            self._pages[key] = page
            self._pages.move_to_end(key)
            if len(self._pages) > MOST_PAGES:
                self._pages.popitem(last=False)


def _name(key: str) -> str:
    return f"page:{hashlib.sha256(key.encode()).hexdigest()[:40]}"


def _packed(key: str, page: Page) -> str:
    """Signed for its address: whoever can write to the cache can neither write our
    pages nor put one of them in the place of another."""
    body = base64.b85encode(page.body).decode()
    return _signer(key).sign(json.dumps(page.__dict__ | {"body": body}))


def _unpacked(key: str, packed: Any) -> Page | None:
    """None for what is not of ours."""
    try:
        facts = json.loads(_signer(key).unsign(packed))
        return Page(**facts | {"body": base64.b85decode(facts["body"])})
    except (BadSignature, TypeError, KeyError, ValueError):
        return None


def _signer(key: str) -> Signer:
    return Signer(salt=f"bakery.pages {key}")
