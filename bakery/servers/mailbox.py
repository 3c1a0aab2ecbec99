"""A real mail server on this machine: delivers nothing, keeps what it is given."""

from __future__ import annotations

import signal
import sys
from pathlib import Path

from bakery.servers.ports import LOOPBACK, free_port
from bakery.servers.process import Program


def mailbox(folder: Path, address: str = LOOPBACK) -> Program:
    """An SMTP server on a free port; each mail is a file in new/ of the folder."""
    port = free_port(address)
    words = [
        *(sys.executable, "-m", "aiosmtpd", "--nosetuid"),
        *("--listen", f"{address}:{port}"),
        *("--class", "aiosmtpd.handlers.Mailbox", str(folder)),
    ]
    return Program(
        "mail",
        words,
        port=port,
        address=address,
        log=folder.with_suffix(".log"),
        stops_by=signal.SIGKILL,  # each mail is whole or not there
    )
