"""Decodes what somebody has sent, in a process of its own with little memory and time.

A picture is a program for its decoder. What it makes the decoder do stays in
shop/picture_child.py: 512 MB, seconds of computing, no settings, no secrets, and no
more than one such process for each of ours at a time.
"""

from __future__ import annotations

import json
import logging
import signal
import subprocess  # nosec B404
import sys
import tempfile
import threading
from pathlib import Path
from typing import IO, Any

from django.conf import settings

from shop.exceptions import PicturesBusy
from shop.picture_rules import (
    MOST_BYTES,
    NOT_ONE_OF_OURS,
    TOO_LARGE,
    TOO_MUCH_WORK,
    BadPicture,
    PictureFiles,
)

logger = logging.getLogger(__name__)

ROOT = Path(__file__).resolve().parent.parent
TURN_SECONDS = 1.0  # that somebody waits for it
WORKER_WAIT_SECONDS = 45  # nobody waits for the worker
OUT_OF_TIME = {-signal.SIGXCPU, -signal.SIGALRM, -signal.SIGKILL}

_turn = threading.BoundedSemaphore(1)


def decode(job: str, master: bytes) -> PictureFiles:
    """What shop/picture_files.py makes of a master: "upload", "square" or "formats".

    Changes nothing. Raises BadPicture; PicturesBusy if another picture is being
    decoded in this process, or this one has had no computing time.
    """
    if len(master) > MOST_BYTES:
        raise BadPicture(TOO_LARGE)
    if not master:
        raise BadPicture(NOT_ONE_OF_OURS)
    if not _turn.acquire(timeout=TURN_SECONDS):
        raise PicturesBusy
    try:
        with tempfile.TemporaryFile() as told:
            return _decode(job, master, told)
    except OSError as error:  # no room for a file, or for one more process
        logger.exception("no process to decode a picture in")
        raise PicturesBusy from error
    finally:
        _turn.release()


def _decode(job: str, master: bytes, told: IO[bytes]) -> PictureFiles:
    """A file takes the answer, since the kernel can limit how long that may get."""
    try:
        child = subprocess.run(  # nosec B603
            [sys.executable, "-s", "-m", "shop.picture_child", job],
            input=master,
            stdout=told,
            stderr=subprocess.DEVNULL,
            cwd=ROOT,
            env={},  # the picture shall not find any of our secrets
            timeout=_patience(job),
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        logger.warning("picture not decoded in time: job=%s bytes=%s", job, len(master))
        raise PicturesBusy from error
    if child.returncode in OUT_OF_TIME:
        raise BadPicture(TOO_MUCH_WORK)
    if child.returncode:
        logger.warning("picture decoder failed: job=%s code=%s", job, child.returncode)
        raise BadPicture(NOT_ONE_OF_OURS)
    told.seek(0)
    return read_answer(told)


def _patience(job: str) -> float:
    return WORKER_WAIT_SECONDS if job == "formats" else settings.PICTURE_WAIT_SECONDS


def read_answer(told: IO[bytes]) -> PictureFiles:
    """What the child has told. Raises BadPicture if that is a problem, or nonsense."""
    try:
        facts = json.loads(told.readline())
        if "problem" not in facts:
            return _files_of(facts, told)
    except (ValueError, KeyError, TypeError) as error:
        logger.warning("picture decoder told nonsense")
        raise BadPicture(NOT_ONE_OF_OURS) from error
    raise BadPicture(facts["problem"])


def _files_of(facts: dict[str, Any], told: IO[bytes]) -> PictureFiles:
    files = {
        (width, ending): told.read(length) for width, ending, length in facts["files"]
    }
    clean = told.read(facts["clean"])
    return PictureFiles(facts["width"], facts["height"], facts["colour"], files, clean)
