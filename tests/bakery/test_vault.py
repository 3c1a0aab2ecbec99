"""The vault of static files: what is kept, how long, and what an accident leaves."""

from __future__ import annotations

import datetime as dt
import threading
from pathlib import Path

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.test import override_settings

from bakery import vault
from bakery.assets import TIDYING
from bakery.migrating import alone
from bakery.vault import VaultIsAway

NOON = dt.datetime(2026, 11, 24, 12, tzinfo=dt.UTC)
DAY = dt.timedelta(days=1)


@pytest.fixture
def storage(tmp_path: Path):
    folder = {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"location": tmp_path / "shared"},
    }
    with override_settings(STORAGES={"default": folder}):
        yield tmp_path / "shared"


def gather(folder: Path, **contents: str) -> list[str]:
    """Files as `collectstatic` leaves them; their names."""
    for stem, content in contents.items():
        path = folder / f"{stem}.0123456789ab.css"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)
        path.with_name(path.name + ".br").write_text(f"br of {content}")
    return [f"{stem}.0123456789ab.css" for stem in contents]


def keep(tmp_path: Path, name: str, made_at: dt.datetime = NOON, **contents) -> int:
    root = tmp_path / name
    return vault.keep(name, made_at, root, gather(root, **contents))


def listed() -> list[str]:
    return [release.name for release in vault.releases()]


def present(storage: Path) -> set[str]:
    return {path.name for path in (storage / "assets").iterdir() if path.is_file()}


def forms_of(content: str) -> dict[str, bytes]:
    return {"identity": content.encode(), "br": f"br of {content}".encode()}


def digest_of(content: str) -> str:
    """Of the bundle of a file with this content."""
    return vault.digest_of(vault.bundle_of(forms_of(content)))


def test_what_was_put_in_is_read_back_in_all_its_forms(storage, tmp_path):
    assert keep(tmp_path, "1.0", style="body {}") == 1
    release = vault.read_release(vault.list_names()[0])
    assert (release.name, release.made_at) == ("1.0", NOON)
    (digest,) = release.files.values()
    assert vault.read_forms(digest) == forms_of("body {}")


def test_putting_it_in_again_changes_nothing(storage, tmp_path):
    keep(tmp_path, "1.0", style="body {}")
    before = {path: path.stat().st_mtime_ns for path in storage.rglob("*")}
    assert keep(tmp_path, "1.0", NOON + DAY, style="body {}") == 0
    assert {path: path.stat().st_mtime_ns for path in storage.rglob("*")} == before


def test_only_what_has_changed_is_put_in(storage, tmp_path):
    keep(tmp_path, "1.0", style="body {}", script="1")
    assert keep(tmp_path, "1.1", NOON + DAY, style="p {}", script="1") == 1
    assert listed() == ["1.1", "1.0"]
    assert len(present(storage)) == 3


def test_an_interrupted_upload_is_done_again(storage, tmp_path):
    """What was begun has the right name and half the content, and is in no list."""
    half = digest_of("body {}")
    default_storage.save(f"assets/{half}", ContentFile(b"body"))
    assert vault.read_forms(half) is None
    assert keep(tmp_path, "1.0", style="body {}") == 1
    assert vault.read_forms(half) == forms_of("body {}")


def test_a_content_that_was_lost_is_put_in_again(storage, tmp_path):
    keep(tmp_path, "1.0", style="body {}")
    (storage / "assets" / digest_of("body {}")).unlink()
    assert keep(tmp_path, "1.0", style="body {}") == 1
    assert vault.read_forms(digest_of("body {}")) == forms_of("body {}")


def test_a_list_that_was_cut_off_is_passed_over_and_removed(storage, tmp_path):
    keep(tmp_path, "1.0", style="body {}")
    default_storage.save("assets/releases/9-x.json", ContentFile(b'{"name": "2.0"'))
    assert listed() == ["1.0"]
    vault.prune(NOON)
    assert vault.list_names() == [vault.releases()[0].stored_as]


def test_damaged_content_is_never_handed_out(storage, tmp_path, caplog):
    keep(tmp_path, "1.0", style="body {}")
    digest = digest_of("body {}")
    worse = vault.bundle_of(forms_of("body {display: none}"))
    (storage / "assets" / digest).write_bytes(worse)
    assert vault.read_forms(digest) is None
    assert "damaged" in caplog.text


