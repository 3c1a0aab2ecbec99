"""Brings a shop back from a backup, or refuses before anything is changed."""

from __future__ import annotations

import shutil
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.apps import apps
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import connection

from bakery.backups.engines import count_rows, engine_here
from bakery.backups.manifest import (
    DATABASE,
    MEDIA,
    NAME,
    BadBackup,
    Manifest,
    digest_of,
)
from bakery.migrating import migrate


class ShopIsNotEmpty(Exception):
    """There are rows that a restore would take away."""


@contextmanager
def open_backup(path: Path) -> Iterator[tuple[Manifest, tarfile.TarFile]]:
    """The verified backup: every file is there and has its digest, and no other."""
    try:
        with tarfile.open(path, "r:") as tar:
            yield _verified(tar), tar
    except FileNotFoundError as error:
        raise BadBackup(f"There is no file {path}.") from error
    except (tarfile.TarError, EOFError, IsADirectoryError) as error:
        raise BadBackup(f"{path} is not a backup of this shop: {error}") from error


def _verified(tar: tarfile.TarFile) -> Manifest:
    entries = {entry.name: entry for entry in tar.getmembers()}
    if NAME not in entries or not all(entry.isreg() for entry in entries.values()):
        raise BadBackup("The file is not a backup of this shop, or is cut off.")
    manifest = Manifest.from_json(_read(tar, NAME))
    if set(entries) != {NAME, *manifest.digests} or DATABASE not in entries:
        raise BadBackup("Files of the backup are missing, or were added to it.")
    for name, digest in manifest.digests.items():
        with tar.extractfile(name) as file:
            if digest_of(file) != digest:
                raise BadBackup(f"{name} in the backup is damaged.")
    return manifest


def _read(tar: tarfile.TarFile, name: str) -> bytes:
    with tar.extractfile(name) as file:
        return file.read()


def demand_same_engine(manifest: Manifest) -> None:
    """Raises BadBackup if the backup is of another kind of database than here."""
    here = engine_here().name
    if manifest.engine != here:
        raise BadBackup(
            f"The backup is of a {manifest.engine} database, this shop is set up with "
            f"{here}. Set DATABASE_URL to a {manifest.engine} database."
        )


def demand_empty_shop() -> None:
    """Raises ShopIsNotEmpty if a table of the shop or of the baskets has rows."""
    tables = set(connection.introspection.table_names())
    for app in ("shop", "basket"):
        for model in apps.get_app_config(app).get_models():
            if model._meta.db_table in tables and model._base_manager.exists():
                raise ShopIsNotEmpty(
                    f"This shop has rows already ({model._meta.verbose_name_plural}). "
                    "A restore replaces them all; --replace says that you want that."
                )


def restore(manifest: Manifest, tar: tarfile.TarFile) -> None:
    """Replace the shop's rows and pictures by the backup's and migrate to this release.

    The database changes all at once or not at all; stop the shop before, so that
    nobody orders in between. Repeatable: what an interrupted one left undone, the
    next one does.
    """
    with tempfile.TemporaryDirectory() as folder:
        database = Path(folder, DATABASE)
        with tar.extractfile(DATABASE) as source, database.open("wb") as target:
            shutil.copyfileobj(source, target)
        engine_here().load(database)
    _demand_same_counts(manifest)
    for name in manifest.digests:
        if name.startswith(MEDIA):
            _put_back(name.removeprefix(MEDIA), _read(tar, name))
    migrate(lambda _words: None)


def _demand_same_counts(manifest: Manifest) -> None:
    counts = count_rows()
    for table, rows in manifest.counts.items():
        if counts.get(table) != rows:
            raise BadBackup(
                f"{table} has {counts.get(table)} rows after the restore; "
                f"the backup says {rows}."
            )


def _put_back(name: str, data: bytes) -> None:
    if default_storage.exists(name):
        default_storage.delete(name)
    default_storage.save(name, ContentFile(data))
