"""One host in a folder: the agent as a program, runit as the supervisor."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import IO, Any

import psutil

from bakery.servers.ports import free_port
from tests.bakery.host.small import SmallRelease
from tests.processes import ROOT, gone, wait_until

FLEET = """\
name = "try"
site_url = "http://shop.example"
path = "{base}"
supervisor = "runit"

[hosts.app1]
address = "127.0.0.1"
roles = [{roles}]
port = {port}
bind = "127.0.0.1"
"""
QUICK = ("--settle", "0.1", "--ready", "8")


class Host:
    """A base folder, and what is run in it."""

    def __init__(self, folder: Path) -> None:
        self.base = folder / "srv"
        self.port = free_port()
        self.processes: list[subprocess.Popen] = []
        self.answers: list[tuple[int, str, str]] = []

    def agent(
        self, *words: str, stdout: int | IO[str] = subprocess.PIPE
    ) -> subprocess.Popen:
        process = subprocess.Popen(
            [sys.executable, "-B", "-m", "bakery.host", *words, "--base", self.base],
            cwd=ROOT,
            env={"PATH": os.environ["PATH"]},
            stdin=subprocess.PIPE,
            stdout=stdout,
            stderr=subprocess.PIPE,
            text=True,
        )
        self.processes.append(process)
        return process

    def run(self, *words: str, stdin: str = "") -> tuple[int, list[dict[str, Any]]]:
        """The exit status and the lines of the answer."""
        process = self.agent(*words)
        out, err = process.communicate(stdin, timeout=120)
        assert not err, err
        return process.returncode, [json.loads(line) for line in out.splitlines()]

    def set_up(
        self, *releases: SmallRelease, roles: str = '"web", "work"', more: str = ""
    ) -> None:
        """Configured, with those releases installed and runit watching."""
        self.write_environment("GREETING=good morning\n")
        assert self.configure(roles, more=more)[0] == 0
        for release in releases:
            release.bring_to(self.base)
            assert self.run("install", release.id)[0] == 0
        self.start_runit()

    def write_environment(self, text: str) -> Path:
        path = self.base / "shared/environment"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600)
        path.write_text(text)
        return path

    def configure(
        self, roles: str = '"web", "work"', name: str = "app1", more: str = ""
    ):
        """By a fleet file in which this is the only host; `more` are lines about it."""
        text = FLEET.format(base=self.base, port=self.port, roles=roles) + more
        return self.run("configure", "--fleet", "-", "--host", name, stdin=text)

    def start_runit(self) -> None:
        watcher = shutil.which("runsvdir")
        words = [watcher, "-P", self.base / "service"]
        self.processes.append(subprocess.Popen(words, stderr=subprocess.DEVNULL))

    def cut_the_power(self) -> None:
        """Everything ends where it is."""
        while left := self.still_there():
            for process in left:
                with contextlib.suppress(psutil.NoSuchProcess):
                    process.kill()
            psutil.wait_procs(left, 5)

    def begin_slow_request(self) -> None:
        """One that ends with `enough`; its answer is in .answers then."""
        self.base.joinpath("var/enough").unlink(missing_ok=True)
        self.asked = threading.Thread(target=self._ask_slowly)
        self.asked.start()
        assert wait_until(lambda: "flight 1" in self.get("/metrics")[2])

    def _ask_slowly(self) -> None:
        self.answers.append(self.get("/slow"))

    def enough(self) -> None:
        self.base.joinpath("var/enough").touch()

    def switch(self, release: SmallRelease, *words: str):
        return self.run("switch", release.id, *QUICK, *words)

    @property
    def state(self) -> dict[str, Any]:
        return self.run("state")[1][0]

    @property
    def holds_nothing(self) -> bool:
        """No release, and nothing left of one."""
        return not self.state["releases"] and not list(
            self.base.joinpath("releases").iterdir()
        )

    def get(self, path: str) -> tuple[int, str, str]:
        """Status, release and body; 0 if nobody answers."""
        try:
            url = f"http://127.0.0.1:{self.port}{path}"
            with urllib.request.urlopen(url, timeout=60) as answer:
                return (
                    answer.status,
                    answer.headers["X-Release"],
                    answer.read().decode(),
                )
        except urllib.error.HTTPError as error:
            return error.code, error.headers["X-Release"], error.read().decode()
        except OSError:
            return 0, "", ""

    def serves(self, release: SmallRelease) -> bool:
        return self.get("/ready")[:2] == (200, release.id)

    def clean_up(self) -> None:
        """Stop everything that still runs here, and see that nothing does."""
        for process in self.processes:
            if process.poll() is None:
                # runsvdir takes HUP for "and all that you have started".
                process.send_signal(signal.SIGHUP)
            for pipe in (process.stdin, process.stdout, process.stderr):
                if pipe:
                    pipe.close()
        until = time.monotonic() + 10
        while self.still_there() and time.monotonic() < until:
            time.sleep(0.05)
        for process in self.still_there():
            process.kill()
        for process in self.processes:
            process.kill()
            process.wait()
        assert wait_until(lambda: gone(self.still_there()))

    def running(self, word: str) -> list[psutil.Process]:
        """Those of this host with that word in their command line."""
        return [p for p in self.still_there() if word in (p.info["cmdline"] or [])]

    def still_there(self) -> list[psutil.Process]:
        """Whatever names this host's folder, or runs in it."""
        own = str(self.base)
        found = []
        for process in psutil.process_iter(["cmdline", "cwd"]):
            words = [*(process.info["cmdline"] or []), process.info["cwd"] or ""]
            if any(own in word for word in words):
                found.append(process)
        return found
