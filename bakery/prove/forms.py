"""What a browser makes of a form: its fields alone, or with a file among them."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode


@dataclass(frozen=True)
class File:
    """A file as chosen in a form."""

    name: str
    content_type: str
    content: bytes


def encoded(fields: Mapping[str, object]) -> tuple[str, bytes]:
    """Content type and body. With a File among the fields it is multipart."""
    if any(isinstance(value, File) for value in fields.values()):
        return _multipart(fields)
    return "application/x-www-form-urlencoded", urlencode(fields).encode()


def _multipart(fields: Mapping[str, object]) -> tuple[str, bytes]:
    line = f"proof-{secrets.token_hex(16)}"
    parts = [
        f"--{line}\r\n{_head(name, value)}\r\n\r\n".encode() + _content(value) + b"\r\n"
        for name, value in fields.items()
    ]
    body = b"".join([*parts, f"--{line}--\r\n".encode()])
    return f"multipart/form-data; boundary={line}", body


def _head(name: str, value: object) -> str:
    head = f'Content-Disposition: form-data; name="{name}"'
    if isinstance(value, File):
        head += f'; filename="{value.name}"\r\nContent-Type: {value.content_type}'
    return head


def _content(value: object) -> bytes:
    return value.content if isinstance(value, File) else str(value).encode()
