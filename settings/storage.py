"""Turns STORAGE_URL into the storage of pictures."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured

from settings.files import folder


def storage(url: str, var_dir: Path) -> dict[str, Any]:
    """STORAGES["default"] for a URL.

    file:///media is a folder of this machine (in var_dir), file:////mnt/media?shared=1
    a mount that all servers have, and s3://KEY:SECRET@host:port/bucket any S3; with
    ?tls=no it is spoken to without encryption, with ?region=name in that region.
    """
    parts = urlsplit(url)
    if parts.scheme == "file":
        return _folder(url, var_dir)
    if parts.scheme == "s3":
        return _s3(url)
    raise ImproperlyConfigured(
        f"STORAGE_URL begins with {parts.scheme!r}; it can be file or s3."
    )


def is_shared(url: str) -> bool:
    """Does every server see the same files there?"""
    parts = urlsplit(url)
    return parts.scheme == "s3" or parse_qs(parts.query).get("shared") == ["1"]


def _folder(url: str, var_dir: Path) -> dict[str, Any]:
    path = folder(url.partition("?")[0], "file", var_dir)
    return {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"location": path},
    }


def _s3(url: str) -> dict[str, Any]:
    parts = urlsplit(url)
    bucket = parts.path.strip("/")
    if not (parts.hostname and parts.username and parts.password and bucket):
        raise ImproperlyConfigured(
            "STORAGE_URL of an S3 reads s3://KEY:SECRET@host:port/bucket."
        )
    query = parse_qs(parts.query)
    scheme = "http" if query.get("tls") == ["no"] else "https"
    port = f":{parts.port}" if parts.port else ""
    return {
        "BACKEND": "bakery.storages.S3Storage",
        "OPTIONS": {
            "bucket_name": bucket,
            "endpoint_url": f"{scheme}://{parts.hostname}{port}",
            "access_key": unquote(parts.username),
            "secret_key": unquote(parts.password),
            "region_name": query.get("region", ["us-east-1"])[0],
            "addressing_style": "path",
            "signature_version": "s3v4",
            "file_overwrite": False,
            # Names carry a hash of the content, so a copy never grows old.
            "object_parameters": {
                "CacheControl": "public, max-age=31536000, immutable"
            },
        },
    }
