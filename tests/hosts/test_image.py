"""The image holds what all clones share and nothing of any; each makes the rest."""

from __future__ import annotations

import http.server
import json
import shutil
import subprocess
import threading
from functools import partial
from pathlib import Path

import pytest

from bakery.image.oci import write_oci
from bakery.image.superclone import Image, make_image
from bakery.instances.namespace import NamespaceHost
from bakery.release.store import read_release
from tests.hosts.machines import IMAGES, Hosts, Maker
from tests.hosts.shop import RELEASES, image
from tests.processes import wait_until

pytestmark = pytest.mark.django_db(databases=[])


@pytest.fixture(scope="module")
def ours() -> Image:
    return image()


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


def test_first_boot_fetches_the_newest_release_and_serves(
    hosts: Maker, ours: Image, tmp_path: Path
) -> None:
    """Nobody logs in: it finds its files, asks for the release and becomes ready."""
    fleet = hosts(1, balancer=False)
    new = NamespaceHost(fleet.network, "app9").make(ours.folder, "")
    _give(fleet, new, _shelf(tmp_path, fleet, ours.release))
    new.start()
    url = f"http://{new.address}:8000/ready"
    host = fleet.url.split("/")[2]
    ask = ["curl", "-s", "-H", f"Host: {host}", url]

    def is_ready() -> bool:
        answer = subprocess.run(ask, check=False, capture_output=True, text=True)
        return f'"release": "{ours.release}"' in answer.stdout

    assert wait_until(is_ready, 60), _said(new)
    secrets = new.upper / "srv/bakery/shared/environment"
    assert secrets.stat().st_mode & 0o777 == 0o600
    assert f"app9 takes release {ours.release}" in _said(new)


def _said(host: NamespaceHost) -> str:
    log = host.upper / "srv/bakery/log/first-boot"
    return (log.read_text() if log.exists() else "") + host.console


def _give(fleet: Hosts, host: NamespaceHost, releases: str) -> None:
    """What a config drive would bring."""
    text = fleet.fleet_file.read_text().replace("app1", "app9")
    text = text.replace(fleet["app1"].address, host.address)
    for name, content in {
        "name": "app9\n",
        "fleet.toml": text,
        "environment": fleet.environment_file.read_text(),
        "releases": releases,
    }.items():
        host.write(f"etc/bakery/clone/{name}", content)


def _shelf(folder: Path, fleet: Hosts, release_id: str) -> str:
    """A place that serves the releases, at this machine's address in the network."""
    made = read_release(RELEASES, release_id)
    shelf = folder / "shelf"
    shelf.mkdir()
    facts = json.dumps({"id": made.id, "lock": made.lock})
    (shelf / "latest.json").write_text(facts)
    shutil.copy(made.path, shelf)
    handler = partial(http.server.SimpleHTTPRequestHandler, directory=str(shelf))
    server = http.server.ThreadingHTTPServer((fleet.network.gateway, 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return f"http://{fleet.network.gateway}:{server.server_port}"


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
