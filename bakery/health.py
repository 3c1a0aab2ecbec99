"""What a load balancer or an operator asks: does it live, may it have customers?"""

from __future__ import annotations

from django.conf import settings
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache


@never_cache
def up(request: HttpRequest) -> HttpResponse:
    """The process lives. Touches nothing: no database, no file, no session."""
    return HttpResponse("up\n", content_type="text/plain")


@never_cache
def ready(request: HttpRequest) -> JsonResponse:
    """503 while migrations are missing; 200 otherwise.

    A database that is away is said in the body, not in the status: it is away from
    every server at once, and a balancer that sends all of them off has nobody left to
    say sorry.
    """
    try:
        missing = missing_migrations()
    except DatabaseError:
        return _answer("degraded", 200, database="away")
    if missing:
        return _answer("starting", 503, database="up", migrations=missing)
    return _answer("ready", 200, database="up")


def missing_migrations() -> list[str]:
    """Names of migrations this release needs and the database has not had yet."""
    executor = MigrationExecutor(connection)
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    return [f"{migration.app_label}.{migration.name}" for migration, _ in plan]


def _answer(status: str, code: int, **facts: object) -> JsonResponse:
    body = {"status": status, "release": settings.RELEASE, **facts}
    return JsonResponse(body, status=code)
