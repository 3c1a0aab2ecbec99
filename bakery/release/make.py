"""Makes a release: immutable, and named after what is in it."""

from __future__ import annotations

import fcntl
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from django.conf import settings

from bakery.host.content import (
    FACTS,
    STATIC,
    compressed_forms,
    content_id,
    files_of,
    lock_id,
)
from bakery.host.disk import remove, write_whole
from bakery.release.archive import write_archive, write_host_program
from bakery.release.contents import sources
from bakery.release.environment import demand_locked
from bakery.release.shelf import digest_in
from bakery.release.store import LOCK, Release, archive_of, noted, read_releases
from bakery.release.wheels import MAKING, PYTHON, make_wheelhouse

Say = Callable[[str], object]
DRAFT = re.compile(r"^\.[0-9a-f]{16}\.(json|pyz|tar|tar\.gz)(\.|$)")


class NotMade(Exception):
    """The release cannot be made; the message says why."""


def make_release(
    into: Path, *, source: Path | None = None, say: Say = lambda words: None
) -> Release:
    """Make a release of the source tree (default: this one), or find the one made.

    Repeatable; several at once wait for each other. Raises NotMade, NotForARelease,
    NotLocked and NoWheels; then there is no new release.
    """
    source = source or Path(settings.BASE_DIR)
    into.mkdir(parents=True, exist_ok=True)
    with into.joinpath(LOCK).open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        _clean(into)
        with tempfile.TemporaryDirectory(prefix=MAKING, dir=into) as folder:
            draft = Path(folder, "release")
            _copy(source, draft)
            made = content_id(draft)
            known = [r for r in read_releases(into) if r.sources == made]
            sound = next((release for release in known if release.is_sound), None)
            return sound or _make(draft, made, into, say)


def _clean(into: Path) -> None:
    """Take away what was left by one that was killed, and nothing of anybody else."""
    for left in into.glob(".*"):
        if left.name.startswith(MAKING) or DRAFT.match(left.name):
            remove(left)


def _copy(source: Path, draft: Path) -> None:
    for path in sources(source):
        target = draft / path.relative_to(source)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, target)
        target.chmod(0o755 if path.stat().st_mode & 0o100 else 0o644)


def _make(draft: Path, made_of: str, into: Path, say: Say) -> Release:
    requirements = draft / "requirements.txt"
    demand_locked(requirements.read_text())
    lock = lock_id(requirements.read_bytes(), PYTHON)
    if not _has_wheels(into, lock):
        say("Fetching the packages of requirements.txt ...")
        make_wheelhouse(requirements, into / f"{lock}.tar")
    say("Gathering the static files ...")
    migrations = _inside(draft)
    name = content_id(draft)
    release = Release(
        id=name,
        path=into / f"{name}.tar.gz",
        lock=lock,
        made_at=_now(),
        python=PYTHON,
        migrations=tuple(migrations),
        sources=made_of,
        compressed=compressed_forms(draft),
    )
    return _write(release, draft)


def _has_wheels(into: Path, lock: str) -> bool:
    """Are they there, and still what they were for the releases that need them?"""
    path = into / f"{lock}.tar"
    needed_by = [release for release in noted(into) if release.lock == lock]
    known = {release.archives[path.name].sha256 for release in needed_by}
    return path.exists() and (not known or digest_in(path) in known)


def _inside(draft: Path) -> list[str]:
    """Build its static files; its migrations."""
    # As long as this stands there, its static files belong inside it.
    draft.joinpath(FACTS).write_text(json.dumps({"id": "draft"}))
    with tempfile.TemporaryDirectory() as var:
        kept = {key: os.environ[key] for key in ("PATH", "LANG") if key in os.environ}
        answer = subprocess.run(
            [sys.executable, "-B", "-m", "bakery.release.inside"],
            cwd=draft,
            env=kept | {"VAR_DIR": var, "SECRET_KEY": "for static files alone"},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
    if answer.returncode:
        raise NotMade(f"Its static files cannot be built: {answer.stderr[-3000:]}")
    _sort_manifest(draft / STATIC / "staticfiles.json")
    return json.loads(answer.stdout)


def _sort_manifest(path: Path) -> None:
    """Its order is that of the folders it was read from, which differs by machine."""
    path.write_text(json.dumps(json.loads(path.read_text()), sort_keys=True))


def _write(release: Release, draft: Path) -> Release:
    """The list of facts comes last: with it the release is there."""
    facts = draft / FACTS
    facts.write_text(json.dumps(release.to_json(), indent=2) + "\n")
    at = int(release.made_at.timestamp())
    write_archive(release.path, draft, [facts, *files_of(draft)], at)
    write_host_program(release.agent, draft)
    archives = {path.name: archive_of(path) for path in release.files}
    whole = replace(release, archives=archives)
    text = json.dumps(whole.to_store(), indent=2) + "\n"
    write_whole(release.path.with_name(f"{release.id}.json"), text)
    return whole


def _now() -> datetime:
    """Whoever needs the same bytes again says when: SOURCE_DATE_EPOCH."""
    given = os.environ.get("SOURCE_DATE_EPOCH")
    if given:
        return datetime.fromtimestamp(int(given), UTC)
    return datetime.now(UTC).replace(microsecond=0)
