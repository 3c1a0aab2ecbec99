"""The benchmarks' own browser: what it reads is what was sent, however it arrives."""

from __future__ import annotations

import socket
import struct
import threading
import time

import pytest

from tests.bench.client import Run, answer_in
from tests.bench.visits import asked, last_clicks

PAGE = b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nmilk"
LAST = b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 5\r\n\r\nbread"


def test_answers_behind_each_other_are_read_one_by_one():
    first, end = answer_in(PAGE + LAST, 0)
    second, whole = answer_in(PAGE + LAST, end)
    assert (first.status, first.body, second.body) == (200, b"milk", b"bread")
    assert whole == len(PAGE + LAST)
    assert answer_in(PAGE + LAST, whole) is None


@pytest.mark.parametrize("missing", range(1, len(PAGE)))
def test_an_answer_that_is_not_whole_yet_is_waited_for(missing):
    assert answer_in(PAGE[:-missing], 0) is None


def test_not_modified_has_no_body():
    told = b"HTTP/1.1 304 Not Modified\r\nContent-Length: 4\r\n\r\n"
    assert answer_in(told + PAGE, 0)[1] == len(told)


def test_an_answer_without_a_length_is_refused():
    with pytest.raises(ValueError, match="without a length"):
        answer_in(b"HTTP/1.1 200 OK\r\n\r\n", 0)


def serve(listener: socket.socket, answers: list[list[bytes]]) -> None:
    """For each connection these answers, one for each request, and then its end."""
    for some in answers:
        connection, _ = listener.accept()
        with connection:
            waiting = b""
            for answer in some:
                while b"\r\n\r\n" not in waiting:
                    waiting += connection.recv(4096)
                waiting = waiting.partition(b"\r\n\r\n")[2]
                connection.sendall(answer)


@pytest.mark.parametrize("ahead", [1, 3])
def test_what_a_closing_server_did_not_answer_is_asked_again(ahead):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        answers = [[PAGE, LAST], [PAGE], [PAGE, PAGE]]
        server = threading.Thread(target=serve, args=(listener, answers))
        server.start()
        run = Run(
            listener.getsockname()[1], asked(["GET / HTTP/1.1\r\n\r\n"], 5), ahead
        )
        run.go(1)
        server.join()
    assert run.statuses == {200: 5}
    assert len(run.milliseconds) == 5


def break_off_once(listener: socket.socket) -> None:
    """Answer one, and break off so that whatever is sent after it is an error."""
    connection, _ = listener.accept()
    connection.recv(4096)
    connection.sendall(PAGE)
    broken = struct.pack("ii", 1, 0)  # close without waiting: a reset
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, broken)
    connection.close()
    serve(listener, [[PAGE]])


def test_what_a_broken_connection_did_not_answer_is_asked_again():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        server = threading.Thread(target=break_off_once, args=(listener,))
        server.start()
        run = Run(listener.getsockname()[1], slowly_asked(2), ahead=1)
        run.go(1)
        server.join()
    assert run.statuses == {200: 2}


def slowly_asked(count: int):
    """Long enough apart for the connection of the first to be broken meanwhile."""
    for _ in range(count):
        yield asked_once()
        time.sleep(0.05)


def asked_once():
    yield b"GET / HTTP/1.1\r\n\r\n"


def test_a_click_tells_what_is_wrong():
    visit = next(last_clicks(["POST / HTTP/1.1\r\n\r\n"]))
    next(visit)
    with pytest.raises(StopIteration) as end:
        visit.send(answer_in(PAGE, 0)[0])
    assert end.value.value == "200"
