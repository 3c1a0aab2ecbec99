"""What a killed test leaves behind is gone with the next one; limits hold."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from bakery.image.rootfs import root_folder
from bakery.instances import quota
from bakery.instances.namespace import NamespaceHost
from bakery.instances.network import ip, open_network
from tests.hosts.machines import IMAGES, Maker
from tests.hosts.shop import say
from tests.processes import ROOT, wait_until

pytestmark = pytest.mark.django_db(databases=[])

LEAVES = """
import sys, time
from pathlib import Path
from bakery.instances.namespace import NamespaceHost
from bakery.instances.network import open_network
home, image = map(Path, sys.argv[1:])
network = open_network(home, temporary=True)
host = NamespaceHost(network, "left").make(image, "")
host.start()
host.wait_for_ssh()
print(network.bridge, host._facts["pid"], flush=True)
time.sleep(600)
"""


def test_what_a_killed_process_leaves_is_taken_away_by_the_next(tmp_path: Path) -> None:
    words = [sys.executable, "-c", LEAVES, tmp_path, root_folder(IMAGES)]
    with subprocess.Popen(
        words, cwd=ROOT, stdout=subprocess.PIPE, text=True
    ) as process:
        bridge, pid = process.stdout.readline().split()
        os.kill(process.pid, signal.SIGKILL)
    assert Path(f"/proc/{pid}").exists()  # it is alone now, and still runs
    network = open_network(tmp_path, temporary=True)
    try:
        assert network.bridge != bridge or network.folder.exists()
        assert wait_until(lambda: not Path(f"/proc/{pid}/root/sbin").exists(), 5)
        assert not (tmp_path / bridge.removeprefix("bakery") / "left").exists()
        left = ip("link", "show", f"bk{bridge.removeprefix('bakery')}-10", check=False)
        assert left.returncode == 1
        assert quota.members(f"{bridge}-left") == []
    finally:
        network.close()
    assert list(tmp_path.iterdir()) == [tmp_path / "lock"]


def test_a_network_that_is_owned_is_left_alone(tmp_path: Path) -> None:
    first = open_network(tmp_path, temporary=True)
    second = open_network(tmp_path, temporary=True)
    try:
        assert first.folder.exists()
        assert first.bridge != second.bridge
        assert first.range != second.range
    finally:
        first.close()
        second.close()


def test_a_limited_host_gets_no_more_than_its_share(hosts: Maker) -> None:
    try:
        quota.group_of_processors()
    except quota.NoQuota as error:
        pytest.skip(f"no limits here: {error}")
    fleet = hosts(1, balancer=False)
    host: NamespaceHost = fleet["app1"]
    host.limit(0.2)
    used, began = host.used_seconds(), time.monotonic()
    fleet.ssh("app1", "timeout 3 python3 -c 'while True: pass'", check=False)
    share = (host.used_seconds() - used) / (time.monotonic() - began)
    say(f"\nlimited to 0.20 processors, used {share:.2f}")
    assert share < 0.3
