"""S3 asked with little patience, failing in the words that a folder fails in.

Whoever uses Django's default storage then needs to know two errors only, wherever the
files are: FileNotFoundError, and OSError for a storage that is away.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import wraps
from typing import Any

from boto3.exceptions import Boto3Error
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from storages.backends.s3 import S3File
from storages.backends.s3 import S3Storage as PatientS3Storage

from bakery.breaker import Breaker

CONNECT_SECONDS = 1
READ_SECONDS = 5
ATTEMPTS = 2


def _in_words_of_a_folder(ask: Callable[..., Any]) -> Callable[..., Any]:
    """OSError for whatever the library raises, and at once while S3 is away."""

    @wraps(ask)
    def asked(self: S3Storage, *args: Any, **named: Any) -> Any:
        if not self.breaker.allows():
            raise OSError("S3 did not answer a moment ago.")
        try:
            answer = ask(self, *args, **named)
        except (BotoCoreError, ClientError, Boto3Error) as error:
            if _is_away(error):
                self.breaker.failed()
            else:
                self.breaker.worked()
            raise OSError(f"S3: {error}") from error
        except FileNotFoundError:
            self.breaker.worked()
            raise
        self.breaker.worked()
        return answer

    return asked


class S3Storage(PatientS3Storage):
    """The library's storage; open() has fetched the whole content when it returns.

    A process whose S3 is away asks it once a second, not once for each picture.
    """

    def __init__(self, **named: Any) -> None:
        named.setdefault("client_config", _impatient(named))
        super().__init__(**named)
        self.breaker = Breaker()

    @_in_words_of_a_folder
    def _open(self, name: str, mode: str = "rb") -> S3File:
        file = super()._open(name, mode)
        if "r" in mode:
            file.open()
        return file

    @_in_words_of_a_folder
    def _save(self, name: str, content: Any) -> str:
        return super()._save(name, content)

    @_in_words_of_a_folder
    def replace(self, name: str, content: Any) -> None:
        """Under this very name, whatever is there. Who reads finds either, whole."""
        super()._save(name, content)

    @_in_words_of_a_folder
    def delete(self, name: str) -> None:
        super().delete(name)

    @_in_words_of_a_folder
    def exists(self, name: str) -> bool:
        return super().exists(name)

    @_in_words_of_a_folder
    def listdir(self, name: str) -> tuple[list[str], list[str]]:
        return super().listdir(name)

    @_in_words_of_a_folder
    def size(self, name: str) -> int:
        return super().size(name)

    @_in_words_of_a_folder
    def get_modified_time(self, name: str) -> datetime:
        """Raises FileNotFoundError, as a folder does."""
        try:
            return super().get_modified_time(name)
        except ClientError as error:
            if not _is_missing(error):
                raise
            raise FileNotFoundError(name) from error


def _impatient(named: dict[str, Any]) -> Config:
    return Config(
        s3={"addressing_style": named.get("addressing_style", "auto")},
        signature_version=named.get("signature_version", "s3v4"),
        connect_timeout=CONNECT_SECONDS,
        read_timeout=READ_SECONDS,
        retries={"total_max_attempts": ATTEMPTS, "mode": "standard"},
        max_pool_connections=20,
    )


def _is_missing(error: ClientError) -> bool:
    return error.response.get("ResponseMetadata", {}).get("HTTPStatusCode") == 404


def _is_away(error: Exception) -> bool:
    """Not for an answer, such as that there is no right to do it."""
    if not isinstance(error, ClientError):
        return True
    return error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 500) >= 500
