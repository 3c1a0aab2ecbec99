"""A host learns its name, its roles and what it shares with the others."""

from __future__ import annotations

import hashlib

import pytest

from bakery.host.layout import Layout, key_values
from bakery.host.serving import WebServer
from tests.bakery.host.machine import FLEET


def test_a_host_learns_who_it_is(host):
    host.write_environment("SECRET_KEY=x\n")
    code, said = host.configure()
    assert (code, said[-1]["step"], said[-1]["changed"]) == (0, "configured", True)
    facts = key_values(host.base.joinpath("shared/host").read_text())
    assert facts == {
        "CLONE_ID": "app1",
        "ROLES": "web,work",
        "SUPERVISOR": "runit",
        "FLEET": "try",
        "SITE_URL": "http://shop.example",
        "BIND": "127.0.0.1",
        "PORT": str(host.port),
        "WEB_CONCURRENCY": "3",
        "WEB_THREADS": "4",
        "TRUSTED_PROXIES": "127.0.0.1,::1",
        "VAR_DIR": str(host.base / "var"),
    }
    text = FLEET.format(base=host.base, port=host.port, roles='"web", "work"')
    assert host.base.joinpath("shared/fleet.toml").read_text() == text
    state = host.state
    assert state["fleet_id"] == hashlib.sha256(text.encode()).hexdigest()[:16]
    assert (state["hosts"], state["configured"]) == (["app1"], True)
    assert (state["served_id"], len(state["wanted_id"])) == ("", 16)
    assert host.configure()[1][-1]["changed"] is False


@pytest.mark.parametrize("mode", [0, 0o644])
def test_a_host_without_its_secrets_is_not_set_up(host, mode):
    if mode:
        host.write_environment("SECRET_KEY=x\n").chmod(mode)
    code, said = host.configure()
    assert code == 6
    words = "mode 600" if not mode else "chmod 600"
    assert words in said[-1]["error"]
    assert not host.base.joinpath("shared/host").exists()
    assert host.state["environment_file"] == (
        "readable by others" if mode else "missing"
    )


def test_a_stranger_is_refused(host):
    host.write_environment("")
    code, said = host.configure(name="app7")
    assert (code, "'app7'" in said[-1]["error"]) == (1, True)


def test_a_wrong_fleet_file_changes_nothing(host):
    host.write_environment("")
    host.configure()
    before = host.base.joinpath("shared/fleet.toml").read_text()
    code, said = host.configure(roles='"oven"')
    assert (code, "'oven'" in said[-1]["error"]) == (1, True)
    assert host.base.joinpath("shared/fleet.toml").read_text() == before


def test_a_host_with_an_address_of_the_new_kind_listens_there(host):
    host.write_environment("")
    text = FLEET.format(base=host.base, port=host.port, roles='"web", "work"')
    text = text.replace('address = "127.0.0.1"', 'address = "fd00::1"')
    text = text.replace('bind = "127.0.0.1"\n', "")
    assert host.run("configure", "--fleet", "-", "--host", "app1", stdin=text)[0] == 0
    facts = key_values(host.base.joinpath("shared/host").read_text())
    assert facts["BIND"] == "::"
    assert WebServer(Layout(host.base), facts).address == "::1"


@pytest.mark.usefixtures("runit", "built_before")
def test_values_are_taken_as_they_stand(host, small):
    release = small("good")
    host.set_up(release)
    odd = """it's "$HOME" `id` \\ a=b # no remark"""
    host.write_environment(f"# A remark\n\nGREETING={odd}\nLAST=no line end")
    host.switch(release)
    [server] = host.running("server.py")
    found = server.environ()
    assert (found["GREETING"], found["LAST"]) == (odd, "no line end")
    assert found["CLONE_ID"] == "app1"
    assert server.cwd() == str(host.base / "releases" / release.id)


def test_root_hears_of_all_units_at_once(host):
    host.write_environment("")
    text = FLEET.format(base=host.base, port=host.port, roles='"web", "work"')
    text = text.replace('"runit"', '"systemd"')
    code, said = host.run("configure", "--fleet", "-", "--host", "app1", stdin=text)
    assert code == 6
    for name in ("bakery-web.service", "bakery-work.service"):
        assert f"install -m 644 {host.base}/shared/systemd/{name}" in said[-1]["error"]
    assert not host.base.joinpath("shared/systemd/bakery-balancer.service").exists()
