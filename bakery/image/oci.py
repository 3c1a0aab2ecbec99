"""The image as an OCI archive: what podman, docker, buildah and registries take.

Written by hand, for it is a tar of four small files and one layer, and so it needs no
program that runs containers.
"""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import os
import subprocess
import tarfile
import tempfile
from pathlib import Path
from typing import Any, BinaryIO

from bakery.image.rootfs import ImageError
from bakery.image.superclone import Image

MEDIA = "application/vnd.oci.image"
PORTS = (22, 8000)
PIECE = 1 << 20
NO_TIME = "1970-01-01T00:00:00Z"  # the same image is the same archive


def write_oci(image: Image, path: Path, tag: str = "bakery-clone") -> str:
    """Write the archive; the digest of its manifest. Raises ImageError.

    Its first process is the same as everywhere, so a container of it has an ssh
    server and a supervisor like any host: give it privileges over its own namespaces.
    """
    with tempfile.TemporaryDirectory(dir=path.parent) as folder:
        layer = Path(folder, "layer")
        unpacked, packed = _write_layer(image.folder, layer)
        config = _blob(_config(image, unpacked))
        manifest = _blob(_manifest(config, layer, packed))
        index = _blob(_index(manifest, tag))
        draft = Path(folder, "archive")
        with tarfile.open(draft, "w") as tar:
            _add(tar, "oci-layout", _blob({"imageLayoutVersion": "1.0.0"}))
            _add(tar, "index.json", index)
            for content in (config, manifest):
                _add(tar, f"blobs/sha256/{_digest(content)}", content)
            tar.add(layer, f"blobs/sha256/{packed}", filter=_nobodys)
        draft.replace(path)
    return f"sha256:{_digest(manifest)}"


class _Counted:
    """A file that knows the digest of what has gone through it."""

    def __init__(self, file: BinaryIO) -> None:
        self.file = file
        self.digest = hashlib.sha256()

    def write(self, piece: bytes) -> int:
        self.digest.update(piece)
        return self.file.write(piece)

    def flush(self) -> None:
        self.file.flush()


def _write_layer(folder: Path, path: Path) -> tuple[str, str]:
    """The digests of the layer: as a tar, and packed."""
    words = ["tar", "--create", "--sort=name", "--numeric-owner", "--one-file-system",
             "--xattrs", "--xattrs-include=security.capability",
             "-C", str(folder), "."]  # fmt: skip
    plain = hashlib.sha256()
    with path.open("wb") as raw:
        out = _Counted(raw)
        with (
            subprocess.Popen(words, stdout=subprocess.PIPE) as tar,
            gzip.GzipFile("", "wb", 1, out, mtime=0) as packed,
        ):
            while piece := tar.stdout.read(PIECE):
                plain.update(piece)
                packed.write(piece)
    if tar.returncode:
        raise ImageError(f"tar ended with {tar.returncode}.")
    return plain.hexdigest(), out.digest.hexdigest()


def _config(image: Image, layer: str) -> dict[str, Any]:
    return {
        "architecture": "amd64",
        "os": "linux",
        "config": {
            "Entrypoint": ["/sbin/bakery-init"],
            "ExposedPorts": {f"{port}/tcp": {} for port in PORTS},
            "StopSignal": "SIGHUP",
            "Labels": {
                "org.opencontainers.image.title": "bakery clone",
                "org.opencontainers.image.version": image.release,
                "org.opencontainers.image.revision": image.id,
            },
        },
        "rootfs": {"type": "layers", "diff_ids": [f"sha256:{layer}"]},
        "created": NO_TIME,
        "history": [{"created": NO_TIME, "created_by": "manage.py image"}],
    }


def _manifest(config: bytes, layer: Path, packed: str) -> dict[str, Any]:
    return {
        "schemaVersion": 2,
        "mediaType": f"{MEDIA}.manifest.v1+json",
        "config": _descriptor(f"{MEDIA}.config.v1+json", _digest(config), len(config)),
        "layers": [
            _descriptor(f"{MEDIA}.layer.v1.tar+gzip", packed, layer.stat().st_size)
        ],
    }


def _index(manifest: bytes, tag: str) -> dict[str, Any]:
    described = _descriptor(
        f"{MEDIA}.manifest.v1+json", _digest(manifest), len(manifest)
    )
    named = {"annotations": {"org.opencontainers.image.ref.name": tag}}
    return {"schemaVersion": 2, "manifests": [described | named]}


def _descriptor(media: str, digest: str, size: int) -> dict[str, Any]:
    return {"mediaType": media, "digest": f"sha256:{digest}", "size": size}


def _blob(facts: dict[str, Any]) -> bytes:
    return json.dumps(facts, sort_keys=True).encode()


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _add(tar: tarfile.TarFile, name: str, content: bytes) -> None:
    facts = tarfile.TarInfo(name)
    facts.size = len(content)
    tar.addfile(facts, io.BytesIO(content))


def _nobodys(facts: tarfile.TarInfo) -> tarfile.TarInfo:
    facts.uid = facts.gid = facts.mtime = 0
    facts.uname = facts.gname = ""
    facts.mode = 0o644
    return facts


def write_tar(image: Image, path: Path) -> None:
    """The image as a plain tar, for what takes a root file system."""
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    words = ["tar", "--create", "--sort=name", "--numeric-owner", "--one-file-system",
             "--file", str(draft), "-C", str(image.folder), "."]  # fmt: skip
    if subprocess.run(words, check=False).returncode:
        raise ImageError("tar failed.")
    draft.replace(path)
