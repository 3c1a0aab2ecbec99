"""What all clones of a local fleet share: PostgreSQL, Valkey, S3, a mail server."""

from __future__ import annotations

import secrets
import shutil
from pathlib import Path

from bakery.servers.mailbox import mailbox
from bakery.servers.ports import LOOPBACK
from bakery.servers.postgres import Postgres
from bakery.servers.process import Program
from bakery.servers.seaweed import S3, seaweed
from bakery.servers.starting import wait_until_up
from bakery.servers.valkey import valkey

BUCKET = "bakery"


class Backends:
    """Real servers in one folder. To hurt them, take them by their names.

    On loopback whoever is on this machine may use PostgreSQL and Valkey; in a network
    they ask for passwords, which are in the addresses that `environment` gives.
    """

    def __init__(self, folder: Path, address: str = LOOPBACK) -> None:
        """All empty, also where a fleet that was killed has left something behind."""
        for part in ("valkey", "s3", "mail"):
            shutil.rmtree(folder / part, ignore_errors=True)
        for part in ("valkey", "s3"):
            (folder / part).mkdir()
        self.folder = folder
        self.address = address
        log = folder / "postgres.log"
        self.postgres = Postgres(durable=True, log=log, address=address)
        self.password = "" if address == LOOPBACK else secrets.token_urlsafe(24)
        self.valkey: Program = self._valkey()
        self.s3: S3 = self._s3()
        self.mail: Program = self._mail()

    def start(self) -> None:
        """All of them side by side; returns when they answer. Raises DidNotStart."""
        for server in (self.valkey, self.s3, self.mail):
            server.start()
        self.postgres.start()
        self.valkey = wait_until_up(self.valkey, self._valkey)
        self.mail = wait_until_up(self.mail, self._mail)
        self.s3 = wait_until_up(self.s3, self._s3)
        self.s3.make_bucket(BUCKET)

    def stop(self) -> None:
        """Stop them and remove the database. Repeatable."""
        for program in (self.mail, self.valkey, self.s3.program):
            program.stop()
        self.postgres.stop()

    def _valkey(self) -> Program:
        return valkey(self.folder / "valkey", self.address, self.password)

    def _s3(self) -> S3:
        return seaweed(self.folder / "s3", self.address)

    def _mail(self) -> Program:
        return mailbox(self.mails, self.address)

    @property
    def mails(self) -> Path:
        """Where the mails are that the shop has sent: one file each, in new/."""
        return self.folder / "mail"

    @property
    def environment(self) -> dict[str, str]:
        """The variables by which the shop finds them."""
        user = f":{self.password}@" if self.password else ""
        return {
            "DATABASE_URL": self.postgres.url,
            "CACHE_URL": f"redis://{user}{self.address}:{self.valkey.port}/0",
            "STORAGE_URL": self.s3.url(BUCKET),
            "EMAIL_URL": f"smtp://{self.address}:{self.mail.port}",
        }
