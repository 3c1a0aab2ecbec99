"""Gunicorn's threads for customers, and a few beside them for whoever asks for health.

When every thread waits for a database that hangs, a balancer's question would wait in
the same queue, and the balancer would take this server out, and all the others too.
"""

from __future__ import annotations

import socket
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from gunicorn.workers.gthread import ThreadWorker

from bakery.whole_answers import answer_in_one_piece

QUESTIONS = (b"GET /ready", b"GET /up", b"GET /metrics")
THREADS = 4


class ProbedWorker(ThreadWorker):
    """Answers `/up`, `/ready` and `/metrics` while all of its threads are busy."""

    def init_process(self) -> None:
        answer_in_one_piece()
        self.probes = ThreadPoolExecutor(THREADS, thread_name_prefix="probe")
        for listener in self.sockets:
            hand_over_with_first_words(listener.sock)
        super().init_process()

    def enqueue_req(self, conn: Any) -> None:
        """To the customers' threads, as ever, or to those for questions."""
        threads = self.probes if is_question(conn.sock) else self.tpool
        handled = threads.submit(self.handle, conn)
        handled.add_done_callback(
            lambda done: self.method_queue.defer(self.finish_request, conn, done)
        )


def hand_over_with_first_words(listener: socket.socket) -> None:
    """Let the kernel wait for a connection's first words before it hands it over."""
    if listener.family in {socket.AF_INET, socket.AF_INET6}:
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_DEFER_ACCEPT, 1)


def is_question(connection: socket.socket) -> bool:
    """Do its next words ask for health? Looks at them without taking them or waiting.

    Whoever has not spoken yet is a customer.
    """
    try:
        words = connection.recv(16, socket.MSG_PEEK | socket.MSG_DONTWAIT)
    except OSError:
        return False
    return words.startswith(QUESTIONS)
