"""What the shop does again and again by itself, and how often."""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.utils import timezone
from django.utils.module_loading import import_string
from django_tasks_db.models import DBTaskResult

from bakery import living
from bakery.jobs import heartbeats
from bakery.jobs.clock import Job
from bakery.pages.stamp import fold_changes
from basket.backends.base import stores
from basket.lifetime import UNTOUCHED_FOR
from shop import holds, opening, picture_sweep

TASKS_KEPT = timedelta(days=7)
DEAD_LETTERS_KEPT = timedelta(days=90)


def forget_baskets() -> int:
    return stores["default"].forget(untouched_for=UNTOUCHED_FOR)


def forget_sessions() -> None:
    import_string(f"{settings.SESSION_ENGINE}.SessionStore").clear_expired()


def forget_tasks() -> int:
    """Remove the results of tasks that are long done, dead letters much later."""
    now = timezone.now()
    done = DBTaskResult.objects.successful().filter(finished_at__lt=now - TASKS_KEPT)
    dead = DBTaskResult.objects.failed().filter(finished_at__lt=now - DEAD_LETTERS_KEPT)
    return done.delete()[0] + dead.delete()[0]


JOBS = (
    Job("expired holds", timedelta(seconds=30), holds.sweep_holds),
    Job("bake days", timedelta(hours=1), opening.open_days),
    Job("changes of pages", timedelta(hours=1), fold_changes),
    Job("old baskets", timedelta(days=1), forget_baskets),
    Job("old sessions", timedelta(days=1), forget_sessions),
    Job("orphaned pictures", timedelta(days=1), picture_sweep.sweep_pictures),
    Job("old tasks", timedelta(days=1), forget_tasks),
    Job("dead workers", timedelta(hours=1), heartbeats.forget_dead),
    Job("dead servers", timedelta(hours=1), living.forget_dead),
)
