"""A whole fleet on this machine: balancer, clones, worker, and what they all share.

Real servers from their wheels, on free ports, for development, for tests and for
proofs. Everything lives in one folder and ends with the process that started it.
"""

from __future__ import annotations

import fcntl
import os
import re
import secrets
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import IO

from django.conf import settings

from bakery.fleet.backends import Backends
from bakery.fleet.balancer import Balancer, Clone, configuration
from bakery.fleet.certificate import make_certificate
from bakery.fleet.plan import Plan
from bakery.servers.haproxy import check_configuration, haproxy, tell
from bakery.servers.ports import free_port
from bakery.servers.process import DidNotStart, Program, die_with_parent
from bakery.servers.starting import started, wait_until_up
from basket.tokens import signing_key

DRAIN_SECONDS = 10
RELOAD_SECONDS = 10
LOG_IN = re.compile(
    r"^Log in as (\S+) password (\S+) second factor (\S+)$", re.MULTILINE
)


class LocalFleet:
    """Starts the servers in the order they need each other, and stops them all.

    For the main thread: a server ends with the thread that started it.
    """

    def __init__(
        self,
        folder: Path,
        plan: Plan | None = None,
        *,
        say: Callable[[str], None] = lambda sentence: None,
    ) -> None:
        self.folder = folder.resolve()
        self.plan = plan or Plan()
        self.port = self.plan.port or free_port()
        self.say = say
        self.secret_key = secrets.token_urlsafe(64)
        self.clones: dict[str, Program] = {}
        self.backends: Backends | None = None
        self.worker: Program | None = None
        self.balancer: Program | None = None
        # The demo staff's passwords and keys for one-time codes, made for this fleet.
        self.log_ins: dict[str, tuple[str, str]] = {}
        self._lock: IO[str] | None = None

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
        demand_free_port(self.port)
        self.folder.mkdir(parents=True, exist_ok=True)
        self._lock = lock(self.folder)
        make_certificate(self.certificate)
        self.say("Starting PostgreSQL, Valkey, S3 and a mail server.")
        self.backends = Backends(self.folder)
        self.backends.start()
        self._prepare()
        self._start_clones([f"clone-{number}" for number in range(1, clones + 1)])
        self._start_worker()
        self._start_balancer()

    def down(self) -> None:
        """Stop everything, the balancer first. Safe to call at any time, and twice."""
        if self.balancer:
            self.balancer.stop()
        asked = [*self.clones.values(), *([self.worker] if self.worker else [])]
        for program in asked:
            program.ask_to_stop()
        for program in asked:
            program.stop()
        if self.backends:
            self.backends.stop()
        if self._lock:
            self._lock.close()

    # --- clones ----------------------------------------------------------------

    def scale(self, number: int) -> None:
        """Have so many clones: start those missing or dead, drain those too many.

        No request is lost: a new clone gets its first one when it is ready, and one
        that goes has finished what it had. Raises ValueError for less than one.
        """
        if number < 1:
            raise ValueError("A fleet needs at least one clone.")
        wanted = [f"clone-{index}" for index in range(1, number + 1)]
        running = [name for name, clone in self.clones.items() if clone.runs]
        self._start_clones([name for name in wanted if name not in running])
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
            (name, "clone", clone.port, clone.runs)
            for name, clone in self.clones.items()
        ]
        if self.backends:
            postgres, valkey = self.backends.postgres, self.backends.valkey
            s3 = self.backends.s3.program
            rows += [
                ("postgres", "database", postgres.port, postgres.runs),
                ("valkey", "cache", valkey.port, valkey.runs),
                ("s3", "storage", s3.port, s3.runs),
                ("mail", "mails", self.backends.mail.port, self.backends.mail.runs),
            ]
        for program, kind in ((self.worker, "tasks"), (self.balancer, "balancer")):
            if program:
                rows.append((program.name, kind, program.port, program.runs))
        return [_row(*row) for row in rows]

    # --- steps -----------------------------------------------------------------

    def _prepare(self) -> None:
        self.say("Preparing the database, the static files and the demo bakery.")
        words = [] if self.plan.pictures else ["--no-pictures"]
        told = self.manage("prepare", "--demo", *words)
        self.log_ins = {
            email: (password, key) for email, password, key in LOG_IN.findall(told)
        }

    def _start_clones(self, names: list[str]) -> None:
        if names:
            self.say(f"Starting {', '.join(names)}.")
        for name in names:
            self.start_clone(name)
        for name in names:
            make = partial(self._clone, name, 0)
            self.clones[name] = wait_until_up(self.clones[name], make)
            _demand_ready(self.clones[name])

    def start_clone(self, name: str) -> None:
        """Start it without waiting; one that was there comes back at its address."""
        port = self.clones[name].port if name in self.clones else 0
        self.clones[name] = started(partial(self._clone, name, port))

    def _clone(self, name: str, port: int) -> Program:
        port = port or free_port()
        words = [
            sys.executable,
            *("-m", "gunicorn", "bakery.wsgi"),
            *("--chdir", str(settings.BASE_DIR)),
            *("--config", str(settings.BASE_DIR / "gunicorn.conf.py")),
            *("--bind", f"127.0.0.1:{port}"),
        ]
        return Program(
            name,
            words,
            port=port,
            log=self.folder / f"{name}.log",
            environment=self.environment(name),
        )

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
        before = self._balancer_process()
        self.balancer.process.send_signal(signal.SIGUSR2)
        until = time.monotonic() + RELOAD_SECONDS
        while self._balancer_process() == before:
            if time.monotonic() > until:
                raise DidNotStart(f"HAProxy goes on. {self.balancer.last_words()}")
            time.sleep(0.02)

    def _balancer_process(self) -> str:
        """Which of HAProxy's processes answers; "" while one hands over to the next."""
        try:
            facts = tell(self.socket, "show info").splitlines()
        except OSError:
            return ""
        return next((fact for fact in facts if fact.startswith("Pid:")), "")

    def _write_configuration(self) -> Path:
        path = self.folder / "haproxy.cfg"
        draft = self.folder / "haproxy.cfg.new"
        draft.touch(mode=0o600)  # it holds the key of the basket cookie
        draft.write_text(configuration(self._wanted_balancer()))
        check_configuration(draft)
        draft.replace(path)
        return path

    def _wanted_balancer(self) -> Balancer:
        return Balancer(
            bind=f"127.0.0.1:{self.port}",
            socket=self.socket,
            clones=[
                Clone(name, f"127.0.0.1:{program.port}")
                for name, program in self.clones.items()
            ],
            basket_key=signing_key(self.secret_key),
            certificate=self.certificate,
            balance=self.plan.balance,
            slots=self.plan.workers * self.plan.threads,
            requests_per_10s=self.plan.requests_per_10s,
            basket_cookie="__Host-basket",
            steerable=self.plan.steerable,
        )

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

    def manage(self, *words: str) -> str:
        """Run one of the shop's commands as a member of the fleet; what it says."""
        answer = subprocess.run(
            [sys.executable, str(settings.BASE_DIR / "manage.py"), *words],
            check=False,
            env=self.environment("fleet"),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            preexec_fn=die_with_parent,
        )
        if answer.returncode:
            raise DidNotStart(f"manage.py {words[0]} failed: {answer.stderr[-2000:]}")
        return answer.stdout

    def environment(self, clone_id: str) -> dict[str, str]:
        """The variables of a process of this fleet: all of them but its own name."""
        return (
            os.environ
            | self.backends.environment
            | {
                "DJANGO_SETTINGS_MODULE": "settings.prod",
                "VAR_DIR": str(self.folder),
                "SECRET_KEY": self.secret_key,
                "SITE_URL": self.url,
                "ALLOWED_HOSTS": "127.0.0.1,localhost",
                "TRUSTED_PROXIES": "127.0.0.1",
                "FLEET": self.plan.name,
                "CLONE_ID": clone_id,
                "WEB_CONCURRENCY": str(self.plan.workers),
                "WEB_THREADS": str(self.plan.threads),
            }
        )


