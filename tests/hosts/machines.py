"""A fleet of hosts on this machine: what there is before the first deploy.

Hosts with addresses of their own, reached over ssh; PostgreSQL, Valkey, S3 and a mail
server at the address of this machine in their network; a fleet file; the fleet's
secrets in shared/environment on every host.
"""

from __future__ import annotations

import os
import secrets
import shutil
import subprocess
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from bakery.deploy.fleet_file import Fleet, read_fleet
from bakery.fleet.backends import Backends
from bakery.fleet.certificate import make_certificate
from bakery.image.folders import IMAGES
from bakery.image.rootfs import root_folder
from bakery.instances.namespace import OURS, NamespaceHost
from bakery.instances.network import Network, open_network

HTTPS = 8443
PROGRAMS = {
    "ip": "iproute2",
    "mmdebstrap": "mmdebstrap",
    "ssh": "openssh-client",
    "ssh-keygen": "openssh-client",
    "unshare": "util-linux",
}


def why_not() -> str:
    """Why there can be no hosts on this machine; "" if there can."""
    if os.geteuid() != 0:
        return "hosts on this machine need root"
    path = f"{os.environ['PATH']}:/usr/sbin:/sbin"
    missing = [
        package
        for name, package in PROGRAMS.items()
        if not shutil.which(name, path=path)
    ]
    if missing:
        return f"apt install {' '.join(sorted(set(missing)))}"
    spaces = [
        "unshare",
        "--net",
        "--mount",
        "--pid",
        "--uts",
        "--ipc",
        "--fork",
        "true",
    ]
    tried = subprocess.run(spaces, check=False, capture_output=True, text=True)
    return tried.stderr.strip()


@dataclass
class Hosts:
    """The hosts by their names, and how to speak with them."""

    network: Network
    folder: Path  # of the operator: key, known hosts, fleet file
    backends: Backends
    names: dict[str, NamespaceHost] = field(default_factory=dict)

    @property
    def key(self) -> Path:
        return self.folder / "key"

    @property
    def known_hosts(self) -> Path:
        return self.folder / "known_hosts"

    @property
    def fleet_file(self) -> Path:
        return self.folder / "fleet.toml"

    @property
    def fleet(self) -> Fleet:
        return read_fleet(self.fleet_file)

    @property
    def environment_file(self) -> Path:
        """What lies as shared/environment on each host: with the fleet's secrets."""
        return self.folder / "environment"

    def __getitem__(self, name: str) -> NamespaceHost:
        return self.names[name]

    @property
    def url(self) -> str:
        return self.fleet.site_url

    @cached_property
    def secret_key(self) -> str:
        return secrets.token_urlsafe(48)

    def ssh(self, name: str, command: str, *, check: bool = True, seconds: float = 60):
        """Run a command on a host as the user of the fleet; its output as text."""
        return subprocess.run(
            ["ssh", "-F", "none", "-i", str(self.key), "-o", "BatchMode=yes",
             "-o", f"UserKnownHostsFile={self.known_hosts}",
             f"bakery@{self.names[name].address}", command],
            check=check, capture_output=True, text=True, timeout=seconds,
            stdin=subprocess.DEVNULL,
        )  # fmt: skip

    def learn_keys(self) -> None:
        """Write down the ssh keys of all hosts, as an operator does for new ones."""
        lines = [host.host_key for host in self.names.values()]
        self.known_hosts.write_text("".join(lines))


Roles = Mapping[str, Sequence[str]]


def roles_of(hosts: int, *, balancer: bool = True) -> dict[str, list[str]]:
    """app1, app2, ... all for the web, the first two also for work; front balances."""
    roles = {
        f"app{n}": ["web", "work"] if n <= 2 else ["web"] for n in range(1, hosts + 1)
    }
    return roles | ({"front": ["balancer"]} if balancer else {})


@contextmanager
def fleet_of_hosts(
    folder: Path, roles: Roles, *, more: str = "", workers: int = 1
) -> Iterator[Hosts]:
    """Started hosts with these roles; `more` is added to the fleet file.

    Everything is gone afterwards; what a killed process leaves goes with the next call.
    """
    image = root_folder(IMAGES)
    with ExitStack() as stack:
        network = open_network(temporary=True)
        stack.callback(network.close)
        backends = Backends(_made(folder / "shared"), network.gateway)
        stack.callback(backends.stop)
        backends.start()
        hosts = Hosts(network, folder, backends)
        _make_key(hosts.key)
        _make_hosts(hosts, image, roles, workers, more)
        for host in hosts.names.values():
            prepare(hosts, host)
            host.start()
        for host in hosts.names.values():
            host.wait_for_ssh()
        hosts.learn_keys()
        yield hosts


def _make_hosts(
    hosts: Hosts, image: Path, roles: Roles, workers: int, more: str
) -> None:
    """Their files, and the operator's own; not started yet."""
    key = hosts.key.with_suffix(".pub").read_text()
    for name in roles:
        hosts.names[name] = NamespaceHost(hosts.network, name).make(image, key)
    hosts.fleet_file.write_text(_fleet_text(hosts, roles, workers) + more)
    hosts.environment_file.write_text(_environment(hosts))


def prepare(hosts: Hosts, host: NamespaceHost) -> None:
    """What the operator brings to a host that is new: secrets and certificate."""
    shared = "srv/bakery/shared"
    host.write(f"{shared}/environment", hosts.environment_file.read_text(), owner=OURS)
    certificate = hosts.folder / "balancer.pem"
    if not certificate.exists():
        make_certificate(certificate, hosts.fleet.site_url.split("/")[2].split(":")[0])
    host.write(f"{shared}/balancer.pem", certificate.read_text(), owner=OURS)


def _fleet_text(hosts: Hosts, roles: Roles, workers: int) -> str:
    tables = [
        f'[hosts.{name}]\naddress = "{hosts[name].address}"\n'
        f"roles = {str(list(of)).replace(chr(39), chr(34))}\n"
        f"workers = {workers}\n"
        for name, of in roles.items()
    ]
    return f"""name = "hosts"
site_url = "{_site(hosts, roles)}"
supervisor = "runit"
ssh_key = "{hosts.key}"
known_hosts = "{hosts.known_hosts}"

{chr(10).join(tables)}
[balancer]
bind = "0.0.0.0:{HTTPS}"
certificate = "/srv/bakery/shared/balancer.pem"
requests_per_10s = 1000000

[provider]
kind = "namespace"
"""


def _site(hosts: Hosts, roles: Roles) -> str:
    front = next((n for n, of in roles.items() if "balancer" in of), next(iter(roles)))
    return f"https://{hosts[front].address}:{HTTPS}"


def _environment(hosts: Hosts) -> str:
    addresses = [host.address for host in hosts.names.values()]
    facts = hosts.backends.environment | {
        "DJANGO_SETTINGS_MODULE": "settings.prod",
        "SECRET_KEY": hosts.secret_key,
        "SITE_URL": hosts.url,
        "ALLOWED_HOSTS": ",".join(["127.0.0.1", "localhost", *addresses]),
        "TRUSTED_PROXIES": ",".join(["127.0.0.1", *addresses]),
    }
    return "".join(f"{name}={value}\n" for name, value in facts.items())


def _make_key(path: Path) -> None:
    words = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "operator", "-f"]
    subprocess.run([*words, str(path)], check=True, stdin=subprocess.DEVNULL)


def _made(folder: Path) -> Path:
    folder.mkdir(parents=True)
    return folder


Maker = Callable[..., Hosts]
