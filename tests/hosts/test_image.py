"""The image holds what all clones share and nothing of any; each makes the rest."""

from __future__ import annotations

import http.server
import json
import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import pytest
from django.conf import settings
from django.test import override_settings

from bakery.image.oci import write_oci
from bakery.image.superclone import Image, make_image
from bakery.instances.namespace import NamespaceHost
from bakery.release.publishing import note_of, publish
from bakery.release.shelf import FolderShelf, digest_in, shelf_of_the_fleet
from bakery.release.store import Release, read_release
from settings.storage import storage as storage_of
from tests.hosts.machines import IMAGES, Hosts, Maker
from tests.hosts.releases import changed, other_words
from tests.hosts.shop import RELEASES, image
from tests.processes import ROOT, wait_until

pytestmark = pytest.mark.django_db(databases=[])


@pytest.fixture(scope="module")
def ours() -> Image:
    return image()


@pytest.fixture(scope="module")
def newer(tmp_path_factory: pytest.TempPathFactory) -> Release:
    """Another one than that of the image."""
    return changed(RELEASES, tmp_path_factory.mktemp("newer"), other_words)


def test_the_image_is_named_after_what_is_in_it_and_made_once(ours: Image) -> None:
    made_at = ours.folder.joinpath("srv/bakery/install.lock").stat().st_ctime
    assert make_image(IMAGES, read_release(RELEASES, ours.release)) == ours
    again = ours.folder.joinpath("srv/bakery/install.lock").stat().st_ctime
    assert again == made_at
    assert (ours.folder / "srv/bakery/releases" / ours.release).is_dir()


def test_the_image_holds_no_secret_and_no_identity(ours: Image) -> None:
    root = ours.folder
    assert (root / "etc/machine-id").read_bytes() == b""
    assert list(root.glob("etc/ssh/ssh_host_*")) == []
    assert not (root / "etc/hostname").exists()
    assert list((root / "srv/bakery/shared").iterdir()) == []
    assert list((root / "home/bakery/.ssh").iterdir()) == []
    assert not (root / "srv/bakery/current").exists()
    logs = [path for path in root.glob("var/log/**/*") if path.is_file()]
    assert logs == []
    assert (root / "etc/shadow").read_text().count("$") == 0


def test_clones_of_one_image_have_identities_of_their_own(hosts: Maker) -> None:
    fleet = hosts(2, balancer=False)
    keys = {host.host_key.split()[2] for host in fleet.names.values()}
    ids = {fleet.ssh(name, "cat /etc/machine-id").stdout for name in fleet.names}
    assert len(keys) == len(ids) == 2
    before = fleet["app1"].host_key
    fleet["app1"].kill()
    fleet["app1"].start()
    fleet["app1"].wait_for_ssh()
    assert fleet["app1"].host_key == before


def test_first_boot_fetches_the_newest_release_from_an_address_and_serves(
    hosts: Maker, ours: Image, newer: Release, tmp_path: Path
) -> None:
    """Nobody logs in: it finds its files, asks for the release and becomes ready."""
    fleet = hosts(1, balancer=False)
    new = NamespaceHost(fleet.network, "app9").make(ours.folder, "")
    told = '#!/bin/sh\necho "told of $BAKERY_HOST on $BAKERY_RELEASE"\n'
    with _served(tmp_path, fleet, newer) as address:
        pin = f"{newer.id} {digest_in(newer.path)}"
        _give(fleet, new, releases=address, release=pin, joined=told)
        new.start()
        assert wait_until(lambda: _serves(fleet, new, newer.id), 90), _said(new)
    secrets = new.upper / "srv/bakery/shared/environment"
    assert secrets.stat().st_mode & 0o777 == 0o600
    assert f"fetched {newer.id}.tar.gz" in _said(new)
    assert f"fetched {newer.lock}.tar" not in _said(new)  # its image has it
    assert wait_until(lambda: "joined ended with 0" in _said(new), 30), _said(new)
    assert f"told of app9 on {newer.id}" in _said(new)
    assert "Z warm\n" in _said(new)


def test_first_boot_fetches_what_the_fleet_runs_from_its_storage(
    hosts: Maker, ours: Image, newer: Release
) -> None:
    """Without an address and without a key of its own."""
    fleet = hosts(1, balancer=False)
    new = NamespaceHost(fleet.network, "app9").make(ours.folder, "")
    with _storage_of(fleet):
        publish(shelf_of_the_fleet(), note_of(newer), newer.path.parent, signed=True)
    _give(fleet, new)
    new.start()
    assert wait_until(lambda: _serves(fleet, new, newer.id), 90), _said(new)
    assert f"app9 takes release {newer.id}" in _said(new)


