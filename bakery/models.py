"""What the servers tell each other."""

from __future__ import annotations

from django.db import models


class WorkerHeartbeat(models.Model):
    """A process that runs tasks, and when it last said so, by the database's clock."""

    worker_id = models.CharField(primary_key=True, max_length=64)
    host = models.CharField(max_length=120)
    process = models.PositiveIntegerField(help_text="its number on that host")
    seen_at = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return f"{self.host}/{self.process}"


class ServerHeartbeat(models.Model):
    """A server, its release, and when it last said so, by the database's clock."""

    clone = models.CharField(max_length=120)
    role = models.CharField(max_length=10, help_text="web or work")
    release = models.CharField(max_length=64)
    can_do_without = models.JSONField(
        default=list, help_text="contract migrations that its code is made for"
    )
    seen_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["clone", "role"], name="one_heartbeat_for_each_server"
            )
        ]

    def __str__(self) -> str:
        return f"{self.clone} ({self.role}, {self.release})"


class Contracted(models.Model):
    """A contract migration that was done: whoever does not know it cannot serve."""

    migration = models.CharField(primary_key=True, max_length=160)

    def __str__(self) -> str:
        return self.migration


class JobTurn(models.Model):
    """When a regular job is next due. Whoever moves the time on does the job."""

    name = models.CharField(primary_key=True, max_length=60)
    due_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.name}, due {self.due_at:%d %b %H:%M} UTC"


class PageChange(models.Model):
    """A visible change of the catalogue's pages; all of them together are the stamp.

    Written by triggers (bakery/pages/triggers.py). Rows are added, never changed, so
    that two transactions never wait for each other, and each counts when it is
    committed. The amount is random: a database that was put back to an older state
    does not come by the stamp of a page that was made since.
    """

    day = models.DateField(null=True, help_text="the bake day; empty: all pages")
    amount = models.BigIntegerField()

    def __str__(self) -> str:
        return f"{self.day or 'catalogue'}: {self.amount}"
