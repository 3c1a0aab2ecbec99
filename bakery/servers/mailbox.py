"""A real mail server on this machine: delivers nothing, keeps what it is given."""

from __future__ import annotations

import signal
import sys
from pathlib import Path

from bakery.servers.ports import free_port
from bakery.servers.process import Program


def mailbox(folder: Path) -> Program:
    """An SMTP server on a free port; each mail is a file in new/ of the folder."""
    port = free_port()
    words = [
        *(sys.executable, "-m", "aiosmtpd", "--nosetuid"),
        *("--listen", f"127.0.0.1:{port}"),
        *("--class", "aiosmtpd.handlers.Mailbox", str(folder)),
    ]
    return Program(
        "mail",
        words,
        port=port,
        log=folder.with_suffix(".log"),
        stops_by=signal.SIGKILL,  # each mail is whole or not there
    )
