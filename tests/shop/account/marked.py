"""A person with a mark in every field that can hold something of them.

Every table of the project is named here, as one that can hold something of a person or
as one that cannot; a new table that is not named fails the tests, and a new field of a
named one is marked by itself.
"""

from __future__ import annotations

import io
import json
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from allauth.account.models import EmailAddress, EmailConfirmation
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.apps import apps
from django.conf import settings
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.auth import BACKEND_SESSION_KEY, SESSION_KEY
from django.contrib.contenttypes.models import ContentType
from django.contrib.sessions.models import Session
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import connection
from django.db.models import Field, Model
from django.utils import timezone
from django_tasks_db.models import DBTaskResult
from PIL import Image

from bakery.sessions import SessionStore
from basket.models import Basket, BasketLine, BasketOperation
from shop.accounts.baskets import owner_name
from shop.models import (
    Customer,
    Order,
    OrderEvent,
    PaymentEvent,
    ProfilePicture,
    User,
)
from shop.profile_pictures import file_names, set_profile_picture
from tests.shop import make

PERSONAL = {
    *("account.EmailAddress", "account.EmailConfirmation", "admin.LogEntry"),
    *("basket.Basket", "basket.BasketLine", "basket.BasketOperation"),
    *("django_tasks_database.DBTaskResult", "mfa.Authenticator", "sessions.Session"),
    *("shop.Customer", "shop.Hold", "shop.Order", "shop.OrderEvent", "shop.OrderLine"),
    *("shop.Payment", "shop.PaymentEvent", "shop.ProfilePicture", "shop.User"),
    "usersessions.UserSession",
}
# The bakery's own: catalogue, calendar, limits, roles, machines.
NOBODY_S = {
    *("auth.Group", "auth.Group_permissions", "auth.Permission"),
    *("bakery.Contracted", "bakery.JobTurn", "bakery.PageChange"),
    *("bakery.ServerHeartbeat", "bakery.WorkerHeartbeat"),
    *("contenttypes.ContentType", "shop.BakeDay", "shop.Capacity", "shop.Category"),
    *("shop.DayException", "shop.Draw", "shop.Ingredient", "shop.OpeningRule"),
    *("shop.Option", "shop.OptionGroup", "shop.OptionGroup_products"),
    *("shop.Picture", "shop.Place", "shop.Product", "shop.Recipe", "shop.RecipeLine"),
    *("shop.Resource", "shop.ResourceUse", "shop.SearchGram", "shop.Slot"),
    *("shop.TaxClass", "shop.User_groups", "shop.User_user_permissions"),
    "shop.Variant",
}
# Fields of personal tables in which the shop alone writes: no mark, and they may stay.
THE_SHOP_S_WORDS = {
    "admin.LogEntry.object_id": "a number",
    "basket.Basket.owner": "names the account's number, by which it is found",
    "basket.Basket.state": "a state",
    "django_tasks_database.DBTaskResult.backend_name": "of the code",
    "django_tasks_database.DBTaskResult.exception_class_path": "of the code",
    "django_tasks_database.DBTaskResult.queue_name": "of the code",
    "django_tasks_database.DBTaskResult.status": "a state",
    "django_tasks_database.DBTaskResult.task_path": "of the code",
    "django_tasks_database.DBTaskResult.worker_ids": "machines",
    "mfa.Authenticator.type": "a kind",
    "shop.Order.code": "the number of the tax record",
    "shop.Order.currency": "a kind",
    "shop.Order.state": "a state",
    "shop.OrderEvent.from_state": "a state",
    "shop.OrderEvent.kind": "a kind",
    "shop.OrderEvent.to_state": "a state",
    "shop.OrderLine.allergens": "the catalogue's, as it was",
    "shop.OrderLine.ingredients": "the catalogue's, as it was",
    "shop.OrderLine.name": "the catalogue's, as it was",
    "shop.Payment.method": "a kind",
    "shop.Payment.state": "a state",
    "shop.PaymentEvent.event_id": "the provider's number of the payment, for the tax",
    "shop.PaymentEvent.provider": "a kind",
    "shop.ProfilePicture.digest": "names the files, which carry marks",
}
TEXTS = {"CharField", "TextField", "JSONField", "EmailField", "FileField", "SlugField"}
ADDRESS = "GenericIPAddressField"
MARK = re.compile(r"zz\d+zz")


