"""One connection to a host that many threads share, over a real ssh server."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from invoke.exceptions import ThreadException

from bakery.deploy import connection
from bakery.deploy.connection import HostAway, Remote


def many_at_once(remote: Remote, seconds: float, number: int = 20) -> list[str]:
    """What so many threads hear on one connection; errors in their words."""
    together = threading.Barrier(number)

    def ask(_: int) -> str:
        together.wait(10)
        try:
            return remote.look("sh", "-c", f"sleep {seconds}; echo heard").out
        except HostAway as error:
            return error.words

    remote.look("true")
    with ThreadPoolExecutor(number) as threads:
        return list(threads.map(ask, range(number)))


def test_many_threads_share_a_connection_that_allows_ten_sessions(app1):
    """As sshd comes: a batch of a large fleet tells one balancer so."""
    assert many_at_once(app1, 0.3) == ["heard\n"] * 20


def test_control_more_sessions_are_refused_and_the_others_go_on(app1, monkeypatch):
    monkeypatch.setattr(connection, "SESSIONS", 20)
    many = Remote(app1.fleet, app1.host)
    heard = many_at_once(many, 2)
    many.close()
    assert 10 <= heard.count("heard\n") < 20
    assert all("MaxSessions" in words for words in heard if words != "heard\n")


def test_a_connection_that_broke_takes_no_newer_one_with_it(app1):
    def break_off_after_another_thread_did() -> None:
        with app1._session():
            app1.close()
            app1.look("true")
            newer.append(app1._connection)
            raise EOFError

    newer = []
    with pytest.raises(HostAway):
        break_off_after_another_thread_did()
    assert app1._connection is newer[0]
    assert newer[0].is_connected


@pytest.mark.parametrize("error", [ThreadException([]), EOFError(), OSError("gone")])
def test_whatever_breaks_off_counts_as_away(app1, error):
    with pytest.raises(HostAway, match="127.0.0.1 port"), app1._session():
        raise error


def test_a_session_on_a_connection_that_another_thread_gave_up_is_away(app1):
    def use_what_was_given_up() -> None:
        with app1._session() as used:
            used.close()
            connection._transport_of(used)

    with pytest.raises(HostAway, match="given up"):
        use_what_was_given_up()


def test_threads_that_want_to_know_the_same_ask_once(app1, tmp_path):
    asked = tmp_path / "asked"
    words = ["sh", "-c", f"echo x >> {asked}; sleep 0.3; echo $$"]
    together = threading.Barrier(20)

    def ask(_: int) -> str:
        together.wait(10)
        return app1.look_shared(*words).out

    with ThreadPoolExecutor(20) as threads:
        heard = set(threads.map(ask, range(20)))
    assert len(asked.read_text().split()) == len(heard) <= 3
