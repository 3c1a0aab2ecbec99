"""Of images the ones that were asked for last are kept, the newest of all."""

from __future__ import annotations

import os

from bakery.image.superclone import KEPT, Image, _put_in_place

HOUR = 3600


def test_a_new_image_stays_however_old_its_debian_is(tmp_path):
    for number in range(KEPT):
        (tmp_path / f"image-{number:016x}").mkdir()
    draft = tmp_path / "image-ffff.new"
    draft.mkdir()
    long_ago = draft.stat().st_mtime - 9 * HOUR
    os.utime(draft, (long_ago, long_ago))
    image = Image("ffff", "a-release", tmp_path / "image-ffff")
    _put_in_place(draft, image)
    assert image.folder.is_dir()
    assert len(list(tmp_path.iterdir())) == KEPT
