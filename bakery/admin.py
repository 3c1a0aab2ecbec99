"""Background jobs: which ones gave up, why, and another try."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html

# Imported first, so that what it registers can be taken back.
from django_tasks_db import admin as engine_admin  # noqa: F401
from django_tasks_db.models import DBTaskResult

from bakery.jobs import retries
from shop.admin.base import ReadOnly, ShopAdmin

admin.site.unregister(DBTaskResult)


class GaveUpFilter(admin.SimpleListFilter):
    """Those that failed at every attempt, unless something else is chosen."""

    title = "state"
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [
            ("failing", "Failing, tried again by itself"),
            ("READY", "Waiting"),
            ("RUNNING", "Running"),
            ("SUCCESSFUL", "Done"),
            ("all", "All"),
        ]

    def choices(self, changelist: Any) -> Any:
        words = list(super().choices(changelist))
        words[0]["display"] = "Gave up"
        return words

    def queryset(self, request: HttpRequest, jobs: QuerySet) -> QuerySet:
        chosen = self.value()
        if chosen is None:
            return jobs & retries.dead_letters()
        if chosen == "failing":
            return jobs.failed().exclude(pk__in=retries.dead_letters().values("pk"))
        return jobs if chosen == "all" else jobs.filter(status=chosen)


@admin.register(DBTaskResult)
class JobAdmin(ReadOnly, ShopAdmin):
    list_display = ("job", "what", "status", "enqueued_at", "finished_at", "error")
    list_filter = (GaveUpFilter, "task_path")
    ordering = ("-enqueued_at",)
    actions = ("try_again",)
    fields = ("job", "status", "what", "enqueued_at", "started_at", "finished_at")
    fields += ("error", "trace")
    readonly_fields = fields

    @admin.display(ordering="task_path")
    def job(self, job: DBTaskResult) -> str:
        return job.task_path.rpartition(".")[2]

    @admin.display(description="for")
    def what(self, job: DBTaskResult) -> str:
        facts = [*job.args_kwargs["args"], *job.args_kwargs["kwargs"].values()]
        return ", ".join(str(fact) for fact in facts)

    @admin.display
    def error(self, job: DBTaskResult) -> str:
        return job.exception_class_path.rpartition(".")[2]

    @admin.display(description="trace for whoever mends it")
    def trace(self, job: DBTaskResult) -> str:
        return format_html("<pre>{}</pre>", job.traceback or "-")

    def has_retry_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("django_tasks_database.change_dbtaskresult")

    @admin.action(description="Try again", permissions=["retry"])
    def try_again(self, request: HttpRequest, jobs: QuerySet[DBTaskResult]) -> None:
        tried = retries.try_again([job.pk for job in jobs])
        self.message_user(
            request, f"{tried} jobs will be tried again.", messages.SUCCESS
        )
