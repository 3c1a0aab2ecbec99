"""A real S3 storage on this machine: SeaweedFS, from the wheel."""

from __future__ import annotations

import json
import os
import secrets
import signal
import sysconfig
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from bakery.servers.ports import LOOPBACK, free_port
from bakery.servers.process import DidNotStart, Program

# SeaweedFS listens with gRPC ten thousand ports above each of its own.
GRPC_ABOVE = 10_000
# Its parts speak with each other through sockets there, whatever it is told.
SOCKETS = Path("/tmp")  # nosec B108: of names that nobody else has


class Weed(Program):
    """The program; stop() takes its sockets away too, which it leaves behind."""

    sockets: tuple[Path, ...] = ()

    def stop(self, seconds: float = 10) -> None:
        super().stop(seconds)
        for path in self.sockets:
            with suppress(OSError):
                path.unlink()


@dataclass
class S3:
    """A running S3 with its address and its only pair of keys."""

    program: Program
    access_key: str
    secret_key: str

    def start(self) -> None:
        self.program.start()

    def wait_until_up(self, seconds: float = 30) -> None:
        self.program.wait_until_up(seconds)

    @property
    def endpoint(self) -> str:
        return f"http://{self.program.address}:{self.program.port}"

    def url(self, bucket: str) -> str:
        """STORAGE_URL of a bucket in it."""
        return (
            f"s3://{self.access_key}:{self.secret_key}@{self.program.address}"
            f":{self.program.port}/{bucket}?tls=no"
        )

    def make_bucket(self, name: str, seconds: float = 20) -> None:
        """Make the bucket, as soon as the storage behind the port is awake."""
        import boto3
        from botocore.exceptions import BotoCoreError, ClientError

        client = boto3.client(
            "s3",
            endpoint_url=self.endpoint,
            aws_access_key_id=self.access_key,
            aws_secret_access_key=self.secret_key,
            region_name="us-east-1",
        )
        until = time.monotonic() + seconds
        while True:
            try:
                client.create_bucket(Bucket=name)
                return
            except (BotoCoreError, ClientError) as error:
                if time.monotonic() > until:
                    raise DidNotStart(f"S3 makes no bucket: {error}") from error
                time.sleep(0.1)


def seaweed(folder: Path, address: str = LOOPBACK) -> S3:
    """An S3 that keeps its objects in folder, with keys of its own, on free ports."""
    folder = folder.absolute()
    access_key, secret_key = secrets.token_hex(8), secrets.token_hex(20)
    identities = folder / "s3.json"
    identities.write_text(_identity(access_key, secret_key))
    identities.chmod(0o600)
    parts = ("s3", "master", "volume", "filer", "admin")
    ports = {name: _port_with_room(name, address) for name in parts}
    words = [
        str(Path(sysconfig.get_path("scripts"), "weed")),
        "mini",
        f"-dir={folder}",
        f"-ip={address}",
        f"-ip.bind={address}",
        f"-s3.port={ports['s3']}",
        f"-s3.config={identities}",
        f"-master.port={ports['master']}",
        f"-volume.port={ports['volume']}",
        f"-filer.port={ports['filer']}",
        f"-admin.port={ports['admin']}",
        # They have fixed ports, and a second S3 on the machine would not start.
        "-s3.port.iceberg=0",
        "-s3.port.lance=0",
        # In its own folder: in that of all users they stay, and are in others' way.
        "-s3.localSocket=s3.sock",
        "-filer.localSocket=filer.sock",
        "-webdav=false",
        "-admin.ui=false",
        "-master.telemetry=false",
    ]
    program = Weed(
        "s3",
        words,
        port=ports["s3"],
        address=address,
        log=folder / "s3.log",
        folder=folder,  # where its sockets then are
        stops_by=signal.SIGKILL,  # asked kindly it takes many seconds
    )
    program.sockets = tuple(socket_of(name, port) for name, port in ports.items())
    return S3(program, access_key, secret_key)


def _identity(access_key: str, secret_key: str) -> str:
    keys = {"accessKey": access_key, "secretKey": secret_key}
    actions = ["Admin", "Read", "Write", "List", "Tagging"]
    identity = {"name": "shop", "credentials": [keys], "actions": actions}
    return json.dumps({"identities": [identity]})


def socket_of(part: str, port: int) -> Path:
    """Where a part of it listens besides."""
    return SOCKETS / f"seaweedfs-{part}-grpc-{port + GRPC_ABOVE}.sock"


def _port_with_room(part: str, address: str) -> int:
    """A free port that leaves room for its gRPC twin below 65,536, and its socket."""
    while True:
        port = free_port(address)
        if port < 65_536 - GRPC_ABOVE and not _is_anothers(socket_of(part, port)):
            return port


def _is_anothers(path: Path) -> bool:
    """Is it there, and left behind by a user whose files are not ours to remove?"""
    try:
        return path.lstat().st_uid != os.geteuid()
    except OSError:
        return False
