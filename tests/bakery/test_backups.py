"""What was backed up comes back whole, and nothing is replaced by accident."""

from __future__ import annotations

import io
import json
import tarfile

import pytest
from django.apps import apps
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.management import CommandError, call_command

from bakery.backups.manifest import DATABASE, NAME, digest_of
from shop.models import Order, Product
from tests.shop import make
from tests.shop.baskets import make_basket, place

pytestmark = pytest.mark.django_db(transaction=True)

PICTURE = "pictures/a1b2-400.jpg"
OURS = ("shop", "basket", "bakery", "django_tasks_database")


@pytest.fixture(autouse=True)
def own_media(settings, tmp_path_factory):
    """A folder that no other test has put pictures into, as a real shop has it."""
    settings.STORAGES = settings.STORAGES | {
        "default": {
            "BACKEND": "django.core.files.storage.FileSystemStorage",
            "OPTIONS": {"location": tmp_path_factory.mktemp("media")},
        }
    }


@pytest.fixture
def sold_shop():
    """A shop with a picture, a basket and two orders, one of them cancelled."""
    slot = make.make_slot(places=4)
    variant = make.make_variant()
    make.make_capacity(bake_day=slot.bake_day, product=variant.product, limit=20)
    place(make_basket({variant: 2}, slot))
    place(make_basket({variant: 3}, slot))
    make_basket({variant: 1}, slot)
    default_storage.save(PICTURE, ContentFile(b"a loaf"))
    return slot


def rows() -> dict[str, list]:
    """Every row of the shop, table by table."""
    return {
        model._meta.label: sorted(model._base_manager.values_list(), key=str)
        for app in OURS
        for model in apps.get_app_config(app).get_models()
    }


def back_up(path) -> None:
    call_command("backup", path, stdout=io.StringIO())


def restore(path, **options) -> str:
    said = io.StringIO()
    call_command("restore", path, stdout=said, stderr=said, **options)
    return said.getvalue()


def empty_the_shop() -> None:
    call_command("flush", interactive=False, verbosity=0)
    default_storage.delete(PICTURE)


def rewritten(source, target, change) -> None:
    """A copy of a backup whose files `change` may alter: name -> bytes."""
    with tarfile.open(source) as tar:
        files = {name: tar.extractfile(name).read() for name in tar.getnames()}
    change(files)
    with tarfile.open(target, "w") as tar:
        for name, data in files.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(data)
            tar.addfile(entry, io.BytesIO(data))


def test_a_backup_brings_the_whole_shop_back(sold_shop, tmp_path):
    before = rows()
    back_up(tmp_path / "b.tar")
    empty_the_shop()
    assert Order.objects.count() == 0
    said = restore(tmp_path / "b.tar")
    assert rows() == before
    with default_storage.open(PICTURE) as picture:
        assert picture.read() == b"a loaf"
    assert "2 orders" in said
    assert "The shop is restored." in said


def test_a_restored_shop_sells_on(sold_shop, tmp_path):
    back_up(tmp_path / "b.tar")
    empty_the_shop()
    restore(tmp_path / "b.tar")
    variant = Product.objects.get().variants.get()
    assert place(make_basket({variant: 1}, sold_shop)).is_new
    call_command("reconcile", stdout=io.StringIO())


def test_a_shop_that_has_rows_is_not_replaced_by_accident(sold_shop, tmp_path):
    back_up(tmp_path / "b.tar")
    before = rows()
    with pytest.raises(CommandError, match="has rows already.*Nothing was changed"):
        restore(tmp_path / "b.tar")
    assert rows() == before


def test_a_shop_is_replaced_when_that_is_said(sold_shop, tmp_path):
    back_up(tmp_path / "b.tar")
    before = rows()
    make.make_product()
    default_storage.delete(PICTURE)
    restore(tmp_path / "b.tar", replace=True)
    assert rows() == before
    assert default_storage.exists(PICTURE)


def test_a_dry_run_verifies_and_changes_nothing(sold_shop, tmp_path):
    back_up(tmp_path / "b.tar")
    make.make_product()
    before = rows()
    assert "Nothing was changed" in restore(
        tmp_path / "b.tar", replace=True, dry_run=True
    )
    assert rows() == before


def test_a_backup_is_for_its_owner_s_eyes_and_complete(sold_shop, tmp_path):
    back_up(tmp_path / "b.tar")
    assert (tmp_path / "b.tar").stat().st_mode & 0o077 == 0
    assert [path.name for path in tmp_path.iterdir()] == ["b.tar"]
    with tarfile.open(tmp_path / "b.tar") as tar:
        manifest = json.load(tar.extractfile(NAME))
        assert set(tar.getnames()) == {NAME, DATABASE, f"media/{PICTURE}"}
    assert manifest["counts"]["shop_order"] == 2
    assert manifest["release"] == "0.1.0"


def damage(files):
    files[DATABASE] = files[DATABASE][:-1] + b"?"


def take_away(files):
    del files[f"media/{PICTURE}"]


def add_one(files):
    files["media/../../evil.py"] = b"print()"


def from_the_future(files):
    files[NAME] = files[NAME].replace(b'"format": 1', b'"format": 99')


def of_another_engine(files):
    other = json.loads(files[NAME])
    other["engine"] = "abacus"
    files[NAME] = json.dumps(other).encode()


def unreadable(files):
    """Not a database, but with the right digest: found only when it is loaded."""
    files[DATABASE] = b"no database at all" * 100
    manifest = json.loads(files[NAME])
    manifest["digests"][DATABASE] = digest_of(io.BytesIO(files[DATABASE]))
    files[NAME] = json.dumps(manifest).encode()


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (damage, "database in the backup is damaged"),
        (take_away, "missing, or were added"),
        (add_one, "missing, or were added"),
        (from_the_future, "format 99"),
        (of_another_engine, "of a abacus database"),
        (unreadable, "damaged|pg_restore failed"),
        (lambda files: files.clear(), "not a backup"),
    ],
)
def test_a_bad_backup_is_refused_and_nothing_changes(sold_shop, tmp_path, change, says):
    back_up(tmp_path / "good.tar")
    rewritten(tmp_path / "good.tar", tmp_path / "bad.tar", change)
    before = rows()
    with pytest.raises(CommandError, match=says):
        restore(tmp_path / "bad.tar", replace=True)
    assert rows() == before


@pytest.mark.parametrize("content", [None, b"", b"not a tar"])
def test_a_file_that_is_no_backup_is_refused(tmp_path, content):
    if content is not None:
        (tmp_path / "b.tar").write_bytes(content)
    with pytest.raises(CommandError, match="no file|not a backup"):
        restore(tmp_path / "b.tar")
