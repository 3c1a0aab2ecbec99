"""The shop's own gunicorn settings, without what it does for the shop."""

from __future__ import annotations

import gc
import runpy
from pathlib import Path

HOOKS = {"on_starting", "post_worker_init"}
SHOP = Path(__file__).resolve().parents[3] / "gunicorn.conf.py"

globals().update(
    {
        name: value
        for name, value in runpy.run_path(str(SHOP)).items()
        if not name.startswith("_") and name not in HOOKS
    }
)

# The shop's settings keep the collector away until the shop itself calls it back.
gc.enable()
