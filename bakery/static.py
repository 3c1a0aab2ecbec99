"""Static files of this release, and those of the last ones out of the vault.

Of a name that no release has lately had, nothing is kept by anybody: a proxy that
remembered today's "not found" would say it tomorrow, when a release has the file.
"""

from __future__ import annotations

import re
import threading
import time
from collections import OrderedDict
from http import HTTPStatus
from wsgiref.headers import Headers

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils.cache import get_conditional_response
from whitenoise.middleware import WhiteNoiseMiddleware

from bakery import vault
from bakery.vault import Forms, Release, VaultIsAway

HASHED = re.compile(r".+\.[0-9a-f]{12}(\.[^./]+)?")
LOOK_SECONDS = 1.0  # at the vault's lists, for names that are in none we know
MOST_BYTES = 8_000_000  # of contents in one process's memory
RETRY_SECONDS = 5
BEST_FIRST = ("br", "gzip")
PLAIN = "identity"
METHODS = ("GET", "HEAD")


class StaticFilesMiddleware(WhiteNoiseMiddleware):
    """Answers everything under STATIC_URL: no page is made for a file not found."""

    def __init__(self, get_response, **named) -> None:
        super().__init__(get_response, **named)
        self.lists = Lists()
        self.contents = Contents()

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if not request.path_info.startswith(self.static_prefix):
            return self.get_response(request)
        own = self._own(request)
        if own is not None:
            return own
        if request.method not in METHODS:
            return self.get_response(request)
        return self._others(request)

    def _own(self, request: HttpRequest) -> HttpResponseBase | None:
        """This release's file; None if there is none, or it was taken away."""
        find = self.find_file if self.autorefresh else self.files.get
        file = find(request.path_info)
        try:
            return None if file is None else self.serve(file, request)
        except FileNotFoundError:
            return None

    def _others(self, request: HttpRequest) -> HttpResponse:
        name = request.path_info.removeprefix(self.static_prefix)
        if not HASHED.fullmatch(name):
            return _not_found()
        try:
            digest = self.lists.find(name)
            forms = digest and self.contents.get(digest)
        except VaultIsAway:
            return _away()
        if not forms:
            return _not_found()
        encoding = _best(forms, request.headers.get("Accept-Encoding", ""))
        response = self._found(name, forms, encoding)
        response["ETag"] = f'"{digest[:32]}-{encoding}"'
        return get_conditional_response(
            request, etag=response["ETag"], response=response
        )

    def _found(self, name: str, forms: Forms, encoding: str) -> HttpResponse:
        kind = Headers()
        self.add_mime_headers(kind, name, name)
        response = HttpResponse(forms[encoding], content_type=kind["Content-Type"])
        response["Cache-Control"] = f"max-age={self.FOREVER}, public, immutable"
        response["Content-Length"] = str(len(forms[encoding]))
        if len(forms) > 1:
            response["Vary"] = "Accept-Encoding"
        if encoding != PLAIN:
            response["Content-Encoding"] = encoding
        return response


class Lists:
    """What the last releases serve, by name; for all threads of a process.

    A name in none of the lists costs one look a second, however many are asked for.
    """

    def __init__(self) -> None:
        self._releases: dict[str, Release] = {}
        self._looked_at = -LOOK_SECONDS
        self._lock = threading.Lock()

    def find(self, name: str) -> str | None:
        """The file's digest. Raises VaultIsAway if it is in no list that is known, and
        the newest cannot be read.
        """
        return self._known(name) or self._looked_up(name)

    def _known(self, name: str) -> str | None:
        for release in list(self._releases.values()):
            if name in release.files:
                return release.files[name]
        return None

    def _looked_up(self, name: str) -> str | None:
        # Who comes second waits, and then has what the first one saw.
        with self._lock:
            if time.monotonic() - self._looked_at >= LOOK_SECONDS:
                self._look()
                self._looked_at = time.monotonic()
        return self._known(name)

    def _look(self) -> None:
        names = vault.list_names()[: vault.MOST_LISTS]
        read = {
            name: self._releases.get(name) or vault.read_release(name) for name in names
        }
        self._releases = {name: release for name, release in read.items() if release}


class Contents:
    """Files by their digests, the least used go first. They are public."""

    def __init__(self) -> None:
        self._contents: OrderedDict[str, Forms] = OrderedDict()
        self._bytes = 0
        self._lock = threading.Lock()

    def get(self, digest: str) -> Forms | None:
        """Out of memory or the vault; None if it is gone. Raises VaultIsAway."""
        with self._lock:
            if digest in self._contents:
                self._contents.move_to_end(digest)
                return self._contents[digest]
        forms = vault.read_forms(digest)
        if forms:
            self._remember(digest, forms)
        return forms

    def _remember(self, digest: str, forms: Forms) -> None:
        with self._lock:
            if digest in self._contents or _size(forms) > MOST_BYTES:
                return
            self._contents[digest] = forms
            self._bytes += _size(forms)
            while self._bytes > MOST_BYTES:
                _, oldest = self._contents.popitem(last=False)
                self._bytes -= _size(oldest)


def _size(forms: Forms) -> int:
    return sum(len(content) for content in forms.values())


def _best(forms: Forms, accepted: str) -> str:
    """The encoding to send: the smallest that the browser takes."""
    taken = [each for each in BEST_FIRST if each in forms and _takes(accepted, each)]
    return taken[0] if taken else PLAIN


def _takes(accepted: str, encoding: str) -> bool:
    """ "br" is taken by "gzip, br;q=0.5" and refused by "br;q=0"."""
    refused = r"\s*;\s*q=0(\.0*)?(\s|,|$)"
    return bool(re.search(rf"\b{encoding}\b(?!{refused})", accepted))


def _not_found() -> HttpResponse:
    return _plain("There is no such file.\n", HTTPStatus.NOT_FOUND)


def _away() -> HttpResponse:
    words = "The files of other releases cannot be reached just now.\n"
    response = _plain(words, HTTPStatus.SERVICE_UNAVAILABLE)
    response["Retry-After"] = str(RETRY_SECONDS)
    return response


def _plain(words: str, status: HTTPStatus) -> HttpResponse:
    response = HttpResponse(words, content_type="text/plain", status=status)
    response["Cache-Control"] = "no-store"
    return response
