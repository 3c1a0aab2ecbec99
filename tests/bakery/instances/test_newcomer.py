"""A bare host gets the fleet's secrets, which nobody else may read, and gets warm."""

from __future__ import annotations

import http.server
import sys
import threading
from collections.abc import Iterator
from dataclasses import replace

import pytest

from bakery.deploy.connection import CommandFailed
from bakery.instances.newcomer import ROUNDS, bring_secrets, warm_up
from tests.bakery.deploy.conftest import fleet, make_remotes, remotes  # noqa: F401
from tests.processes import ROOT

RELEASE = "a" * 16


def test_secrets_come_from_another_host_and_are_for_nobody_else(remotes, tmp_path):  # noqa: F811
    model, new = remotes["app1"], remotes["app2"]
    (tmp_path / "app1/shared").mkdir()
    (tmp_path / "app1/shared/environment").write_text("SECRET_KEY=ours\n")
    (tmp_path / "app2/shared").mkdir(mode=0o755)
    for _ in range(2):
        bring_secrets(new, model)
        path = tmp_path / "app2/shared/environment"
        assert path.read_text() == "SECRET_KEY=ours\n"
        assert path.stat().st_mode & 0o777 == 0o600


class Shop(http.server.BaseHTTPRequestHandler):
    """A page that is broken or not, and how often it was asked for."""

    code = 200
    asked = 0

    def do_GET(self) -> None:
        type(self).asked += self.path == "/breads/"
        self.send_response(self.code if self.path == "/breads/" else 200)
        self.end_headers()
        self.wfile.write(b'<a href="/breads/">')

    def log_message(self, *words: object) -> None:
        pass


@pytest.fixture
def new(remotes, tmp_path, monkeypatch) -> Iterator:  # noqa: F811
    """A host that has a release, whose web server is up."""
    folder = tmp_path / "app2/releases" / RELEASE
    (folder / ".venv/bin").mkdir(parents=True)
    (folder / ".venv/bin/python").symlink_to(sys.executable)
    (folder / "bakery").symlink_to(ROOT / "bakery")
    monkeypatch.setattr(Shop, "asked", 0)
    with http.server.ThreadingHTTPServer(("127.0.0.2", 0), Shop) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        remote = remotes["app2"]
        remote.host = replace(remote.host, port=server.server_port)
        yield remote
        server.shutdown()


def test_its_pages_are_asked_from_the_host_itself(new):
    warm_up(new, RELEASE)
    assert Shop.asked == ROUNDS


def test_a_clone_that_cannot_show_a_page_gets_no_shoppers(new, monkeypatch):
    monkeypatch.setattr(Shop, "code", 500)
    with pytest.raises(CommandFailed, match="answers /breads/ with 500"):
        warm_up(new, RELEASE)
