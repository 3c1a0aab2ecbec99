"""Every address of the shop, from the URLconf, with things to put into it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from cryptography.hazmat.primitives.asymmetric import ec
from django.contrib import admin
from django.contrib.admin.sites import all_sites
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.urls import URLPattern, URLResolver, get_resolver
from fido2.cose import ES256
from fido2.utils import websafe_encode
from fido2.webauthn import (
    Aaguid,
    AttestationObject,
    AttestedCredentialData,
    AuthenticatorData,
)

from shop.models import Customer, Order, User
from tests.shop import make

ARGUMENT = re.compile(r"<(?:\w+:)?(?P<path>\w+)>|\(\?P<(?P<regex>\w+)>.*?\)")
MISSING = {
    "secret": "x" * 43,
    "code": "ZZZZZ",
    "line_id": "987654321",
    "object_id": "987654321",
    "pk": "987654321",
    "id": "987654321",
    "name": "pictures/" + "f" * 32 + "-400.jpg",
    "slug": "no-such-thing",
    "key": "no-such-key",
    "date": "2031-01-01",
}


def patterns(resolver: URLResolver | None = None, before: str = "/") -> list[str]:
    """As the URLconf writes them: "/order/<str:secret>/". Each once."""
    found: dict[str, None] = {}
    for each in (resolver or get_resolver()).url_patterns:
        pattern = before + str(each.pattern)
        if isinstance(each, URLPattern):
            found[pattern] = None
        else:
            found |= dict.fromkeys(patterns(each, pattern))
    return list(found)


def arguments(pattern: str) -> list[str]:
    return [found["path"] or found["regex"] for found in ARGUMENT.finditer(pattern)]


@dataclass
class Things:
    """One of everything an address can name, and whose it is."""

    owner: User
    order: Order
    values: dict[str, Any] = field(default_factory=dict)
    # For addresses whose argument means something else there than elsewhere.
    special: dict[tuple[str, str], Any] = field(default_factory=dict)

    def path(self, pattern: str, **instead: Any) -> str:
        """An address of the pattern that names these things."""

        def value(found: re.Match[str]) -> str:
            name = found["path"] or found["regex"]
            if name in instead:
                return str(instead[name])
            return str(self._value(pattern, name))

        path = ARGUMENT.sub(value, pattern)
        return re.sub(r"[\^$]", "", path)

    def _value(self, pattern: str, name: str) -> Any:
        for (start, argument), value in self.special.items():
            if argument == name and pattern.startswith(start):
                return value
        return self.values[name]

    def missing(self, pattern: str) -> str:
        """An address of the pattern that names what is not there."""
        return self.path(pattern, **MISSING)


def make_things() -> Things:
    """Order, product, picture, second factor ... of a customer with an account."""
    owner = make.make_user(email="owner@example.com", name="Mrs Ssoni")
    order = make.make_order(
        code="K7MQX", email=owner.email, customer=customer_of(owner)
    )
    line = order.lines.get()
    key = make_passkey(owner)
    picture = "pictures/" + "0a" * 16 + "-400.jpg"
    default_storage.delete(picture)
    default_storage.save(picture, ContentFile(b"crumb"))
    things = Things(owner, order)
    things.values = {
        "secret": order.secret,
        "code": order.code,
        "line_id": line.pk,
        "date": order.bake_day.date.isoformat(),
        "name": picture,
        "slug": line.variant.product.slug,
        "pk": key.pk,
        "id": owner.pk,
        "app_label": "shop",
        "url": "nowhere",
        "key": "no-such-key",
        "uidb36": "1",
        "content_type_id": 1,
        "object_id": 1,
    }
    things.special[("/category/", "slug")] = line.variant.product.category.slug
    for start, pk in _admin_rows(owner):
        things.special[(start, "object_id")] = pk
    return things


def customer_of(user: User) -> Customer:
    confirm(user)
    customer, _ = Customer.objects.get_or_create(
        email=user.email, defaults={"name": user.name}
    )
    Customer.objects.filter(pk=customer.pk).update(user=user)
    customer.refresh_from_db()
    return customer


def confirm(user: User) -> None:
    """The user has confirmed the e-mail address."""
    EmailAddress.objects.update_or_create(
        user=user, email=user.email, defaults={"verified": True, "primary": True}
    )


def make_passkey(user: User) -> Authenticator:
    """As a phone registers it; nobody has its private key."""
    public_key = ES256.from_cryptography_key(
        ec.generate_private_key(ec.SECP256R1()).public_key()
    )
    credential = AttestedCredentialData.create(Aaguid.NONE, b"k" * 32, public_key)
    flags = AuthenticatorData.FLAG.UP | AuthenticatorData.FLAG.AT
    data = AuthenticatorData.create(b"h" * 32, flags, 0, credential)
    response = {
        "clientDataJSON": websafe_encode(
            b'{"type": "webauthn.create", "challenge": "AA", "origin": "https://x"}'
        ),
        "attestationObject": websafe_encode(AttestationObject.create("none", data, {})),
    }
    facts = {"id": websafe_encode(b"k" * 32), "rawId": websafe_encode(b"k" * 32)}
    return Authenticator.objects.create(
        user=user,
        type=Authenticator.Type.WEBAUTHN,
        data={
            "name": "her phone",
            "credential": facts | {"type": "public-key", "response": response},
        },
    )


def _admin_rows(owner: User) -> Iterator[tuple[str, Any]]:
    """One row for each list of the admin, where one can be made."""
    makers = {
        "place": make.make_place,
        "bakeday": lambda: make.the(make.BakeDay, make.make_bake_day),
        "dayexception": lambda: make.make_exception(date=make.day_from_today(20)),
        "category": make.make_category,
        "taxclass": make.make_tax_class,
        "customer": make.make_customer,
        "resource": make.make_resource,
        "capacity": make.make_capacity,
        "hold": make.make_hold,
        "order": make.make_order,
        "product": make.make_product,
        "variant": make.make_variant,
        "ingredient": make.make_ingredient,
        "recipe": make.make_recipe,
        "user": lambda: owner,
    }
    for model in admin.site._registry:
        name = model._meta.model_name
        row = makers[name]() if name in makers else model._base_manager.first()
        start = f"/admin/{model._meta.app_label}/{name}/"
        yield start, row.pk if row else MISSING["object_id"]


def models_in_the_admin() -> list[str]:
    """As in an address: "shop/order"."""
    assert [site.name for site in all_sites] == ["admin"]
    return [
        f"{model._meta.app_label}/{model._meta.model_name}"
        for model in admin.site._registry
    ]
