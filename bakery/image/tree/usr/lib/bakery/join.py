"""First boot: fetch the newest release, install it, warm it up, and let it serve.

    python3 join.py NAME [ADDRESS OF RELEASES [ID DIGEST]]

Needs shared/environment and shared/fleet.toml. The newest release is in the fleet's
storage, and the release of the image knows how to fetch it from there; or at an https
address, where latest.json names the id, the lock and the archives' digests. From an
address that anybody on the way could answer for (http), only the release of this id is
taken, and only if its archive has this digest, which both came with the secrets. What
was fetched is held against its digest before anything is unpacked. If there is none, or
nothing answers, or it does not become ready, the release of the image serves.
"""

from __future__ import annotations

import hashlib
import http.client
import json
import os
import re
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

BASE = Path("/srv/bakery")
PROGRAM = Path("/usr/lib/bakery/host.pyz")
JOINED = BASE / "shared/joined"
JOINING = BASE / "var/joining"  # there until it is done: a boot that ended too soon
SECONDS = 20
FETCH_SECONDS = 600
TRIES = 5
PIECE = 1 << 20
READY_SECONDS = 300  # nobody waits for it, and an emulated machine is slow
WARM_SECONDS = 300
ROUNDS = 2  # through its pages: the first request of each is the slow one
EVERYWHERE = ("", "0.0.0.0", "::")  # nosec B104: compared with, nobody listens
RELEASE = re.compile(r"^[0-9a-f]{16}$")
AWAY = 4  # `manage.py shelf fetch`: the storage did not answer


def main(name: str, releases: str = "", *pinned: str) -> int:
    began = time.monotonic()
    JOINING.parent.mkdir(parents=True, exist_ok=True)
    JOINING.touch()
    do("configure", "--fleet", str(BASE / "shared/fleet.toml"), "--host", name)
    own = baked()
    fetched = from_address(releases, *pinned) if releases else from_storage(own)
    code = 1
    for release in dict.fromkeys(each for each in (fetched, own) if each):
        tell(f"{name} takes release {release}")
        code = serve(name, release)
        tell(f"that ended with {code} after {time.monotonic() - began:.1f} s")
        if not code:
            joined(name, release)
            break
    JOINING.unlink()
    return code


def serve(name: str, release: str) -> int:
    """Install and start it; shoppers come once it is warm. 0 if they may."""
    code = do("install", release) or do(
        "switch", release, "--stay-drained", "--ready", str(READY_SECONDS)
    )
    if code:
        return code
    warm_up(name, release)
    return do("ready")


def warm_up(name: str, release: str) -> None:
    """Ask its pages as shoppers will. One that is cold serves too, only slower."""
    folder = BASE / "releases" / release
    facts = key_values(BASE / "shared/host")
    bind = facts.get("BIND", "")
    address = "127.0.0.1" if bind in EVERYWHERE else bind
    where = f"[{address}]" if ":" in address else address
    words = ["--site", facts.get("SITE_URL", ""), "--warm", str(ROUNDS)]
    words.append(f"{name}=http://{where}:{facts.get('PORT', '')}")
    program = [str(folder / ".venv/bin/python"), "-B", "-m", "bakery.deploy.pages"]
    try:
        answer = subprocess.run(
            [*program, *words], cwd=folder, check=False, stdin=subprocess.DEVNULL,
            capture_output=True, text=True, timeout=WARM_SECONDS,
        )  # fmt: skip
    except (OSError, subprocess.TimeoutExpired) as error:
        tell(f"not warm: {error}")
        return
    tell(f"not warm: {answer.stderr.strip()}" if answer.returncode else "warm")


def key_values(path: Path) -> dict[str, str]:
    try:
        lines = path.read_text().splitlines()
    except OSError:
        return {}
    return dict(line.split("=", 1) for line in lines if "=" in line)


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


def from_address(releases: str, wanted: str = "", digest: str = "") -> str:
    """Fetch the newest release, or the one that is wanted, unless it is here.

    "" if there is none, or none that may be trusted.
    """
    if not digest and not releases.startswith("https://"):
        tell(
            f"no release from {releases}: anybody on the way could answer for it. "
            "Serve it by https, or name id and digest in the file `release`"
        )
        return ""
    try:
        facts = json.loads(read(f"{releases}/{wanted or 'latest'}.json"))
        release, lock = str(facts["id"]), str(facts["lock"])
        if not RELEASE.match(release) or not RELEASE.match(lock):
            raise ValueError("the note names no release")
        if digest and (release, facts["files"][f"{release}.tar.gz"]["sha256"]) != (
            wanted,
            digest,
        ):
            raise ValueError("that is not the release that is wanted")
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


class NotElsewhere(urllib.request.HTTPRedirectHandler):
    """Who asks by https is not sent to a place where anybody could answer."""

    def redirect_request(self, req, fp, code, msg, headers, newurl):  # noqa: PLR0913
        if req.type == "https" and not newurl.startswith("https://"):
            raise urllib.error.URLError(f"it leads to {newurl}, which is no https")
        return super().redirect_request(req, fp, code, msg, headers, newurl)


def opened(address: str) -> http.client.HTTPResponse:
    return urllib.request.build_opener(NotElsewhere).open(address, timeout=SECONDS)


def fetch(releases: str, name: str, digest: str) -> None:
    """Raises ValueError if it is not what latest.json says; then it is not here."""
    target = BASE / "incoming" / name
    draft = target.with_name(f".{name}.part")
    found = hashlib.sha256()
    try:
        with (
            opened(f"{releases}/{name}") as answer,
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
            with opened(address) as answer:
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
    there = (BASE / "releases").iterdir()
    found = [path for path in there if RELEASE.match(path.name)]  # and no half one
    newest = max(found, key=lambda path: path.stat().st_mtime, default=None)
    return newest.name if newest else ""


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
