"""Everything the shop knows of a person, as one document for them to keep.

Rows are written out field by field, so that a new field is in it by itself; what is
left out is named here. tests/shop/account/test_export.py looks for each of them.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.db.models import FileField, Model
from django.utils import timezone

from basket.backends.base import stores
from shop.models import Hold, Order
from shop.personal.person import Person

# What opens something is no information about a person, and stays out of a file that
# may lie about: passwords, keys, secrets of links.
SECRETS = {
    "shop.User": {"password"},
    "shop.Order": {"secret", "basket_token"},
    "shop.Hold": {"basket_token"},
    "mfa.Authenticator": {"data"},
    "usersessions.UserSession": {"session_key"},
}


def record_of(person: Person) -> dict[str, Any]:
    """The document, of plain values that DjangoJSONEncoder can write.

    A constant number of queries, whatever the number of orders; one for each basket.
    """
    return {
        "shop": settings.SHOP_NAME,
        "made_at": timezone.now(),
        "account": _account(person),
        "customer": [facts_of(each) for each in person.customers().order_by("pk")],
        "orders": _orders(person),
        "baskets": _baskets(person),
    }


def facts_of(row: Model, *, without: Collection[str] = ()) -> dict[str, Any]:
    """The row's own values by name; no secrets, no numbers of rows."""
    hidden = SECRETS.get(row._meta.label, set()) | set(without)
    return {
        field.name: _plain(field, field.value_from_object(row))
        for field in row._meta.concrete_fields
        if field.name not in hidden and not field.primary_key and not field.is_relation
    }


def _plain(field: Any, value: Any) -> Any:
    return value.name if isinstance(field, FileField) else value


def _account(person: Person) -> dict[str, Any] | None:
    user = person.user
    if user is None:
        return None
    return facts_of(user) | {
        "addresses": _all(EmailAddress.objects.filter(user=user)),
        "second_factors": _all(Authenticator.objects.filter(user=user)),
        "log_ins": _all(UserSession.objects.filter(user=user)),
    }


def _all(rows: Iterable[Model]) -> list[dict[str, Any]]:
    return [facts_of(row) for row in rows]


def _orders(person: Person) -> list[dict[str, Any]]:
    orders = person.orders().select_related("bake_day", "slot__place")
    return [
        _order(order)
        for order in orders.prefetch_related("lines", "events", "payments__events")
    ]


def _order(order: Order) -> dict[str, Any]:
    return facts_of(order) | {
        "pick_up": {
            "day": order.bake_day.date,
            "from": order.slot.starts,
            "until": order.slot.ends,
            "place": order.slot.place.name,
        },
        "lines": _all(order.lines.all()),
        "events": _all(order.events.all()),
        "payments": [
            facts_of(payment) | {"events": _all(payment.events.all())}
            for payment in order.payments.all()
        ],
    }


def _baskets(person: Person) -> list[dict[str, Any]]:
    """Open and old ones, and what was typed into a checkout that was not finished."""
    tokens = person.baskets()
    holds = {
        each.basket_token: each for each in Hold.objects.filter(basket_token__in=tokens)
    }
    return [_basket(token, holds.get(token)) for token in tokens]


def _basket(token: str, hold: Hold | None) -> dict[str, Any]:
    contents = stores["default"].read(token)
    return {
        "state": contents.state,
        "details": contents.details,
        "lines": [
            {"item": line.item, "quantity": line.quantity, "details": line.details}
            for line in contents.lines
        ],
        "checkout": facts_of(hold) if hold else None,
    }
