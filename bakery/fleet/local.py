"""A whole fleet on this machine: balancer, clones, worker, PostgreSQL, Valkey, S3.

Real servers from their wheels, on free ports, for development, for tests and for
proofs. Everything lives in one folder and ends with the process that started it.
"""

from __future__ import annotations

import os
import secrets
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable
from pathlib import Path

from django.conf import settings

from bakery.fleet.balancer import Balancer, Clone, configuration
from bakery.fleet.certificate import make_certificate
from bakery.servers.haproxy import check_configuration, haproxy, tell
from bakery.servers.ports import free_port
from bakery.servers.postgres import Postgres
from bakery.servers.process import DidNotStart, Program
from bakery.servers.seaweed import S3, seaweed
from bakery.servers.valkey import valkey

DRAIN_SECONDS = 10
BUCKET = "bakery"


class LocalFleet:
    """Starts the servers in the order they need each other, and stops them all."""

    def __init__(
        self,
        folder: Path,
        *,
        name: str = "local",
        port: int = 0,
        balance: str = "load",
        say: Callable[[str], None] = lambda sentence: None,
    ) -> None:
        self.folder = folder
        self.name = name
        self.port = port or free_port()
        self.balance = balance
        self.say = say
        self.secret_key = secrets.token_urlsafe(64)
        self.clones: dict[str, Program] = {}
        self.postgres = Postgres(durable=True)
        self.valkey: Program | None = None
        self.s3: S3 | None = None
        self.worker: Program | None = None
        self.balancer: Program | None = None

    @property
    def url(self) -> str:
        return f"https://127.0.0.1:{self.port}"

    @property
    def socket(self) -> Path:
        """HAProxy's runtime interface."""
        return self.folder / "haproxy.sock"

    @property
    def certificate(self) -> Path:
        return self.folder / "balancer.pem"

    # --- up and down -----------------------------------------------------------

    def up(self, clones: int = 3) -> None:
        """Start everything; returns when the balancer answers. Raises DidNotStart."""
        self.folder.mkdir(parents=True, exist_ok=True)
        make_certificate(self.certificate)
        self._start_backends()
        self._prepare()
        for number in range(1, clones + 1):
            self._start_clone(f"clone-{number}")
        for clone in self.clones.values():
            self._wait_until_ready(clone)
        self._start_worker()
        self._start_balancer()

    def down(self) -> None:
        """Stop everything, the balancer first. Safe to call at any time, and twice."""
        programs = [self.balancer, *self.clones.values(), self.worker, self.valkey]
        programs.append(self.s3.program if self.s3 else None)
        for program in programs:
            if program:
                program.stop()
        self.postgres.stop()

    # --- clones ----------------------------------------------------------------

    def scale(self, number: int) -> None:
        """Have so many clones: start those missing or dead, drain those too many."""
        wanted = [f"clone-{index}" for index in range(1, number + 1)]
        for name in wanted:
            if name not in self.clones or not self.clones[name].runs:
                self._start_clone(name)
                self._wait_until_ready(self.clones[name])
        leaving = [name for name in self.clones if name not in wanted]
        for name in leaving:
            self._drain(name)
            self.clones.pop(name).stop()
        self._reload_balancer()

    def kill(self, name: str) -> None:
        """Kill a clone as a power cut would. Raises KeyError for an unknown one."""
        self.clones[name].kill()

    def status(self) -> list[dict[str, str]]:
        """One row for each server: name, what it is, address, whether it runs."""
        rows = [
            _row(name, "clone", clone.port, clone.runs)
            for name, clone in self.clones.items()
        ]
        rows.append(_row("postgres", "database", self.postgres.port, True))
        for kind, program in (
            ("balancer", self.balancer),
            ("worker", self.worker),
            ("cache", self.valkey),
            ("storage", self.s3.program if self.s3 else None),
        ):
            if program:
                rows.append(_row(program.name, kind, program.port, program.runs))
        return rows

    # --- steps -----------------------------------------------------------------

    def _start_backends(self) -> None:
        self.say("Starting PostgreSQL, Valkey and S3.")
        for part in ("valkey", "s3"):
            (self.folder / part).mkdir(exist_ok=True)
        self.valkey = valkey(self.folder / "valkey")
        self.s3 = seaweed(self.folder / "s3")
        self.valkey.start()
        self.s3.program.start()
        self.postgres.start()
        self.valkey.wait_until_up()
        self.s3.program.wait_until_up(30)
        self.s3.make_bucket(BUCKET)

    def _prepare(self) -> None:
        self.say("Preparing the database, the static files and the demo bakery.")
        self._manage("prepare", "--demo")

    def _start_clone(self, name: str) -> None:
        port = self.clones[name].port if name in self.clones else free_port()
        words = [
            sys.executable,
            *("-m", "gunicorn", "bakery.wsgi"),
            *("--chdir", str(settings.BASE_DIR)),
            *("--config", str(settings.BASE_DIR / "gunicorn.conf.py")),
            *("--bind", f"127.0.0.1:{port}"),
        ]
        clone = Program(
            name,
            words,
            port=port,
            log=self.folder / f"{name}.log",
            environment=self.environment(name),
        )
        clone.start()
        self.clones[name] = clone

    def _start_worker(self) -> None:
        self.worker = Program(
            "worker",
            [sys.executable, str(settings.BASE_DIR / "manage.py"), "work"],
            port=0,
            log=self.folder / "worker.log",
            environment=self.environment("worker"),
        )
        self.worker.start()

    def _start_balancer(self) -> None:
        path = self._write_configuration()
        log = self.folder / "balancer.log"
        self.balancer = haproxy(path, port=self.port, log=log)
        self.balancer.start()
        self.balancer.wait_until_up()

    def _reload_balancer(self) -> None:
        """HAProxy takes the new file and hands its sockets on: no request is lost."""
        self._write_configuration()
        self.balancer.process.send_signal(signal.SIGUSR2)
        time.sleep(0.3)

    def _write_configuration(self) -> Path:
        path = self.folder / "haproxy.cfg"
        draft = self.folder / "haproxy.cfg.new"
        clones = [
            Clone(name, f"127.0.0.1:{program.port}")
            for name, program in self.clones.items()
        ]
        slots = _whole("WEB_CONCURRENCY", 2) * _whole("WEB_THREADS", 4)
        draft.write_text(
            configuration(
                Balancer(
                    bind=f"127.0.0.1:{self.port}",
                    socket=self.socket,
                    clones=clones,
                    certificate=self.certificate,
                    balance=self.balance,
                    slots=slots,
                    basket_cookie="__Host-basket",
                )
            )
        )
        check_configuration(draft)
        draft.replace(path)
        return path

    def _drain(self, name: str) -> None:
        """No new request for the clone; wait until it has finished what it has."""
        tell(self.socket, f"set server clones/{name} state drain")
        until = time.monotonic() + DRAIN_SECONDS
        while time.monotonic() < until and self._requests_at(name):
            time.sleep(0.1)

    def _requests_at(self, name: str) -> int:
        table = tell(self.socket, "show stat clones 4 -1").splitlines()
        columns = table[0].lstrip("# ").split(",")
        for line in table[1:]:
            values = dict(zip(columns, line.split(","), strict=False))
            if values["svname"] == name:
                return int(values["scur"])
        return 0

    def _wait_until_ready(self, clone: Program, seconds: float = 30) -> None:
        clone.wait_until_up(seconds)
        request = urllib.request.Request(f"http://127.0.0.1:{clone.port}/ready")
        with urllib.request.urlopen(request, timeout=seconds) as answer:
            if answer.status != 200:
                raise DidNotStart(f"{clone.name} is not ready. {clone.last_words()}")

    def _manage(self, *words: str) -> None:
        answer = subprocess.run(
            [sys.executable, str(settings.BASE_DIR / "manage.py"), *words],
            check=False,
            env=self.environment("fleet"),
            capture_output=True,
            text=True,
        )
        if answer.returncode:
            raise DidNotStart(f"manage.py {words[0]} failed: {answer.stderr[-2000:]}")

    def environment(self, clone_id: str) -> dict[str, str]:
        """The variables of a process of this fleet: all of them but its own name."""
        return os.environ | {
            "DJANGO_SETTINGS_MODULE": "settings.prod",
            "DATABASE_URL": self.postgres.url,
            "CACHE_URL": f"redis://127.0.0.1:{self.valkey.port}/0",
            "STORAGE_URL": self.s3.url(BUCKET),
            "SECRET_KEY": self.secret_key,
            "SITE_URL": self.url,
            "ALLOWED_HOSTS": "127.0.0.1,localhost",
            "TRUSTED_PROXIES": "127.0.0.1",
            "FLEET": self.name,
            "CLONE_ID": clone_id,
            "WEB_CONCURRENCY": str(_whole("WEB_CONCURRENCY", 2)),
            "WEB_THREADS": str(_whole("WEB_THREADS", 4)),
        }


def _row(name: str, kind: str, port: int, runs: bool) -> dict[str, str]:
    return {
        "name": name,
        "kind": kind,
        "address": f"127.0.0.1:{port}" if port else "",
        "state": "runs" if runs else "dead",
    }


def _whole(name: str, default: int) -> int:
    return int(os.environ.get(name, default))
