"""Tasks that the tests of the worker run."""

from __future__ import annotations

import os
import time
from pathlib import Path

from django_tasks import task


@task()
def note(path: str) -> None:
    """Add one line to a file: how often did this run?"""
    with Path(path).open("a") as file:
        file.write("ran\n")


@task()
def fail() -> None:
    raise ValueError("this oven is cold")


@task()
def hang_the_first_time(path: str) -> None:
    """Note the process; the first time stay in the oven until somebody kills it."""
    first = not Path(path).exists()
    with Path(path).open("a") as file:
        file.write(f"{os.getpid()}\n")
    if first:
        time.sleep(600)


@task()
def take_two_seconds(path: str) -> None:
    with Path(path).open("a") as file:
        file.write("began\n")
    time.sleep(2)
    with Path(path).open("a") as file:
        file.write("ended\n")
