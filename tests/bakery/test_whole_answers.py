"""An answer leaves in one piece: a server that stops has sent all of it or nothing."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from gunicorn.config import Config
from gunicorn.http import wsgi

from bakery.whole_answers import WholeAnswer


class Wire:
    """Keeps what is sent, piece by piece."""

    def __init__(self) -> None:
        self.pieces: list[bytes] = []

    def sendall(self, words: bytes) -> None:
        self.pieces.append(words)

    def sendfile(self, file, offset: int = 0, count: int | None = None) -> int:
        self.pieces.append(file.read())
        return len(self.pieces[-1])


def asked(method: str = "GET") -> SimpleNamespace:
    return SimpleNamespace(method=method, version=(1, 1), should_close=lambda: False)


def pieces(kind: type, *body: bytes, method: str = "GET", length: bool = True) -> list:
    """What leaves when this kind of answer is given to a request."""
    wire = Wire()
    answer = kind(asked(method), wire, Config())
    size = [("Content-Length", str(sum(map(len, body))))] if length else []
    write = answer.start_response("200 OK", [("Content-Type", "text/plain"), *size])
    for part in body:
        write(part)
    answer.close()
    return wire.pieces


def test_head_and_body_leave_together():
    [only] = pieces(WholeAnswer, b"Milk bread")
    assert only.startswith(b"HTTP/1.1 200 OK\r\n")
    assert only.endswith(b"\r\n\r\nMilk bread")


def test_gunicorn_s_own_answer_leaves_in_two_pieces():
    head, body = pieces(wsgi.Response, b"Milk bread")
    assert (head[:12], body) == (b"HTTP/1.1 200", b"Milk bread")


def test_later_pieces_leave_as_they_come():
    first, second, third = pieces(WholeAnswer, b"one ", b"two ", b"three")
    assert first.endswith(b"\r\n\r\none ")
    assert (second, third) == (b"two ", b"three")


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_an_answer_without_a_body_leaves_at_its_end(method):
    [only] = pieces(WholeAnswer, method=method)
    assert only.endswith(b"Content-Length: 0\r\n\r\n")


def test_pieces_of_unknown_number_are_all_sent():
    whole = b"".join(pieces(WholeAnswer, b"Milk", b"bread", length=False))
    assert whole.endswith(b"\r\n\r\n4\r\nMilk\r\n5\r\nbread\r\n0\r\n\r\n")


def test_the_same_bytes_leave_either_way():
    ours = pieces(WholeAnswer, b"Milk ", b"bread")
    assert lines(ours) == lines(pieces(wsgi.Response, b"Milk ", b"bread"))


def lines(sent: list[bytes]) -> list[bytes]:
    """All but the one that tells the time."""
    each = b"".join(sent).split(b"\r\n")
    return [line for line in each if not line.startswith(b"Date")]


def test_a_file_comes_after_its_head(tmp_path):
    (tmp_path / "list").write_bytes(b"Milk bread")
    wire = Wire()
    answer = WholeAnswer(asked(), wire, Config())
    answer.start_response("200 OK", [("Content-Length", "10")])
    with (tmp_path / "list").open("rb") as file:
        answer.write_file(SimpleNamespace(filelike=file))
    answer.close()
    head, body = wire.pieces
    assert (head[:12], body) == (b"HTTP/1.1 200", b"Milk bread")
