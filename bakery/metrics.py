"""/metrics: the figures of this server and of the shop, in Prometheus's text format.

Requests are counted by this server; orders, tasks and limits are the database's and
the same whichever server is asked. For the operator's own network: whatever came
through a proxy finds nothing here.
"""

from __future__ import annotations

from collections.abc import Iterator

from django.conf import settings
from django.db import DatabaseError
from django.db.models import Count, F, Q
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django_tasks_db.models import DBTaskResult

from bakery import measures
from bakery.caches import breaker_is_open
from bakery.draining import is_draining
from bakery.jobs import heartbeats, retries
from shop.models import Capacity, Order

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
COUNTER, GAUGE, HISTOGRAM = "counter", "gauge", "histogram"

Samples = dict[str, float]  # by what stands behind the name: labels, in braces


@never_cache
def metrics(request: HttpRequest) -> HttpResponse:
    """Always 200 for who asks directly; without a database its figures are missing."""
    if "X-Forwarded-For" in request.headers:
        raise Http404
    lines = [*_of_this_server(), *_of_the_shop_or_not()]
    return HttpResponse("\n".join([*lines, ""]), content_type=CONTENT_TYPE)


def _of_this_server() -> Iterator[str]:
    counted = measures.requests()
    info = _labels(clone=settings.CLONE_ID, release=settings.RELEASE)
    yield from _family("info", GAUGE, "which server and release", {info: 1})
    yield from _family(
        "requests_total",
        COUNTER,
        "requests answered, by class of status",
        {_labels(status=name): n for name, n in counted.by_class.items()},
    )
    yield from _seconds(counted)
    yield from _family(
        "cache_breaker_open",
        GAUGE,
        "whether the process that answers leaves the cache in peace",
        {"": breaker_is_open("default")},
    )
    yield from _family(
        "requests_in_flight",
        GAUGE,
        "requests being worked on, probes left out",
        {"": measures.under_way()},
    )
    yield from _family("draining", GAUGE, "whether it drains", {"": is_draining()})


def _seconds(counted: measures.Requests) -> Iterator[str]:
    buckets = {
        f"_bucket{_labels(le=bound)}": n for bound, n in counted.by_bound.items()
    }
    whole = {"_sum": counted.seconds, "_count": counted.by_bound["+Inf"]}
    help_text = "seconds until a request was answered"
    yield from _family("request_seconds", HISTOGRAM, help_text, buckets | whole)


def _of_the_shop_or_not() -> list[str]:
    help_text = "whether the database answers"
    try:
        return [
            *_of_the_shop(),
            *_family("database_up", GAUGE, help_text, {"": True}),
        ]
    except DatabaseError:
        return list(_family("database_up", GAUGE, help_text, {"": False}))


def _of_the_shop() -> Iterator[str]:
    """Six queries, none of which reads rows."""
    orders = Order.objects.count()
    yield from _family("orders_placed_total", COUNTER, "orders", {"": orders})
    yield from _family("tasks", GAUGE, "background tasks, by state", _tasks())
    yield from _family(
        "limits", GAUGE, "limits from today on: with something left, or none", _limits()
    )
    workers = len(heartbeats.alive())
    yield from _family("workers", GAUGE, "task workers alive, of all", {"": workers})


def _tasks() -> Samples:
    tasks = DBTaskResult.objects
    return {
        _labels(state="waiting"): tasks.ready().count(),
        _labels(state="failed"): tasks.failed().count(),
        _labels(state="given_up"): retries.dead_letters().count(),
    }


def _limits() -> Samples:
    coming = Capacity.objects.filter(bake_day__date__gte=timezone.localdate())
    full = Q(taken__gte=F("limit"))
    counts = coming.aggregate(
        open=Count("pk", filter=~full), full=Count("pk", filter=full)
    )
    return {_labels(state=state): n for state, n in counts.items()}


def _family(name: str, kind: str, help_text: str, samples: Samples) -> Iterator[str]:
    yield f"# HELP bakery_{name} {help_text}"
    yield f"# TYPE bakery_{name} {kind}"
    for labels, value in samples.items():
        yield f"bakery_{name}{labels} {float(value)!r}"


def _labels(**labels: str) -> str:
    pairs = ",".join(f'{name}="{_escaped(value)}"' for name, value in labels.items())
    return f"{{{pairs}}}"


def _escaped(value: str) -> str:
    return value.replace("\\", r"\\").replace('"', r"\"").replace("\n", r"\n")
