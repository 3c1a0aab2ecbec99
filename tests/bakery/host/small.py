"""Small releases for hosts: real archives, a real wheel, a server of twenty lines.

They have the layout of a release of the shop and its start scripts; what runs in them
starts within a moment and does what its release was made for.
"""

from __future__ import annotations

import base64
import hashlib
import json
import shutil
import sysconfig
import zipfile
from pathlib import Path

from bakery.host.content import content_id, files_of, lock_id
from bakery.release.archive import write_archive, write_plain_archive
from bakery.release.wheels import PYTHON
from tests.processes import ROOT

LOAF = "loaf-1.0-py3-none-any.whl"
OURS = ("environment", "web", "work")

# What the shop does too: the drain file, the release's name, requests in flight.
SERVER = """
import http.server, json, loaf, os, sys, threading, time
release = json.load(open("release.json"))["id"]
kind = open("kind").read()
flag = os.path.join(os.environ["VAR_DIR"], "drain." + os.environ["CLONE_ID"])
enough = os.path.join(os.environ["VAR_DIR"], "enough")
busy, lock = [], threading.Lock()
if kind == "does not boot":
    sys.exit("the oven is cold")
try:
    kept = float(open(flag).read() or 0) > time.time()
except FileNotFoundError:
    kept = True
if not kept:
    os.unlink(flag)

class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    def log_message(self, *words): pass
    def do_GET(self):
        status, body = 200, "up"
        if self.path == "/ready":
            word = "draining" if os.path.exists(flag) else "ready"
            if kind == "never ready": word = "starting"
            status = 200 if word == "ready" else 503
            body = json.dumps({"status": word, "release": release})
        if self.path == "/metrics":
            body = "bakery_requests_in_flight %.1f\\n" % len(busy)
        if self.path.startswith("/slow"):
            with lock: busy.append(1)
            until = time.time() + 60
            while not os.path.exists(enough) and time.time() < until: time.sleep(0.05)
            with lock: busy.pop()
            body = "slowly " + release
        self.send_response(status)
        self.send_header("X-Release", release)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body.encode())

address = (os.environ["BIND"], int(os.environ["PORT"]))
http.server.ThreadingHTTPServer(address, Handler).serve_forever()
"""
WORKER = "import loaf, time\nwhile True: time.sleep(1)\n"


class SmallRelease:
    """An archive in a folder, beside the archive of its wheels."""

    def __init__(self, folder: Path, kind: str, *, wheel: bytes = b"") -> None:
        tree = folder / f"tree-{kind.replace(' ', '-')}"
        wheels = folder / "wheels"
        content = wheel or loaf()
        self._write_tree(tree, kind)
        self.id = content_id(tree)
        facts = {"id": self.id, "lock": self.lock, "python": PYTHON}
        tree.joinpath("release.json").write_text(json.dumps(facts))
        self.archive = folder / f"{self.id}.tar.gz"
        write_archive(self.archive, tree, [tree / "release.json", *files_of(tree)], 0)
        wheels.mkdir(exist_ok=True)
        wheels.joinpath(LOAF).write_bytes(content)
        shutil.copy(pip_wheel(), wheels)
        self.wheels = folder / f"{self.lock}.tar"
        write_plain_archive(self.wheels, wheels)

    def _write_tree(self, tree: Path, kind: str) -> None:
        run = tree / "bakery/host/run"
        run.mkdir(parents=True)
        for name in OURS:
            text = ROOT.joinpath("bakery/host/run", name).read_text()
            text = text.replace(
                "-m gunicorn bakery.wsgi --config gunicorn.conf.py", "server.py"
            )
            run.joinpath(name).write_text(text.replace("manage.py work", "worker.py"))
            run.joinpath(name).chmod(0o644 if name == "environment" else 0o755)
        tree.joinpath("server.py").write_text(SERVER)
        tree.joinpath("worker.py").write_text(WORKER)
        tree.joinpath("kind").write_text(kind)
        pip = pip_wheel()
        version = pip.name.split("-")[1]
        requirements = (
            f"loaf==1.0 --hash=sha256:{_hash(loaf())}\n"
            f"pip=={version} \\\n    --hash=sha256:{_hash(pip.read_bytes())}\n"
        )
        tree.joinpath("requirements.txt").write_text(requirements)
        self.lock = lock_id(requirements.encode(), PYTHON)

    def bring_to(self, base: Path) -> None:
        incoming = base / "incoming"
        incoming.mkdir(parents=True, exist_ok=True)
        shutil.copy(self.archive, incoming)
        shutil.copy(self.wheels, incoming)


def loaf() -> bytes:
    """A wheel of one module, the same bytes each time."""
    import io

    metadata = b"Metadata-Version: 2.1\nName: loaf\nVersion: 1.0\n"
    files = {
        "loaf.py": b"crust = True\n",
        "loaf-1.0.dist-info/METADATA": metadata,
        "loaf-1.0.dist-info/WHEEL": b"Wheel-Version: 1.0\nGenerator: tests\n"
        b"Root-Is-Purelib: true\nTag: py3-none-any\n",
    }
    record = "loaf-1.0.dist-info/RECORD"
    lines = [
        f"{name},{_digest(content)},{len(content)}" for name, content in files.items()
    ]
    files[record] = "\n".join([*lines, f"{record},,", ""]).encode()
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w") as wheel:
        for name, content in files.items():
            wheel.writestr(zipfile.ZipInfo(name), content)
    return written.getvalue()


def pip_wheel() -> Path:
    """The one that Python brings along for new environments."""
    import ensurepip

    places = [Path(ensurepip.__file__).parent / "_bundled"]
    if folder := sysconfig.get_config_var("WHEEL_PKG_DIR"):
        places.append(Path(folder))
    [found, *_] = [wheel for place in places for wheel in place.glob("pip-*.whl")]
    return found


def _hash(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _digest(content: bytes) -> str:
    digest = hashlib.sha256(content).digest()
    return "sha256=" + base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
