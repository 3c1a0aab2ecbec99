"""First boot: fetch the newest release, install it and let it serve.

    python3 join.py NAME [ADDRESS OF RELEASES]

Needs shared/environment and shared/fleet.toml. The newest release is in the fleet's
storage, and the release of the image knows how to fetch it from there; or at an
address, where latest.json names the id, the lock and the archives' digests. What was
fetched is held against its digest before anything is unpacked. If there is none, or
nothing answers, or it does not become ready, the release of the image serves.
"""

from __future__ import annotations

import hashlib
import http.client
import json
import os
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

BASE = Path("/srv/bakery")
PROGRAM = Path("/usr/lib/bakery/host.pyz")
JOINED = BASE / "shared/joined"
SECONDS = 20
FETCH_SECONDS = 600
TRIES = 5
PIECE = 1 << 20
READY_SECONDS = 300  # nobody waits for it, and an emulated machine is slow
AWAY = 4  # `manage.py shelf fetch`: the storage did not answer


def main(name: str, releases: str = "") -> int:
    began = time.monotonic()
    do("configure", "--fleet", str(BASE / "shared/fleet.toml"), "--host", name)
    own = baked()
    fetched = from_address(releases) if releases else from_storage(own)
    code = 1
    for release in dict.fromkeys(each for each in (fetched, own) if each):
        tell(f"{name} takes release {release}")
        code = do("install", release) or do(
            "switch", release, "--ready", str(READY_SECONDS)
        )
        tell(f"that ended with {code} after {time.monotonic() - began:.1f} s")
        if not code:
            joined(name, release)
            break
    return code


def joined(name: str, release: str) -> None:
    """Tell whoever sends shoppers, if the operator said how: shared/joined."""
    if not JOINED.exists():
        return
    facts = {"BAKERY_HOST": name, "BAKERY_RELEASE": release}
    try:
        answer = subprocess.run([str(JOINED)], check=False, env=os.environ | facts)
        tell(f"joined ended with {answer.returncode}")
    except OSError as error:
        tell(f"joined cannot be run: {error}")


def from_storage(own: str) -> str:
    """Fetch the latest release as the fleet's own hosts would. "" if there is none."""
    program = BASE / "releases" / own / "bakery/host/run/manage"
    command = [str(program), str(BASE), "shelf", "fetch", "--base", str(BASE)]
    for left in reversed(range(TRIES)):
        try:
            answer = subprocess.run(
                command, check=False, capture_output=True, text=True,
                timeout=FETCH_SECONDS,
            )  # fmt: skip
        except (OSError, subprocess.TimeoutExpired) as error:
            tell(f"no release from the storage: {error}")
            return ""
        if answer.returncode != AWAY or not left:
            break
        time.sleep(1)
    if answer.returncode:
        tell(f"no release from the storage: {answer.stderr.strip()[-1000:]}")
        return ""
    return answer.stdout.split()[-1]


def from_address(releases: str) -> str:
    """Fetch the newest release, unless it is here. "" if there is none."""
    try:
        facts = json.loads(read(f"{releases}/latest.json"))
        release, lock = str(facts["id"]), str(facts["lock"])
        if not (release + lock).isalnum():
            raise ValueError("latest.json names no release")
        for folder, part, name in (
            ("releases", release, f"{release}.tar.gz"),
            ("environments", lock, f"{lock}.tar"),
        ):
            if not (BASE / folder / part).exists():
                fetch(releases, name, str(facts["files"][name]["sha256"]))
    except (
        OSError,
        ValueError,
        KeyError,
        TypeError,
        http.client.HTTPException,
    ) as error:
        tell(f"no release from {releases}: {error!r}")
        return ""
    return release


def fetch(releases: str, name: str, digest: str) -> None:
    """Raises ValueError if it is not what latest.json says; then it is not here."""
    target = BASE / "incoming" / name
    draft = target.with_name(f".{name}.part")
    found = hashlib.sha256()
    try:
        with (
            urllib.request.urlopen(f"{releases}/{name}", timeout=SECONDS) as answer,
            draft.open("wb") as file,
        ):
            while piece := answer.read(PIECE):
                found.update(piece)
                file.write(piece)
        if found.hexdigest() != digest:
            raise ValueError(f"{name} is damaged")
        draft.replace(target)
    finally:
        draft.unlink(missing_ok=True)
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