@dataclass
class Marked:
    """The rows, and which mark stands in which field."""

    user: User
    customer: Customer
    order: Order
    rows: list[Model] = field(default_factory=list)
    fields: dict[str, str] = field(default_factory=dict)  # by mark
    files: list[str] = field(default_factory=list)


class Marks:
    """Marks of their own, so that a found one tells where it came from."""

    def __init__(self) -> None:
        self.fields: dict[str, str] = {}

    def new(self, name: str) -> str:
        mark = f"zz{make.number()}zz"
        self.fields[mark] = name
        return mark

    def fill(self, row: Model) -> None:
        """A mark in each field that has none yet."""
        facts: dict[str, Any] = {}
        for each in row._meta.concrete_fields:
            name = f"{row._meta.label}.{each.name}"
            value = each.value_from_object(row)
            if not _can_be_marked(each, name) or MARK.search(str(value)):
                continue
            facts[each.name] = self._value(each, name, value)
        if facts:
            type(row)._base_manager.filter(pk=row.pk).update(**facts)

    def _value(self, each: Field, name: str, before: Any) -> Any:
        kind = each.get_internal_type()
        if kind == ADDRESS:
            number = 1 + len(self.fields) % 200
            self.fields[f"203.0.113.{number}"] = name
            return f"203.0.113.{number}"
        mark = self.new(name)
        if name == "shop.OrderLine.options":
            return [{"group": "Message", "choice": mark}]
        if kind == "JSONField":
            is_list = isinstance(each.get_default(), list)
            return [mark] if is_list else (before or {}) | {"said": mark}
        return f"{mark}@example.com" if kind == "EmailField" else mark


def _can_be_marked(each: Field, name: str) -> bool:
    kind = each.get_internal_type()
    return kind in TEXTS | {ADDRESS} and name not in THE_SHOP_S_WORDS


def all_tables() -> set[str]:
    return {m._meta.label for m in apps.get_models(include_auto_created=True)}


# --- a whole life of a customer ----------------------------------------------------


def make_marked_person() -> Marked:
    """Account, orders, baskets, a checkout that was left, picture, mails, log-ins."""
    marks = Marks()
    email = f"{marks.new('shop.User.email')}@example.com"
    user = make.make_user(email=email)
    customer = make.make_customer(email=email, user=user)
    order = _order(marks, customer, email)
    rows: list[Model] = [user, customer]
    rows += _order_rows(order)
    rows += _baskets(marks, user, order)
    rows += _account(user, email, marks)
    rows += _left_behind(user, customer, order, email)
    files = _picture(user, marks)
    rows.append(ProfilePicture.objects.get(user=user))
    for row in rows:
        marks.fill(row)
        row.refresh_from_db()
    _session(user, marks)
    return Marked(user, customer, order, rows, marks.fields, files)


def _order(marks: Marks, customer: Customer, email: str) -> Order:
    day = make.make_bake_day(date=make.day_from_today(-2 - make.number()))
    return make.make_order(
        customer=customer,
        slot=make.make_slot(bake_day=day, places=None),
        email=email,
        state=Order.State.HANDED_OVER,
        basket_token=f"ordered-{marks.new('shop.Order.basket_token')}",
    )


def _order_rows(order: Order) -> list[Model]:
    payment = make.make_payment(order=order)
    event = OrderEvent.objects.create(order=order, kind="placed", data={})
    paid = PaymentEvent.objects.create(
        payment=payment, provider="card", event_id=f"e-{order.pk}", amount_cents=450
    )
    return [order, *order.lines.all(), event, payment, paid]


def _baskets(marks: Marks, user: User, order: Order) -> list[Model]:
    """One that became the order, and one that is open, with a checkout left."""
    token = f"open-{marks.new('basket.Basket.token')}"
    following = f"{marks.new('basket.Basket.next_token')}"
    done = Basket.objects.create(
        token=order.basket_token, state="ordered", next_token=following
    )
    mine = Basket.objects.create(token=token, owner=owner_name(user))
    hold = make.make_hold(basket_token=token, slot=make.make_slot())
    rows: list[Model] = [done, mine, hold]
    for basket in (done, mine):
        rows.append(BasketLine.objects.create(basket=basket, item="x", quantity=1))
        rows.append(
            BasketOperation.objects.create(
                basket=basket, operation="x", version=1, quantity=1
            )
        )
    return rows


