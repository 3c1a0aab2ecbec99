"""Real processes of the shop for tests: own folder, own SQLite, own port."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable
from pathlib import Path

import psutil

from bakery.jobs.parent import SUPERVISOR
from bakery.servers.ports import free_port

ROOT = Path(__file__).resolve().parent.parent


def wait_until(true: Callable[[], object], seconds: float = 20) -> bool:
    """Whether it became true in time. For what happens in other processes only."""
    deadline = time.monotonic() + seconds
    while not true():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True


class Machine:
    """One machine with the shop on it, and the processes started there."""

    def __init__(self, folder: Path, settings: str = "settings.prod") -> None:
        self.folder = folder
        self.port = free_port()
        self.processes: list[subprocess.Popen] = []
        self.environment = os.environ | {
            "VAR_DIR": str(folder),
            "DATABASE_URL": f"sqlite:///{folder / 'bakery.sqlite3'}",
            "DJANGO_SETTINGS_MODULE": settings,
            "PORT": str(self.port),
            "WEB_CONCURRENCY": "2",
            "SECRET_KEY": "tests only: " + "0123456789 abcdef" * 4,
        }

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def log(self) -> str:
        return (self.folder / "log").read_text()

    def manage(self, *words: str, check: bool = True) -> subprocess.CompletedProcess:
        """Run one of the shop's commands to its end."""
        answer = subprocess.run(
            [sys.executable, "manage.py", *words],
            cwd=ROOT,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        assert not check or answer.returncode == 0, answer.stdout + answer.stderr
        return answer

    def start(self, *words: str) -> subprocess.Popen:
        """Start one that runs until it is stopped; its words go to `log`."""
        with (self.folder / "log").open("ab") as log:
            process = subprocess.Popen(
                [sys.executable, "manage.py", *words],
                cwd=ROOT,
                # It ends with this test run, even if that is killed.
                env=self.environment | {SUPERVISOR: str(os.getpid())},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
        self.processes.append(process)
        return process

    def answers(self, path: str = "/up") -> bool:
        try:
            with urllib.request.urlopen(self.url + path, timeout=2) as answer:
                return answer.status == 200
        except OSError:
            return False

    def clean_up(self) -> None:
        """Stop what still runs, with everything it started."""
        for process in self.processes:
            family = family_of(process)
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(15)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
            for member in family:
                if member.is_running():
                    member.kill()


def family_of(process: subprocess.Popen) -> list[psutil.Process]:
    """Everything the process has started, and what that has started."""
    try:
        return psutil.Process(process.pid).children(recursive=True)
    except psutil.NoSuchProcess:
        return []


def gone(family: list[psutil.Process]) -> bool:
    return not any(
        member.is_running() and member.status() != psutil.STATUS_ZOMBIE
        for member in family
    )


def copy_database(source: Path, folder: Path) -> None:
    shutil.copy(source, folder / "bakery.sqlite3")
