"""A child process that does not outlive its supervisor."""

from __future__ import annotations

import ctypes
import os
import signal
import sys

SUPERVISOR = "BAKERY_SUPERVISOR"  # its process number, in the child's environment
PR_SET_PDEATHSIG = 1  # from linux/prctl.h


def stop_with_supervisor() -> None:
    """Have this process stopped (SIGTERM) by the kernel when its supervisor dies.

    For a supervisor that is killed outright and cannot stop anything itself. Without
    a supervisor, and on systems other than Linux, it does nothing.
    """
    if SUPERVISOR not in os.environ or not sys.platform.startswith("linux"):
        return
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
    if os.getppid() != int(os.environ[SUPERVISOR]):
        os.kill(os.getpid(), signal.SIGTERM)  # it died before we could ask