def _account(user: User, email: str, marks: Marks) -> list[Model]:
    address = EmailAddress.objects.create(
        user=user, email=email, verified=True, primary=True
    )
    second = f"{marks.new('account.EmailAddress.email')}@example.com"
    other = EmailAddress.objects.create(user=user, email=second)
    return [
        address,
        other,
        EmailConfirmation.objects.create(email_address=other, key="x"),
        Authenticator.objects.create(user=user, type="totp", data={}),
        UserSession.objects.create(
            user=user, ip="127.0.0.1", session_key="x", user_agent="x"
        ),
    ]


def _left_behind(
    user: User, customer: Customer, order: Order, email: str
) -> list[Model]:
    """What others wrote about them: the admin's log, tasks, a dead letter."""
    tasks = [
        _task("shop.tasks.send_order_mail", [order.pk, "confirmation"]),
        _task("shop.accounts.mails.send_account_mail", [{"to": email}]),
    ]
    notes = [
        LogEntry.objects.create(
            user=make.make_user(is_staff=True),
            content_type=ContentType.objects.get_for_model(row),
            object_id=str(row.pk),
            object_repr=str(row),
            action_flag=CHANGE,
        )
        for row in (user, customer)
    ]
    return [*tasks, *notes]


def _task(path: str, args: list[Any]) -> DBTaskResult:
    return DBTaskResult.objects.create(
        status="FAILED",
        args_kwargs={"args": args, "kwargs": {}},
        task_path=path,
        backend_name="default",
        run_after=timezone.now(),
        return_value=None,
        traceback="",
        exception_class_path="",
    )


def _picture(user: User, marks: Marks) -> list[str]:
    """A real picture, whose files are then filled with a mark."""
    drawn = io.BytesIO()
    Image.effect_noise((300, 300), 40 + make.number() % 100).save(drawn, format="PNG")
    digest = set_profile_picture(user, drawn.getvalue()).digest
    names = [name for name in file_names(digest) if default_storage.exists(name)]
    for name in names:
        default_storage.delete(name)
        mark = marks.new(f"file {name}")
        default_storage.save(name, ContentFile(mark.encode()))
    return names


def _session(user: User, marks: Marks) -> None:
    """One that is logged in, and one of a sign-up that was never finished."""
    store = SessionStore()
    store[SESSION_KEY] = str(user.pk)
    store[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    store["said"] = marks.new("sessions.Session.session_data")
    store.save()
    waiting = SessionStore()
    waiting["account_login"] = {"email": user.email}
    waiting["said"] = marks.new("sessions.Session.session_data")
    waiting.save()


# --- looking for it ------------------------------------------------------------------


def marks_in_database() -> dict[str, set[str]]:
    """Marks by table, in everything that any table holds, sessions opened."""
    found: dict[str, set[str]] = {}
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")
            marks = _marks(str(row) for row in cursor.fetchall())
            if marks:
                found[table] = marks
    opened = (
        SessionStore().decode(each.session_data) for each in Session.objects.all()
    )
    if marks := _marks(json.dumps(data, default=str) for data in opened):
        found["django_session"] = found.get("django_session", set()) | marks
    return found


def marks_in_storage(folder: str = "") -> set[str]:
    """In the names of files and in what they hold."""
    folders, files = default_storage.listdir(folder or ".")
    found: set[str] = set()
    for name in files:
        path = f"{folder}/{name}" if folder else name
        with default_storage.open(path) as file:
            found |= _marks([path, file.read().decode("latin-1")])
    for name in folders:
        found |= marks_in_storage(f"{folder}/{name}" if folder else name)
    return found


def marks_in_redis(client: Any) -> set[str]:
    found: set[str] = set()
    for key in client.scan_iter():
        found |= _marks([key.decode("latin-1"), _value_of(client, key)])
    return found


def _value_of(client: Any, key: bytes) -> str:
    raw = client.dump(key) or b""
    return raw.decode("latin-1") + str(client.get(key))


def _marks(texts: Iterable[str]) -> set[str]:
    pattern = re.compile(r"zz\d+zz|203\.0\.113\.\d+")
    return {mark for text in texts for mark in pattern.findall(text)}
