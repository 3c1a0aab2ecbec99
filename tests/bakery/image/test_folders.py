"""Root works only where nobody else can put something in its way."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from bakery.image.folders import HOSTS, IMAGES, NotOurs, own_folder


def test_it_is_made_for_us_alone(tmp_path):
    folder = tmp_path / "var/images"
    assert own_folder(folder) == folder
    assert own_folder(folder) == folder
    assert folder.stat().st_mode & 0o777 == 0o700


@pytest.mark.parametrize("mode", [0o777, 0o1777, 0o775])
def test_where_others_may_write_nothing_is_done(tmp_path, mode):
    folder = tmp_path / "images"
    folder.mkdir()
    folder.chmod(mode)
    with pytest.raises(NotOurs, match="images"):
        own_folder(folder)


def test_a_folder_above_in_which_others_may_rename_is_none_of_ours(tmp_path):
    folder = tmp_path / "shared/images"
    own_folder(folder)
    folder.parent.chmod(0o777)
    with pytest.raises(NotOurs, match="shared"):
        own_folder(folder)
    folder.parent.chmod(0o1777)  # there nobody renames what is another's
    assert own_folder(folder) == folder


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can make another's folder")
@pytest.mark.parametrize("kind", ["folder", "link"])
def test_what_somebody_else_has_made_first_is_not_used(tmp_path, kind):
    tmp_path.chmod(0o1777)
    folder = tmp_path / "images"
    if kind == "folder":
        folder.mkdir(mode=0o755)
    else:
        folder.symlink_to("/usr")
    os.chown(folder, 65534, 65534, follow_symlinks=False)
    with pytest.raises(NotOurs, match="images"):
        own_folder(folder)


@pytest.mark.parametrize("folder", [IMAGES, HOSTS])
def test_they_are_where_only_root_makes_folders(folder: Path):
    assert folder.is_relative_to("/var/lib")
