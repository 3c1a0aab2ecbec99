"""A host's own files: with the owners and modes that the image has around them."""

from __future__ import annotations

import os

import pytest

from bakery.instances.layer import write_over


@pytest.mark.skipif(os.geteuid() != 0, reason="only root gives files away")
def test_a_file_lies_in_folders_like_those_of_the_image(tmp_path):
    image, layer = tmp_path / "image", tmp_path / "layer"
    (image / "srv/shared").mkdir(parents=True)
    (image / "srv/shared").chmod(0o700)
    os.chown(image / "srv/shared", 900, 900)
    layer.mkdir()
    for text in ("first", "then"):
        write_over(image, layer, "srv/shared/environment", text, 900, 0o600)
    path = layer / "srv/shared/environment"
    assert path.read_text() == "then"
    assert (path.stat().st_uid, path.stat().st_mode & 0o777) == (900, 0o600)
    facts = path.parent.stat()
    assert (facts.st_uid, facts.st_mode & 0o777) == (900, 0o700)