def demand_free_port(port: int) -> None:
    """Raises DidNotStart with a way out when another program has the port."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            raise DidNotStart(
                f"Port {port} is taken by another program, or may not be used. Choose "
                f"another one: manage.py fleet up --port {port + 1}"
            ) from error


def lock(folder: Path) -> IO[str]:
    """Held until it is closed, or its process dies. Raises DidNotStart if taken."""
    held = (folder / "fleet.lock").open("w")
    try:
        fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        held.close()
        raise DidNotStart(
            f"A fleet runs in {folder} already: `manage.py fleet status` shows it, "
            "`manage.py fleet down` ends it."
        ) from error
    return held


def _demand_ready(clone: Program, seconds: float = 30) -> None:
    try:
        url = f"http://127.0.0.1:{clone.port}/ready"
        with urllib.request.urlopen(url, timeout=seconds):
            return
    except urllib.error.HTTPError as error:
        words = error.read().decode(errors="replace")[:500]
        raise DidNotStart(
            f"{clone.name} is not ready: {words} {clone.last_words()}"
        ) from error


def _row(name: str, kind: str, port: int, runs: bool) -> dict[str, str]:
    return {
        "name": name,
        "kind": kind,
        "address": f"127.0.0.1:{port}" if port else "",
        "state": "runs" if runs else "dead",
    }
