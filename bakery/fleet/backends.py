"""What all clones of a local fleet share: PostgreSQL, Valkey, S3."""

from __future__ import annotations

import shutil
from pathlib import Path

from bakery.servers.postgres import Postgres
from bakery.servers.process import Program
from bakery.servers.seaweed import S3, seaweed
from bakery.servers.valkey import valkey

BUCKET = "bakery"


class Backends:
    """Real servers in one folder. To hurt them, take them by their names."""

    def __init__(self, folder: Path) -> None:
        """All empty, also where a fleet that was killed has left something behind."""
        for part in ("valkey", "s3"):
            shutil.rmtree(folder / part, ignore_errors=True)
            (folder / part).mkdir()
        self.postgres = Postgres(durable=True, log=folder / "postgres.log")
        self.valkey: Program = valkey(folder / "valkey")
        self.s3: S3 = seaweed(folder / "s3")

    def start(self) -> None:
        """All three side by side; returns when they answer. Raises DidNotStart."""
        self.valkey.start()
        self.s3.program.start()
        self.postgres.start()
        self.valkey.wait_until_up()
        self.s3.program.wait_until_up(30)
        self.s3.make_bucket(BUCKET)

    def stop(self) -> None:
        """Stop them and remove the database. Repeatable."""
        self.valkey.stop()
        self.s3.program.stop()
        self.postgres.stop()

    @property
    def environment(self) -> dict[str, str]:
        """The variables by which the shop finds them."""
        return {
            "DATABASE_URL": self.postgres.url,
            "CACHE_URL": f"redis://127.0.0.1:{self.valkey.port}/0",
            "STORAGE_URL": self.s3.url(BUCKET),
        }
