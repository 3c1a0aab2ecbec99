"""HAProxy's configuration out of a fleet file, checked by a real HAProxy."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bakery.fleet import deployed
from bakery.fleet.balancer import configuration
from bakery.fleet.deployed import CertificateMissing, balancer_of, write_configuration
from bakery.servers.process import DidNotStart

SECRET = "tests only: " + "0123456789 abcdef" * 4


def test_what_haproxy_refuses_changes_nothing(tmp_path):
    path = tmp_path / "haproxy.cfg"
    path.write_text("as it was\n")
    with pytest.raises(DidNotStart, match="HAProxy refuses"):
        write_configuration("frontend shop\n    bind nowhere\n", path)
    assert path.read_text() == "as it was\n"


def test_there_is_nobody_to_reload_where_none_runs(tmp_path):
    assert deployed.reload(tmp_path / "none.sock") is False


def test_the_fleet_file_says_how_clones_are_asked(fleet, tmp_path):
    site = replace(fleet, site_url="https://shop.example")
    text = configuration(balancer_of(site, tmp_path, SECRET))
    assert "hdr Host shop.example" in text
    assert "X-Forwarded-Proto https" in text
    assert "server app1 127.0.0.1:8000 maxconn 12" in text
    assert "__Host-basket" in text


def test_an_address_of_the_newer_kind_has_brackets_around_it(fleet, tmp_path):
    hosts = {
        name: replace(host, address="fd00::1") for name, host in fleet.hosts.items()
    }
    text = configuration(balancer_of(replace(fleet, hosts=hosts), tmp_path, SECRET))
    assert "server app1 [fd00::1]:8000 maxconn 12" in text
    write_configuration(text, tmp_path / "haproxy.cfg")


def test_a_certificate_that_is_not_there_is_named(fleet, tmp_path):
    balancing = replace(fleet.balancer, certificate=str(tmp_path / "none.pem"))
    with pytest.raises(CertificateMissing, match=r"none.pem on this balancer"):
        balancer_of(replace(fleet, balancer=balancing), tmp_path, SECRET)
