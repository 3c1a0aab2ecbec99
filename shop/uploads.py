"""How much of an upload a server takes in, whatever page it is sent to."""

from __future__ import annotations

from typing import Any

from django.core.files.uploadhandler import FileUploadHandler, StopUpload

from shop.picture_rules import MOST_BYTES

MOST_OF_A_REQUEST = 8 * MOST_BYTES


class BoundedUploads(FileUploadHandler):
    """The first of FILE_UPLOAD_HANDLERS: no file fills a server's disk.

    Of a file that is too large only so much is kept that its size still says so; the
    form refuses it with its own sentence. A request with far too much is not read on.
    """

    def __init__(self, *args: Any, **named: Any) -> None:
        super().__init__(*args, **named)
        self.received = 0

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes | None:
        self.received += len(raw_data)
        if self.received > MOST_OF_A_REQUEST:
            raise StopUpload(connection_reset=True)
        return raw_data if start <= MOST_BYTES else None

    def file_complete(self, file_size: int) -> None:
        """The handlers after this one make the file."""
