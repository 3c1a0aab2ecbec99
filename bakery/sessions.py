"""Sessions whose truth is a database row and whose speed is a copy in the cache.

Django's own cache-backed engines log people out, hang or bring back old values when
Redis fails. Here the copy may be lost, late or old without anybody noticing:

- The session's version travels in the cookie beside its key. A copy of another
  version is not used, so a cache that comes back with old data is never believed.
- Sessions somebody is logged in with have no copy: who is logged in, and what staff
  see, is always read from the row, and a log-out counts at once on every server.
- A save merges this request's changes into the locked row, so that two requests that
  change different keys both keep what they did.
"""

from __future__ import annotations

from copy import deepcopy
from typing import Any

from asgiref.sync import sync_to_async
from django.conf import settings
from django.contrib.auth import SESSION_KEY as LOGGED_IN
from django.contrib.sessions.backends import db
from django.contrib.sessions.backends.base import CreateError, UpdateError
from django.contrib.sessions.middleware import SessionMiddleware
from django.core.cache import caches
from django.db import IntegrityError, router, transaction
from django.http import HttpRequest, HttpResponse

COPY_SECONDS = 60
VERSION = "_version"

Data = dict[str, Any]


class SessionStore(db.SessionStore):
    """Django's session interface; takes the cookie's value in place of a bare key."""

    def __init__(self, session_key: str | None = None) -> None:
        key, _, version = (session_key or "").partition(".")
        # Ours are made of these; what cannot be one is not looked for.
        super().__init__(key if key.isascii() and key.isalnum() else None)
        self.version = 0
        self._version_in_cookie = int(version) if version.isdecimal() else 0
        self._as_loaded: Data = {}
        self._cleared = False

    @property
    def cookie_value(self) -> str:
        """The key and the version of this very state of the session."""
        return f"{self.session_key}.{self.version}"

    # --- reading ---------------------------------------------------------------

    def load(self) -> Data:
        """The copy if it is of the cookie's version, else the row. Never an error."""
        found = self._copy() or self._row()
        if found is None:
            return {}
        self.version, data = found
        self._as_loaded = deepcopy(data)
        return data

    def _copy(self) -> tuple[int, Data] | None:
        if not self._version_in_cookie:
            return None
        kept = _cache().get(self._cache_key)
        if not kept or kept["version"] != self._version_in_cookie:
            return None
        return kept["version"], kept["data"]

    def _row(self) -> tuple[int, Data] | None:
        row = self._get_session_from_db()
        if row is None:
            return None
        version, data = self._opened(row.session_data)
        self._keep_copy(version, data)
        return version, data

    def _opened(self, session_data: str) -> tuple[int, Data]:
        data = self.decode(session_data)
        return data.pop(VERSION, 0), data

    # --- writing ---------------------------------------------------------------

    def clear(self) -> None:
        """Empty it without reading it; the next save removes every value of the row."""
        super().clear()
        self._cleared = True

    def save(self, must_create: bool = False) -> None:
        """Write this request's changes into the row, in one transaction.

        Raises CreateError for a key that is taken (must_create), and UpdateError when
        the session was deleted meanwhile: a log-out is not undone by a late request.
        """
        if self.session_key is None:
            return self.create()
        data = self._get_session(no_load=must_create)
        if must_create:
            self._insert(data)
        else:
            self._merge_into_row(data)
        self._keep_copy(self.version, self._session_cache)
        return None

    def _insert(self, data: Data) -> None:
        self.version = 1
        row = self._row_of(data)
        using = router.db_for_write(self.model, instance=row)
        try:
            with transaction.atomic(using=using):
                row.save(force_insert=True, using=using)
        except IntegrityError as error:
            raise CreateError from error
        self._as_loaded = deepcopy(data)

    def _merge_into_row(self, data: Data) -> None:
        using = router.db_for_write(self.model)
        rows = self.model.objects.using(using).select_for_update()
        with transaction.atomic(using=using):
            row = rows.filter(session_key=self.session_key).first()
            if row is None:
                raise UpdateError
            version, current = self._opened(row.session_data)
            self.version = version + 1
            self._session_cache = self._merged(current, data)
            self._row_of(self._session_cache).save(force_update=True, using=using)
        self._as_loaded = deepcopy(self._session_cache)
        self._cleared = False

    def _merged(self, current: Data, data: Data) -> Data:
        """The row's values with only this request's changes on top."""
        if self._cleared:
            return data
        before = self._as_loaded
        removed = before.keys() - data.keys()
        changed = {
            key: value
            for key, value in data.items()
            if key not in before or before[key] != value
        }
        kept = {key: value for key, value in current.items() if key not in removed}
        return kept | changed

    def _row_of(self, data: Data) -> Any:
        return self.create_model_instance(data | {VERSION: self.version})

    def delete(self, session_key: str | None = None) -> None:
        """Remove the row. The copy goes too if the cache answers; it matters not."""
        super().delete(session_key)
        key = session_key or self.session_key
        if key:
            _cache().delete(_cache_key(key))

    # --- the copy --------------------------------------------------------------

    @property
    def _cache_key(self) -> str:
        return _cache_key(self.session_key)

    def _keep_copy(self, version: int, data: Data) -> None:
        if LOGGED_IN in data:
            return
        copy = {"version": version, "data": data}
        _cache().set(self._cache_key, copy, COPY_SECONDS)

    # --- the same for async callers --------------------------------------------

    async def aload(self) -> Data:
        return await sync_to_async(self.load)()

    async def acreate(self) -> None:
        await sync_to_async(self.create)()

    async def asave(self, must_create: bool = False) -> None:
        await sync_to_async(self.save)(must_create)

    async def adelete(self, session_key: str | None = None) -> None:
        await sync_to_async(self.delete)(session_key)


class VersionedSessionMiddleware(SessionMiddleware):
    """Django's own, except that the cookie carries the session's version too."""

    def process_response(
        self, request: HttpRequest, response: HttpResponse
    ) -> HttpResponse:
        if _is_left_alone(request):
            return response
        response = super().process_response(request, response)
        cookie = response.cookies.get(settings.SESSION_COOKIE_NAME)
        if cookie is not None and cookie.value:
            response.cookies[settings.SESSION_COOKIE_NAME] = (
                request.session.cookie_value
            )
        return response


def _is_left_alone(request: HttpRequest) -> bool:
    """No session came with the request, and nobody looked for one."""
    session = request.session
    return (
        not session.accessed
        and not session.modified
        and settings.SESSION_COOKIE_NAME not in request.COOKIES
    )


def _cache() -> Any:
    return caches[settings.SESSION_CACHE_ALIAS]


def _cache_key(session_key: str | None) -> str:
    return f"session:{session_key}"
