"""What a proof looks up in the database itself: mails, limits, how many orders."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection

from bakery.prove.comparing import Difference
from shop.mails import SENT
from shop.models import Capacity, Order
from shop.reserved import NUMBER, seen
from shop.reserved_account import LogIn, clear_reserved_account, make_reserved_account
from shop.reserved_goods import clear_reserved_goods, mail_tasks, make_reserved_goods

MAIL_SECONDS = 30
TURN_SECONDS = 60
LOCK = "SELECT pg_try_advisory_lock(hashtextextended('bakery.prove', 0))"
UNLOCK = "SELECT pg_advisory_unlock(hashtextextended('bakery.prove', 0))"


class OtherProof(Exception):
    """Another proof is at work in the same shop."""


@contextmanager
def reserved_goods() -> Iterator[None]:
    """The goods are there for one proof, and everything is gone afterwards.

    One proof at a time in a shop: others wait for up to TURN_SECONDS, then OtherProof.
    Removes what a proof that was killed has left behind.
    """
    _take_turn()
    try:
        _clear()
        make_reserved_goods()
        try:
            yield
        finally:
            _clear()
    finally:
        _give_turn()


def _clear() -> None:
    clear_reserved_goods()
    clear_reserved_account()  # whose orders are gone now


def _take_turn() -> None:
    until = time.monotonic() + TURN_SECONDS
    while connection.vendor == "postgresql" and not _ask(LOCK):
        if time.monotonic() > until:
            raise OtherProof("Another proof is at work. Try again in a minute.")
        time.sleep(0.2)


def _give_turn() -> None:
    if connection.vendor == "postgresql":
        _ask(UNLOCK)


def _ask(statement: str) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return cursor.fetchone()[0]


def new_account() -> LogIn:
    """The customer of this walk, whose password is nobody's but this walk's."""
    return make_reserved_account()


@seen()
def order_behind(secret: str) -> Order:
    """The order of a page's address. Raises Difference if there is none."""
    order = Order.objects.filter(secret=secret).first()
    if order is None:
        raise Difference("facts", [], "The order's page has no order in this database.")
    return order


@seen()
def number_of_orders() -> int:
    return Order.objects.filter(bake_day=NUMBER).count()


@seen()
def demand_mail(order: Order, kind: str) -> None:
    """Wait until the worker has made the mail. Raises Difference if none comes."""
    until = time.monotonic() + MAIL_SECONDS
    while kind not in mails_of(order):
        if time.monotonic() > until:
            told = f"The {kind} mail did not come within {MAIL_SECONDS} seconds."
            raise Difference("mail", ["the workers"], told)
        time.sleep(0.05)


def demand_one_mail_each(order: Order) -> None:
    """One of each kind was queued, and one was made. Raises Difference."""
    once = Counter({"confirmation": 1, "cancellation": 1})
    queued = Counter(task.args_kwargs["args"][1] for task in mail_tasks([order.pk]))
    for found, verb in ((queued, "queued"), (mails_of(order), "made")):
        if found != once:
            told = f"Mails that were {verb}: {dict(found)}; one of each was due."
            raise Difference("mail", ["the workers"], told)


def mails_of(order: Order) -> Counter[str]:
    notes = order.events.filter(kind=SENT)
    return Counter(note.data["mail"] for note in notes)


@seen()
def demand_all_given_back() -> None:
    """No unit of a reserved limit is taken any more. Raises Difference."""
    limits = Capacity.objects.filter(bake_day=NUMBER)
    taken = {str(each.product or each.slot): each.taken for each in limits}
    if any(taken.values()):
        told = f"Cancelled, and still taken: {taken}."
        raise Difference("limits", ["the database"], told)