# --- pruning -----------------------------------------------------------------------


def releases_each(step: dt.timedelta, tmp_path: Path, number: int) -> dt.datetime:
    """So many releases, one after each step; when the last one was made."""
    for nth in range(number):
        keep(tmp_path, f"1.{nth}", NOON + nth * step, style=f"p {{top: {nth}}}")
    return NOON + (number - 1) * step


def test_five_releases_stay_however_old(storage, tmp_path):
    now = releases_each(30 * DAY, tmp_path, 7) + 30 * DAY
    assert vault.prune(now) == 2
    assert listed() == ["1.6", "1.5", "1.4", "1.3", "1.2"]
    assert len(present(storage)) == 5


def test_more_stay_for_seven_days(storage, tmp_path):
    now = releases_each(DAY, tmp_path, 12)
    vault.prune(now)
    # 1.3 was replaced seven days ago, 1.4 six days ago.
    assert listed()[-1] == "1.4"
    assert len(listed()) == 8


def test_the_days_count_from_when_it_was_replaced(storage, tmp_path):
    """A release of last year, replaced an hour ago by six hasty ones, stays."""
    keep(tmp_path, "1.0", NOON - 365 * DAY, style="old")
    for nth in range(6):
        made_at = NOON + nth * dt.timedelta(minutes=5)
        keep(tmp_path, f"2.{nth}", made_at, style=f"hasty {nth}")
    vault.prune(NOON + dt.timedelta(hours=1))
    assert listed()[-1] == "1.0"
    vault.prune(NOON + 8 * DAY)
    assert listed() == ["2.5", "2.4", "2.3", "2.2", "2.1"]


def test_a_release_that_came_back_is_the_newest(storage, tmp_path):
    now = releases_each(30 * DAY, tmp_path, 5)
    assert keep(tmp_path, "1.0", now + DAY, style="p {top: 0}") == 0
    keep(tmp_path, "1.5", now + 40 * DAY, style="p {top: 5}")
    assert vault.prune(now + 80 * DAY) == 1
    assert listed() == ["1.5", "1.0", "1.4", "1.3", "1.2"]


def test_what_two_releases_share_stays_with_the_last_of_them(storage, tmp_path):
    for nth in range(7):
        made_at = NOON + nth * 30 * DAY
        keep(tmp_path, f"1.{nth}", made_at, style=f"{nth}", font="same")
    vault.prune(NOON + 365 * DAY)
    assert vault.read_forms(digest_of("same")) == forms_of("same")
    assert vault.read_forms(digest_of("0")) is None


def test_an_empty_vault_is_one_that_is_away(storage):
    with pytest.raises(VaultIsAway):
        vault.list_names()
    assert vault.prune(NOON) == 0


# --- many servers at once ----------------------------------------------------------


def keep_at_once(tmp_path: Path, *, locked: bool, servers: int = 6) -> list[Exception]:
    """All of them put the same release in and prune; what went wrong."""
    wrong: list[Exception] = []
    start = threading.Barrier(servers)
    contents = {f"style{nth}": f"p {{top: {nth}}}" for nth in range(20)}
    names = gather(tmp_path / "1.0", **contents)

    def serve() -> None:
        start.wait()
        try:
            if locked:
                with alone(60, lambda _words: None, TIDYING):
                    prepare()
            else:
                prepare()
        except Exception as error:
            wrong.append(error)

    def prepare() -> None:
        vault.keep("1.0", NOON, tmp_path / "1.0", names)
        vault.prune(NOON)

    threads = [threading.Thread(target=serve) for _ in range(servers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return wrong


@pytest.mark.django_db(transaction=True)
def test_servers_that_prepare_at_once_leave_one_whole_release(storage, tmp_path):
    assert keep_at_once(tmp_path, locked=True) == []
    assert listed() == ["1.0"]
    (release,) = vault.releases()
    assert len(release.digests) == 20
    assert all(vault.read_forms(digest) for digest in release.digests)


@pytest.mark.django_db(transaction=True)
def test_control_without_the_lock_they_get_in_each_other_s_way(storage, tmp_path):
    for attempt in range(20):
        if keep_at_once(tmp_path / str(attempt), locked=False):
            return
        for path in storage.rglob("*"):
            if path.is_file():
                path.unlink()
    pytest.fail("Six servers without a lock have never met.")
