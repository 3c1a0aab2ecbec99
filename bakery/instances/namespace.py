"""A host on this machine that consists of namespaces: for tests, trials and proofs.

It has its own files (a layer over the image), processes, host name and address, an ssh
server and a supervisor, like a machine of its own. It shares the kernel and the clock.
Needs root, and nothing else of a container's machinery.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import time
from contextlib import suppress
from pathlib import Path

from bakery.instances import quota
from bakery.instances.layer import write_over
from bakery.instances.network import Network, NoHosts, began, end_processes, ip, running
from bakery.servers.process import children_of

BOOT = Path(__file__).with_name("boot.sh")
OURS = 900  # number of the user bakery in the image
SSH_SECONDS = 20
OWN = ["unshare", "--net", "--mount", "--pid", "--uts", "--ipc", "--fork",
       "--kill-child", "--"]  # fmt: skip
# Ends at once and leaves the host to the system: it outlives whoever started it.
APART = 'exec 3<&0; "$@" <&3 & echo $!'


class NamespaceHost:
    """One host of a network. Its files stay until remove(), also while it is off."""

    def __init__(self, network: Network, name: str) -> None:
        self.network = network
        self.name = name
        self.folder = network.folder / name

    # --- facts -------------------------------------------------------------------

    @property
    def _facts(self) -> dict:
        return json.loads((self.folder / "host.json").read_text())

    def _note(self, **facts: object) -> None:
        path = self.folder / "host.json"
        known = json.loads(path.read_text()) if path.exists() else {}
        draft = path.with_suffix(".new")
        draft.write_text(json.dumps(known | facts))
        draft.replace(path)

    @property
    def address(self) -> str:
        return self._facts["address"]

    @property
    def runs(self) -> bool:
        return bool(running(self._facts))

    @property
    def upper(self) -> Path:
        """Its own layer of files; to be written to while it is off."""
        return self.folder / "upper"

    @property
    def console(self) -> str:
        """What its first process and its services have said."""
        return (self.folder / "console").read_text(errors="replace")

    @property
    def group(self) -> str:
        return f"{self.network.bridge}-{self.name}"

    @property
    def cable(self) -> str:
        """This end of it; at the other end it is eth0. Fifteen letters at most."""
        return f"bk{self.network.number}-{self.address.rpartition('.')[2]}"

    @property
    def card(self) -> str:
        """The address of its network card: always the same, so nobody looks for it."""
        return "02:88" + "".join(f":{int(n):02x}" for n in self.address.split("."))

    # --- life --------------------------------------------------------------------

    def make(self, image: Path, keys: str) -> NamespaceHost:
        """A new host over the image that lets these ssh keys in; start() starts it."""
        self.folder.mkdir()
        for part in ("upper", "work", "root"):
            (self.folder / part).mkdir()
        self._note(address=self.network.free_address(), image=str(image), pid=0)
        self.write("home/bakery/.ssh/authorized_keys", keys, owner=OURS)
        self.write("etc/hostname", f"{self.name}\n", mode=0o644)
        self.write("etc/hosts", self._names(), mode=0o644)
        return self

    def _names(self) -> str:
        return f"127.0.0.1 localhost\n{self.address} {self.name}\n"

    def write(self, path: str, text: str, *, owner: int = 0, mode: int = 0o600) -> None:
        """A file of its own, before it is started: what a config drive would bring."""
        write_over(Path(self._facts["image"]), self.upper, path, text, owner, mode)

    def start(self) -> None:
        """Switch it on; returns when it boots. wait_for_ssh() tells when it is up."""
        words = ["/bin/sh", "-c", APART, "sh", *OWN, "/bin/sh", str(BOOT), self.name,
                 str(self.folder), self._facts["image"]]  # fmt: skip
        with (self.folder / "console").open("ab") as console:
            starter = subprocess.Popen(
                words,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=console,
                cwd="/",
                env={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin"},
                start_new_session=True,
                text=True,
            )
        with starter, starter.stdin as told, starter.stdout as says:
            # Its number and that it is apart, in whatever order.
            heard = {says.readline().strip(), says.readline().strip()}
            if "apart" not in heard:
                raise NoHosts(f"{self.name} does not start: {self.console[-1000:]}")
            pid = int(*(heard - {"apart"}))
            self._note(pid=pid, began=began(pid))
            self._join_group(pid)
            self._plug_in(pid)
            told.write(f"{self.address} {self.network.gateway}\n")

    def _join_group(self, pid: int) -> None:
        """Processes that it starts from now on will be in its group too."""
        with suppress(quota.NoQuota):
            for process in (pid, *children_of(pid)):
                quota.join(self.group, process)

    def _plug_in(self, pid: int) -> None:
        ip("link", "delete", self.cable, check=False)
        ip("link", "add", self.cable, "type", "veth", "peer", "name", "eth0",
           "address", self.card, "netns", str(pid))  # fmt: skip
        ip("link", "set", self.cable, "master", self.network.bridge, "up")

    def wait_for_ssh(self, seconds: float = SSH_SECONDS) -> None:
        """Until its ssh server answers. Raises NoHosts."""
        until = time.monotonic() + seconds
        while True:
            try:
                with socket.create_connection((self.address, 22), timeout=1) as door:
                    if door.recv(4) == b"SSH-":
                        return
            except OSError:
                pass
            if time.monotonic() > until or not self.runs:
                raise NoHosts(f"{self.name} has no ssh: {self.console[-2000:]}")
            time.sleep(0.05)

    @property
    def host_key(self) -> str:
        """The line of its ssh key for a file of known hosts."""
        path = self.upper / "etc/ssh/ssh_host_ed25519_key.pub"
        return f"{self.address} {path.read_text().strip()}\n"

    def kill(self) -> None:
        """Pull the plug: everything in it ends at once. start() boots it again."""
        if pid := running(self._facts):
            os.kill(pid, signal.SIGKILL)
        until = time.monotonic() + 5
        while self.runs or quota.members(self.group):
            if time.monotonic() > until:
                raise NoHosts(f"{self.name} does not end")
            time.sleep(0.02)
        self._note(pid=0)

    def remove(self) -> None:
        """Switch it off and take away all its files. Repeatable."""
        if not (self.folder / "host.json").exists():
            return
        end_processes(self.network, self.name)
        ip("link", "delete", self.cable, check=False)
        shutil.rmtree(self.folder, ignore_errors=True)

    # --- faults and limits ---------------------------------------------------------

    def cut(self) -> None:
        """Pull its network cable. Nothing in it ends."""
        ip("link", "set", self.cable, "down")

    def mend(self) -> None:
        """Put the network cable back in. Repeatable."""
        ip("link", "set", self.cable, "up")

    def limit(self, processors: float | None) -> None:
        """Let it use so much of the processors; None: all. Raises NoQuota."""
        quota.limit(self.group, processors)

    def used_seconds(self) -> float:
        """Processor time that it has used. Raises NoQuota."""
        return quota.used_seconds(self.group)
