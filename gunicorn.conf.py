"""How gunicorn serves the shop: processes x threads, the code loaded once."""

from __future__ import annotations

import gc
import os
import sys
from pathlib import Path

import django

from bakery.jobs.parent import stop_with_supervisor
from settings.environment import read

# What is imported stays: there is nothing to collect until the first fork.
gc.disable()

_address = read("BIND")
bind = f"{f'[{_address}]' if ':' in _address else _address}:{read('PORT')}"
workers = read("WEB_CONCURRENCY")
threads = read("WEB_THREADS")
worker_class = "bakery.probing.ProbedWorker"
preload_app = True
forwarded_allow_ips = ",".join(read("TRUSTED_PROXIES"))

timeout = 60  # seconds until a worker that answers nothing at all is replaced
graceful_timeout = 20  # seconds to finish what was begun when it is told to stop
keepalive = 5  # seconds; a proxy in front takes its connections up again
max_requests = 20_000  # a worker makes room for a fresh one now and then,
max_requests_jitter = 4_000  # but not all of them at the same time

# Until a query is given up, because behind it a shopper waits: longer than the wait for
# a lock, shorter than a balancer's patience.
QUERY_SECONDS = 6

# The heartbeat file of each worker belongs into memory: on a busy disk its update can
# stall, and gunicorn then takes the worker for dead.
worker_tmp_dir = "/dev/shm" if Path("/dev/shm").is_dir() else None
control_socket_disable = True
loglevel = "warning"


def on_starting(_server: object) -> None:
    """Before the first process of its own: refuse a server that breaks the rules."""
    stop_with_supervisor()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "settings.prod")
    django.setup()
    from bakery.starting import MustNotStart, before_first_fork

    try:
        before_first_fork()
    except MustNotStart as error:
        sys.exit(str(error))


def post_worker_init(_worker: object) -> None:
    """In each process: wait for nothing for ever, and drain when told to stop."""
    from bakery.draining import begin_with_sigterm
    from bakery.postgresql.patience import Connection

    begin_with_sigterm()
    Connection.lent_seconds = QUERY_SECONDS
