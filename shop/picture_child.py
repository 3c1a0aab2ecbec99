"""A process that decodes one picture and ends: `python -m shop.picture_child JOB`.

The picture comes by stdin, the files leave by stdout: a line of JSON that says what
they are, then their bytes. Whatever a hostile picture does, it does it here, without
settings, secrets or database, and within limits that the kernel keeps.
"""

from __future__ import annotations

import json
import resource
import signal
import sys

from shop.picture_rules import TOO_MUCH_WORK, BadPicture, PictureFiles

MEMORY = 512 * 1024 * 1024
# Seconds of computing for each job.
JOBS = {"upload": 4, "square": 4, "formats": 20}
# And by the clock, should whoever started it be gone.
LONGEST_LIFE = 60
MOST_WRITTEN = 32 * 1024 * 1024


def main(job: str) -> None:
    _limit(JOBS[job])
    # Only now, so that the limits hold for all of Pillow.
    from shop import picture_files

    make = {
        "upload": picture_files.make_first_files,
        "square": picture_files.make_squares,
        "formats": picture_files.make_later_files,
    }[job]
    try:
        _tell(make(sys.stdin.buffer.read()))
    except BadPicture as problem:
        _tell_problem(str(problem))
    except MemoryError:
        _tell_problem(TOO_MUCH_WORK)


def _limit(seconds: int) -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
    resource.setrlimit(resource.RLIMIT_FSIZE, (MOST_WRITTEN, MOST_WRITTEN))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    signal.alarm(LONGEST_LIFE)


def _tell(made: PictureFiles) -> None:
    names = [[width, ending, len(made.files[width, ending])]
             for width, ending in made.files]  # fmt: skip
    facts = {"width": made.width, "height": made.height, "colour": made.colour}
    _write(facts | {"files": names, "clean": len(made.clean)})
    for content in [*made.files.values(), made.clean]:
        sys.stdout.buffer.write(content)


def _tell_problem(sentence: str) -> None:
    _write({"problem": sentence})


def _write(facts: dict[str, object]) -> None:
    sys.stdout.buffer.write(json.dumps(facts).encode() + b"\n")


if __name__ == "__main__":
    main(sys.argv[1])
