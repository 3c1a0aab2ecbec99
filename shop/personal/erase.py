"""Erasing a person: what the tax office wants stays, without the person.

Orders, lines and payments are kept as numbers and goods. Names, addresses, notes and
everything typed goes, with account, baskets, sessions, pictures and mails on their way.
tests/shop/account/test_erase.py plants a mark in every field of every table that can
hold something of a person, and looks for it afterwards.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Collection
from dataclasses import asdict, dataclass
from typing import Any

from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db import IntegrityError, transaction
from django.db.models import Model, Q, QuerySet
from django_tasks_db.models import DBTaskResult

from basket.backends.base import stores
from shop.accounts.mails import send_account_mail
from shop.calendar import today
from shop.codes import new_secret
from shop.exceptions import CheckoutError
from shop.holds import release_hold
from shop.mails import KINDS
from shop.models import (
    Customer,
    Hold,
    Option,
    Order,
    OrderEvent,
    OrderLine,
    PaymentEvent,
    ProfilePicture,
    User,
)
from shop.personal.person import Person
from shop.personal.sessions import end_sessions, sessions_of
from shop.profile_pictures import take_files_away
from shop.resend import send_mail_again
from shop.tasks import send_order_mail

logger = logging.getLogger(__name__)

_TRIES = 3
ERASED = "erased"
_S = Order.State
TO_COME = {_S.AWAITING_PAYMENT, _S.CONFIRMED, _S.IN_PRODUCTION, _S.READY}


class CannotErase(CheckoutError):
    """The person cannot be erased now; the message says what to do first."""


class HasOrdersToCome(CannotErase):
    """Something is still to be picked up; `orders` are these."""

    def __init__(self, message: str, *, orders: list[Order]) -> None:
        super().__init__(message)
        self.orders = orders


@dataclass(frozen=True)
class Erasure:
    """How many rows of each kind were removed; of orders, how many were kept."""

    account: int
    pictures: int
    customers: int
    orders_kept: int
    baskets: int
    checkouts: int
    sessions: int
    tasks: int
    log_entries: int

    def as_facts(self) -> dict[str, int]:
        return asdict(self)


def orders_to_come(person: Person) -> list[Order]:
    """What the person has still to pick up, or to cancel, before an erasure."""
    rows = person.orders().filter(state__in=TO_COME, bake_day__date__gte=today())
    return list(rows.select_related("bake_day", "slot").order_by("bake_day__date"))


def erase(
    person: Person, *, baskets: Collection[str] = (), dry_run: bool = False
) -> Erasure:
    """Erase the person for good, all or nothing; with dry_run only count.

    Their baskets go, and those with the tokens that are named. Repeatable: what is
    gone already counts as 0. Orders and mails that are on their way on other servers
    come before or after it, never half. Raises CannotErase, and changes nothing then.
    """
    _demand_no_staff(person)
    _demand_nothing_to_come(person)
    checkouts, pictures = _checkouts(person, baskets), _pictures(person)
    if not dry_run:
        # On their own, or everybody's limits would be locked until all is done.
        for token in checkouts:
            release_hold(token)
    counted = {"checkouts": len(checkouts), "pictures": len(pictures)}
    done = _all_or_nothing(person, baskets, dry_run) | counted
    if not dry_run:
        for digest in pictures:
            take_files_away(digest)
        logger.info("person erased orders_kept=%s", done["orders_kept"])
    return Erasure(**done)


def _all_or_nothing(
    person: Person, baskets: Collection[str], dry_run: bool
) -> dict[str, int]:
    for attempt in range(1, _TRIES + 1):
        try:
            with transaction.atomic():
                return _erase(person, baskets, dry_run)
        except IntegrityError:  # another server has just written something of theirs
            if attempt == _TRIES:
                raise
    raise AssertionError("unreachable: the last try returns or raises")


def _erase(person: Person, baskets: Collection[str], dry_run: bool) -> dict[str, int]:
    """Needs an open transaction.

    Locks baskets by token, orders by number, customers by number, then the user: the
    order of all who write these (log-ins that merge baskets, checkout, the task that
    remembers a customer, whoever claims a guest's orders), so nobody waits in a ring.
    """
    tokens = person.baskets(baskets)
    if not dry_run:
        stores["default"].remove(tokens)
    orders = list(person.orders().select_for_update().order_by("pk"))
    customers = list(person.customers().select_for_update().order_by("pk"))
    _demand_nothing_to_come(person)
    emails = sorted({*person.emails, *(each.email.lower() for each in customers)})
    accounts = User.objects.filter(pk=person.user.pk if person.user else None)
    sessions = sessions_of(person.user, emails)
    tasks = _tasks(person, orders, emails)
    entries = _log_entries(person, customers, emails)
    counted = {
        "account": accounts.count(),
        "customers": len(customers),
        "orders_kept": len(orders),
        "baskets": len(tokens),
        "sessions": len(sessions),
        "tasks": tasks.count(),
        "log_entries": entries.count(),
    }
    if not dry_run:
        _remove_tasks(tasks)
        entries.update(object_repr=ERASED, change_message="")
        _blank_orders(orders)
        Customer.objects.filter(pk__in=[each.pk for each in customers]).delete()
        accounts.delete()
        end_sessions(sessions)
    return counted


def _checkouts(person: Person, baskets: Collection[str]) -> list[str]:
    """Tokens of baskets whose checkout was entered and left."""
    ordered = person.orders().values_list("basket_token", flat=True)
    tokens = {*person.baskets(baskets), *ordered}
    rows = Hold.objects.filter(basket_token__in=tokens)
    return list(rows.values_list("basket_token", flat=True))


def _pictures(person: Person) -> list[str]:
    """Digests of the account's pictures, read before the rows go."""
    rows = ProfilePicture.objects.filter(user=person.user)
    return list(rows.values_list("digest", flat=True)) if person.user else []


def _demand_no_staff(person: Person) -> None:
    if person.user and (person.user.is_staff or person.user.is_superuser):
        raise CannotErase(
            "This is an account of the bakery's staff, and what staff have done stays "
            "on record. The owner can take the staff rights away first."
        )


def _demand_nothing_to_come(person: Person) -> None:
    orders = orders_to_come(person)
    if orders:
        codes = ", ".join(order.code for order in orders)
        raise HasOrdersToCome(
            f"There is still something to pick up: order {codes}. Pick it up or "
            "cancel it first, so that nothing is baked for nobody.",
            orders=orders,
        )


# --- orders ------------------------------------------------------------------------


def _blank_orders(orders: list[Order]) -> None:
    """Leaves numbers, goods and states. Old links to the orders lead nowhere."""
    for order in orders:
        order.name = order.email = order.phone = order.note = ""
        order.customer = None
        order.basket_token = f"{ERASED}-{order.pk}"
        order.secret = new_secret()
    fields = ["name", "email", "phone", "note", "customer", "basket_token", "secret"]
    Order.objects.bulk_update(orders, fields, batch_size=200)
    _blank_lines(OrderLine.objects.filter(order__in=orders))
    _blank_events(OrderEvent.objects.filter(order__in=orders))
    PaymentEvent.objects.filter(payment__order__in=orders).update(data={})


def _blank_lines(lines: QuerySet[OrderLine]) -> None:
    """What was chosen stays, what was written (on a cake) goes."""
    offered = set(Option.objects.values_list("group__name", "name"))
    rows = [line for line in lines if line.options]
    for line in rows:
        line.options = [_blank_option(fact, offered) for fact in line.options]
    OrderLine.objects.bulk_update(rows, ["options"], batch_size=200)


def _blank_option(fact: dict[str, Any], offered: set[tuple[str, str]]) -> dict:
    if (fact.get("group"), fact.get("choice")) in offered:
        return fact
    return fact | {"choice": ""}


def _blank_events(events: QuerySet[OrderEvent]) -> None:
    """Numbers stay, and the kinds of mails; any other word may be the person's."""
    rows = [event for event in events if event.data]
    for event in rows:
        event.data = {
            key: value
            for key, value in event.data.items()
            if isinstance(value, int) or (key == "mail" and value in KINDS)
        }
    OrderEvent.objects.bulk_update(rows, ["data"], batch_size=200)


# --- what else speaks of them ------------------------------------------------------


def _tasks(
    person: Person, orders: list[Order], emails: list[str]
) -> QuerySet[DBTaskResult]:
    """Mails about orders and account, and whatever names an address, such as a
    traceback: waiting, done or failed.

    A mail to an address that is not proved to be theirs is found by the account.
    """
    ids = [order.pk for order in orders]
    events = list(OrderEvent.objects.filter(order__in=ids).values_list("pk", flat=True))
    found = Q(task_path=send_order_mail.module_path, args_kwargs__args__0__in=ids) | Q(
        task_path=send_mail_again.module_path, args_kwargs__args__0__in=events
    )
    if person.user:
        found |= Q(
            task_path=send_account_mail.module_path,
            args_kwargs__args__0__user=person.user.pk,
        )
    for email in emails:
        # As some databases keep it: an address may have letters beyond ASCII.
        for written in {email, json.dumps(email)[1:-1]}:
            found |= Q(args_kwargs__icontains=written)
        found |= Q(traceback__icontains=email) | Q(return_value__icontains=email)
    return DBTaskResult.objects.filter(found)


def _remove_tasks(tasks: QuerySet[DBTaskResult]) -> None:
    """One that is running just now keeps its row, or its worker would stumble."""
    empty = {"args": [], "kwargs": {}}
    running = tasks.filter(status="RUNNING")
    keys = list(running.values_list("pk", flat=True))
    tasks.exclude(pk__in=keys).delete()
    DBTaskResult.objects.filter(pk__in=keys).update(
        args_kwargs=empty, return_value=None, traceback=""
    )


def _log_entries(
    person: Person, customers: list[Customer], emails: list[str]
) -> QuerySet[LogEntry]:
    """What the admin noted about their rows: who changed what stays, names go."""
    found = Q(pk=None)
    for row in [*customers, *([person.user] if person.user else [])]:
        found |= _about(row)
    for email in emails:
        found |= Q(object_repr__icontains=email) | Q(change_message__icontains=email)
    return LogEntry.objects.filter(found).exclude(object_repr=ERASED, change_message="")


def _about(row: Model) -> Q:
    kind = ContentType.objects.get_for_model(row)
    return Q(content_type=kind, object_id=str(row.pk))
