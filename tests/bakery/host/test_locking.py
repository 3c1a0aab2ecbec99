"""One deploy at a time; the second one hears whose turn it is."""

from __future__ import annotations

import json
import signal
import time

from tests.processes import wait_until


def held(host, owner: str, *words: str):
    process = host.agent("hold", "--owner", owner, "--release", "abc", *words)
    return process, json.loads(process.stdout.readline())


def test_the_second_is_refused_with_the_name_of_the_first(host):
    first, said = held(host, "mina")
    assert (said["held"], said["owner"], said["release"]) == (True, "mina", "abc")
    second, refusal = held(host, "tom")
    assert second.wait() == 5
    assert refusal == {**said, "held": False}
    assert host.state["lock"] == {
        "owner": "mina", "release": "abc", "since": said["since"],
    }  # fmt: skip
    first.stdin.close()
    assert first.wait() == 0
    assert host.state["lock"] == {}
    third, said = held(host, "tom")
    assert (said["held"], said["owner"]) == (True, "tom")


def test_the_lock_goes_with_who_held_it(host):
    first, _ = held(host, "mina")
    first.send_signal(signal.SIGKILL)
    first.wait()
    assert host.state["lock"] == {}
    _, said = held(host, "tom")
    assert said["held"]


def test_silence_ends_it_and_words_keep_it(host):
    first, _ = held(host, "mina", "--silence", "3")
    for _ in range(8):
        time.sleep(0.5)  # longer than the silence in all
        first.stdin.write("\n")
        first.stdin.flush()
    assert first.poll() is None
    assert wait_until(lambda: first.poll() is not None, 20)
    assert host.state["lock"] == {}


def test_many_at_once_and_one_gets_it(host):
    """While others look, who only take the lock for the blink of an eye."""
    all_of_them = [host.agent("hold", "--owner", f"n{n}") for n in range(5)]
    assert host.state["lock"].get("owner", "n")[0] in "ns"
    said = [json.loads(process.stdout.readline()) for process in all_of_them]
    [winner] = [line["owner"] for line in said if line["held"]]
    refused = [line for line in said if not line["held"]]
    assert len(refused) == 4
    assert {line["owner"] for line in refused} <= {winner, "somebody"}
