"""First boot: fetch the newest release, install it and let it serve.

    python3 join.py NAME [ADDRESS OF RELEASES]

Needs shared/environment and shared/fleet.toml. Whatever the fleet's releases are kept
in, it serves them as files: latest.json with the id, the lock and the archives' names.
Without an address, or when nothing answers there, the release of the image serves.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

BASE = Path("/srv/bakery")
PROGRAM = Path("/usr/lib/bakery/host.pyz")
SECONDS = 20
TRIES = 5
READY_SECONDS = 300  # nobody waits for it, and an emulated machine is slow


def main(name: str, releases: str = "") -> int:
    began = time.monotonic()
    release = newest(releases) if releases else ""
    release = release or baked()
    tell(f"{name} takes release {release}")
    file = BASE / "shared/fleet.toml"
    do("configure", "--fleet", str(file), "--host", name)
    do("install", release)
    code = do("switch", release, "--ready", str(READY_SECONDS))
    tell(f"switch ended with {code} after {time.monotonic() - began:.1f} s")
    return code


def newest(releases: str) -> str:
    """Fetch it, unless it is here. "" when nothing answers."""
    try:
        facts = json.loads(read(f"{releases}/latest.json"))
        release, lock = str(facts["id"]), str(facts["lock"])
        if not (release + lock).isalnum():
            raise ValueError("latest.json names no release")
        if not (BASE / "releases" / release).exists():
            fetch(releases, f"{release}.tar.gz")
        if not (BASE / "environments" / lock).exists():
            fetch(releases, f"{lock}.tar")
    except (OSError, ValueError, KeyError) as error:
        tell(f"no release from {releases}: {error}")
        return ""
    return release


def fetch(releases: str, name: str) -> None:
    target = BASE / "incoming" / name
    draft = target.with_suffix(".part")
    address = f"{releases}/{name}"
    with (
        urllib.request.urlopen(address, timeout=SECONDS) as answer,
        draft.open("wb") as file,
    ):
        shutil.copyfileobj(answer, file)
    draft.replace(target)
    tell(f"fetched {name}")


def read(address: str) -> bytes:
    """Tried more than once: a network may come up after the clone."""
    for left in reversed(range(TRIES)):
        try:
            with urllib.request.urlopen(address, timeout=SECONDS) as answer:
                return answer.read()
        except urllib.error.HTTPError:
            raise
        except OSError:
            if not left:
                raise
            time.sleep(0.5)
    raise AssertionError("there is a last try")


def baked() -> str:
    """The release that the image was made with, or was installed last."""
    found = sorted((BASE / "releases").iterdir(), key=lambda path: path.stat().st_mtime)
    return found[-1].name if found else ""


def do(*words: str) -> int:
    command = [sys.executable, str(PROGRAM), *words, "--base", str(BASE)]
    return subprocess.run(
        command,
        check=False,
        env=os.environ | {"SVDIR": str(BASE / "service")},
    ).returncode


def tell(words: str) -> None:
    sys.stdout.write(f"{time.strftime('%Y-%m-%dT%H:%M:%SZ', time.gmtime())} {words}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