def test_a_damaged_release_leaves_the_one_that_is_baked_in(
    hosts: Maker, ours: Image, newer: Release
) -> None:
    fleet = hosts(1, balancer=False)
    new = NamespaceHost(fleet.network, "app9").make(ours.folder, "")
    with _storage_of(fleet):
        shelf = shelf_of_the_fleet()
        publish(shelf, note_of(newer), newer.path.parent, signed=True)
        shelf.put(newer.path.name, newer.path.read_bytes()[:-1])
    _give(fleet, new)
    new.start()
    assert wait_until(lambda: _serves(fleet, new, ours.release), 90), _said(new)
    assert f"{newer.path.name} on releases/ of STORAGE_URL is damaged" in _said(new)
    there = [path.name for path in (new.upper / "srv/bakery/releases").glob("*")]
    assert newer.id not in there


def _serves(fleet: Hosts, host: NamespaceHost, release: str) -> bool:
    name = fleet.url.split("/")[2]
    url = f"http://{host.address}:8000/ready"
    ask = ["curl", "-s", "-f", "-H", f"Host: {name}", url]  # says nothing of a 503
    answer = subprocess.run(ask, check=False, capture_output=True, text=True)
    return f'"release": "{release}"' in answer.stdout


def _said(host: NamespaceHost) -> str:
    log = host.upper / "srv/bakery/log/first-boot"
    return (log.read_text() if log.exists() else "") + host.console


def _variables(fleet: Hosts) -> dict[str, str]:
    lines = fleet.environment_file.read_text().splitlines()
    return dict(line.split("=", 1) for line in lines if "=" in line)


def _give(fleet: Hosts, host: NamespaceHost, **more: str) -> None:
    """What a config drive would bring. Nobody is ready without the fleet's tables."""
    subprocess.run(
        [sys.executable, "manage.py", "safemigrate"],
        check=True,
        cwd=ROOT,
        env=os.environ | _variables(fleet),
        stdin=subprocess.DEVNULL,
        capture_output=True,
    )
    text = fleet.fleet_file.read_text().replace("app1", "app9")
    own = f'address = "{host.address}"'
    text = text.replace(f'address = "{fleet["app1"].address}"', own)
    for name, content in {
        "name": "app9\n",
        "fleet.toml": text,
        "environment": fleet.environment_file.read_text(),
        **more,
    }.items():
        host.write(f"etc/bakery/clone/{name}", content)


@contextmanager
def _served(folder: Path, fleet: Hosts, release: Release) -> Iterator[str]:
    """A place that serves the release, at this machine's address in the network."""
    shelf = folder / "shelf"
    note = note_of(release)
    publish(FolderShelf(shelf), note, release.path.parent, signed=False)
    handler = partial(http.server.SimpleHTTPRequestHandler, directory=str(shelf))
    with http.server.ThreadingHTTPServer((fleet.network.gateway, 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://{fleet.network.gateway}:{server.server_port}"
        server.shutdown()


def _storage_of(fleet: Hosts) -> override_settings:
    """This process as a host of the fleet: with its storage, and its key."""
    facts = _variables(fleet)
    storage = storage_of(facts["STORAGE_URL"], Path("/nowhere"))
    return override_settings(
        STORAGES=settings.STORAGES | {"default": storage},
        SECRET_KEY=facts["SECRET_KEY"],
    )


def test_the_oci_archive_is_one_that_other_programs_read(
    ours: Image, tmp_path: Path
) -> None:
    path = tmp_path / "clone.oci.tar"
    digest = write_oci(ours, path)
    layout = tmp_path / "layout"
    layout.mkdir()
    subprocess.run(["tar", "-xf", path, "-C", layout], check=True)
    index = json.loads((layout / "index.json").read_text())
    assert index["manifests"][0]["digest"] == digest
    if shutil.which("umoci") is None:
        pytest.skip("apt install umoci, which reads OCI images, to see that it does")
    words = ["umoci", "stat", "--json", "--image", f"{layout}:bakery-clone"]
    facts = json.loads(subprocess.check_output(words, text=True))
    assert len(facts["history"]) == 1
