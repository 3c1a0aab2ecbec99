"""Examines the background work, and the configuration by the golden rule."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from django.core import checks
from django.db.models import QuerySet
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from bakery.doctor.findings import Finding, State
from bakery.jobs import heartbeats, retries

LATE_AFTER = timedelta(minutes=5)


def examine_work() -> Iterator[Finding]:
    """Somebody works, nothing is late, nothing was given up. Three queries."""
    workers = len(heartbeats.alive())
    if workers:
        yield Finding("workers", State.OK, f"{workers} alive")
    else:
        do = "Start manage.py work (or serve) on a server; until then mails wait."
        yield Finding("workers", State.WRONG, "none is alive", do)
    yield _late()
    yield _given_up()


def _late() -> Finding:
    late = late_tasks().count()
    if not late:
        return Finding("tasks", State.OK, "none is late")
    says = f"{late} have waited for more than {LATE_AFTER.seconds // 60} minutes"
    return Finding("tasks", State.WRONG, says, "Start more workers: manage.py work.")


def late_tasks() -> QuerySet[DBTaskResult]:
    """Tasks that should have begun a good while ago."""
    now = timezone.now()
    before = now - LATE_AFTER
    waiting = DBTaskResult.objects.ready().filter(enqueued_at__lt=before)
    return waiting.exclude(run_after__range=(before, now))


def _given_up() -> Finding:
    dead = retries.dead_letters().count()
    if not dead:
        return Finding("dead letters", State.OK, "none")
    do = "Look at them in the admin under Task results, mend the cause, Try again."
    return Finding("dead letters", State.WRONG, f"{dead} were given up", do)


def examine_rules() -> Iterator[Finding]:
    """What `check --deploy` finds, one finding each; warnings are only counted."""
    found = checks.run_checks(include_deployment_checks=True, databases=["default"])
    heard = [message for message in found if not message.is_silenced()]
    errors = [message for message in heard if message.level >= checks.ERROR]
    for error in sorted(errors, key=lambda error: error.id):
        says = f"{error.id}: {error.msg}"
        yield Finding("rules", State.WRONG, says, error.hint or "")
    if not errors:
        words = f"no error, {len(heard)} warnings (manage.py check --deploy)"
        yield Finding("rules", State.OK, words)
