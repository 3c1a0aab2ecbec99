"""Measures the shop beside its floors: python -m tests.bench [--quick] [TOPIC ...]"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from tests.bench.row import Row
from tests.bench.stage import Stage
from tests.bench.table import plot, table
from tests.bench.topics import TOPICS


def main() -> None:
    asked = arguments()
    measured = {}
    for name, rows in measure(asked.topics or list(TOPICS), asked.quick):
        measured[name] = rows
        sys.stdout.write(table(name, rows) + "\n\n")
        sys.stdout.flush()
        if asked.json:  # anew with each topic: what is measured is not lost
            told = {
                name: [row.as_json() for row in measured[name]] for name in measured
            }
            Path(asked.json).write_text(json.dumps(told, indent=1) + "\n")
    sys.stdout.write(plot([row for rows in measured.values() for row in rows]) + "\n")


def measure(names: list[str], quick: bool) -> Iterator[tuple[str, list[Row]]]:
    """One topic after the other, on one stage."""
    folder = tempfile.TemporaryDirectory(prefix="bakery-bench-")
    with folder as path, Stage(Path(path), quick) as stage:
        for name in names:
            began = time.monotonic()
            yield name, TOPICS[name](stage)
            seconds, load = time.monotonic() - began, os.getloadavg()[0]
            sys.stderr.write(
                f"{name}: {seconds:.0f} s, load of the machine {load:.1f}\n"
            )


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument(
        "topics",
        nargs="*",
        choices=[*TOPICS, []],
        metavar="TOPIC",
        help=f"some of: {', '.join(TOPICS)} (default: all)",
    )
    parser.add_argument(
        "--quick", action="store_true", help="few requests and rounds: does it run?"
    )
    parser.add_argument("--json", metavar="FILE", help="write the rows there, too")
    return parser.parse_args()


if __name__ == "__main__":
    main()
