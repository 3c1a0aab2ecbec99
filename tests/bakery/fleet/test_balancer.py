"""The balancer's configuration: as text, and as HAProxy reads it."""

from __future__ import annotations

import base64
import re

import pytest

from bakery.fleet.balancer import BALANCE, Balancer, Clone, configuration
from bakery.fleet.certificate import make_certificate
from bakery.servers.haproxy import check_configuration
from bakery.servers.process import DidNotStart

KEY = b"0123456789abcdef0123456789abcdef"


def make_balancer(tmp_path, **facts) -> Balancer:
    clones = [Clone("clone-1", "10.0.0.1:8000"), Clone("clone-2", "10.0.0.2:8000")]
    chosen = {"clones": clones, "basket_key": KEY} | facts
    return Balancer(bind="127.0.0.1:8443", socket=tmp_path / "sock", **chosen)


def lines(balancer: Balancer) -> list[str]:
    return [line.strip() for line in configuration(balancer).splitlines()]


@pytest.mark.parametrize("https", [False, True])
@pytest.mark.parametrize("steerable", [False, True])
@pytest.mark.parametrize("balance", BALANCE)
def test_haproxy_takes_every_form_of_it(tmp_path, balance, steerable, https):
    certificate = tmp_path / "balancer.pem" if https else None
    if https:
        make_certificate(certificate)
    path = tmp_path / "haproxy.cfg"
    balancer = make_balancer(
        tmp_path, balance=balance, steerable=steerable, certificate=certificate
    )
    path.write_text(configuration(balancer))
    check_configuration(path)


def test_what_haproxy_refuses_is_told_in_its_words(tmp_path):
    path = tmp_path / "haproxy.cfg"
    path.write_text("frontend shop\n    bind nowhere\n")
    with pytest.raises(DidNotStart, match="missing port specification"):
        check_configuration(path)


def test_each_clone_is_a_server_with_a_queue_in_front(tmp_path):
    found = lines(make_balancer(tmp_path, slots=12))
    assert "server clone-1 10.0.0.1:8000" in found
    assert "server clone-2 10.0.0.2:8000" in found
    assert "default-server maxconn 12" in found


def test_when_no_clone_passes_each_is_asked_again_unchecked(tmp_path):
    found = lines(make_balancer(tmp_path))
    assert "option allbackups" in found
    unchecked = found.index("default-server no-check")
    assert found[unchecked + 1 :] == [
        "server clone-1-unchecked 10.0.0.1:8000 backup",
        "server clone-2-unchecked 10.0.0.2:8000 backup",
    ]


@pytest.mark.parametrize(
    ("word", "haproxys"),
    [("turn", "roundrobin"), ("load", "leastconn"), ("two", "random(2)")],
)
def test_the_next_server_is_chosen_as_asked(tmp_path, word, haproxys):
    assert f"balance {haproxys}" in lines(make_balancer(tmp_path, balance=word))


def test_an_unknown_way_to_balance_is_refused(tmp_path):
    with pytest.raises(KeyError):
        configuration(make_balancer(tmp_path, balance="fair"))


def test_https_alone_makes_cookies_secure(tmp_path):
    bare = configuration(make_balancer(tmp_path))
    assert "; Secure" not in bare
    assert "X-Forwarded-Proto http\n" in bare
    secured = configuration(make_balancer(tmp_path, certificate=tmp_path / "x.pem"))
    assert "; Secure" in secured
    assert "X-Forwarded-Proto https\n" in secured


def test_it_holds_the_key_of_the_basket_cookie_and_no_other_secret(tmp_path, settings):
    text = configuration(make_balancer(tmp_path))
    assert base64.b64encode(KEY).decode() in text
    assert settings.SECRET_KEY not in text


def test_a_shopper_chooses_the_clone_only_where_proofs_are_run(tmp_path):
    assert "X-Want-Clone" not in configuration(make_balancer(tmp_path))
    found = lines(make_balancer(tmp_path, steerable=True))
    wanted = "use-server clone-2 if { req.hdr(X-Want-Clone) -m str clone-2 }"
    assert wanted in found


def test_only_what_can_be_repeated_is_sent_again(tmp_path):
    found = lines(make_balancer(tmp_path))
    [rule] = [line for line in found if "disable-l7-retry" in line]
    assert rule.endswith("unless reads or has_operation or is_repeatable")
    assert "acl reads method GET HEAD OPTIONS" in found
    # What is under these: tests/shop/test_repeats.py
    assert "acl is_repeatable path_beg /basket/ /checkout/" in found


def test_no_request_is_written_into_before_the_cache_was_asked(tmp_path):
    """Most end there: a header for the clone would be made for nobody."""
    found = lines(make_balancer(tmp_path))
    [asks] = [n for n, line in enumerate(found) if " cache-use pages " in line]
    assert found.index("frontend shop") < asks < found.index("backend clones")
    before = [line for line in found[:asks] if line.startswith("http-request")]
    costly = re.compile("add-header|set-header|uuid|wait-for-body")
    assert not [line for line in before if costly.search(line)]
    dropped = [line for line in before if "del-header" in line]
    assert all(" if is_new " in line for line in dropped)
