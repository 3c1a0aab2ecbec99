"""The fleet's own shelf, in a real S3 and in a folder, as the command uses it."""

from __future__ import annotations

import io
import json
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.management import call_command
from django.core.management.base import CommandError

from bakery.backups.write import media_names
from bakery.release.publishing import note_of
from bakery.servers.ports import free_port
from tests.bakery.release.test_publishing import release
from tests.bakery.storage_stage import shop_with

pytestmark = pytest.mark.slow


@pytest.fixture(params=["s3", "folder"])
def url(request, tmp_path) -> Iterator[str]:
    if request.param == "folder":
        url = f"file:///{tmp_path}/media?shared=1"
    else:
        server = request.getfixturevalue("s3")
        bucket = f"b{free_port()}"
        server.make_bucket(bucket)
        url = server.url(bucket)
    with shop_with(url):
        yield url


@pytest.fixture
def made(tmp_path) -> Path:
    folder = tmp_path / "made"
    folder.mkdir()
    return folder


def shelf(*words: object) -> str:
    out = io.StringIO()
    call_command("shelf", *map(str, words), stdout=out)
    return out.getvalue().strip()


def refused(code: int, *words: object) -> str:
    with pytest.raises(CommandError) as error:
        shelf(*words)
    assert error.value.returncode == code
    return str(error.value)


def note(made: Path, digit: str) -> Path:
    path = made / f"{digit * 16}.note"
    path.write_bytes(note_of(release(made, digit)).to_json(signed=False))
    return path


def test_releases_come_there_go_back_and_are_fetched(url, made, tmp_path):
    host = tmp_path / "host"
    refused(1, "fetch", "--base", host)
    for digit in "aba":
        shelf("put", note(made, digit))
    shelf("latest", "b" * 16)
    known = json.loads(shelf("--json"))
    assert known["latest"] == "b" * 16
    assert [each["id"][0] for each in known["releases"]] == ["b", "a"]
    assert shelf("fetch", "--base", host) == "b" * 16
    assert host.joinpath("incoming", f"{'b' * 16}.tar.gz").read_bytes() == b"source b"
    assert shelf("fetch", "a" * 16, "--base", host) == "a" * 16
    assert host.joinpath("incoming", f"{'a' * 16}.tar.gz").read_bytes() == b"source a"


def test_missing_archives_are_named_with_an_exit_code_of_their_own(url, made):
    path = note(made, "a")
    made.joinpath(f"{'a' * 16}.tar.gz").unlink()
    assert f"{'a' * 16}.tar.gz" in refused(3, "put", path)
    assert json.loads(shelf("--json")) == {"latest": "", "releases": []}


def test_a_backup_leaves_them_out(url, made):
    default_storage.save("pictures/a.webp", ContentFile(b"a picture"))
    shelf("put", note(made, "a"))
    assert list(media_names()) == ["pictures/a.webp"]


def test_nobody_reads_them_without_the_key(s3, made):
    """The bucket is not public; only who has STORAGE_URL gets in."""
    s3.make_bucket("closed")
    with shop_with(s3.url("closed")):
        shelf("put", note(made, "a"))
        endpoint = settings.STORAGES["default"]["OPTIONS"]["endpoint_url"]
        address = f"{endpoint}/closed/releases/latest.json"
    with pytest.raises(urllib.error.HTTPError) as error:
        urllib.request.urlopen(address, timeout=5)
    error.value.close()
    assert error.value.code == 403


def test_a_storage_that_is_away_has_an_exit_code_of_its_own(made, tmp_path):
    with shop_with(f"s3://KEY:SECRET@127.0.0.1:{free_port()}/bakery?tls=no"):
        refused(4, "fetch", "--base", tmp_path)
        refused(4, "put", note(made, "a"))
