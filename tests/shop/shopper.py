"""A shopper at a browser without script: keeps cookies, posts from our own pages."""

from __future__ import annotations

import html
import re
from typing import Any

from django.conf import settings
from django.test import Client
from django.urls import reverse

from basket import tokens
from basket.backends.base import Contents, stores
from shop.models import Slot, Variant

CONTACT = {
    "name": "Mrs Ssoni",
    "email": "ssoni@example.com",
    "phone": "+353 1 555 0100",
    "note": "My son comes",
}


class Shopper(Client):
    """`post` comes from a page of ours; another origin is said by its header."""

    def __init__(self, **named: Any) -> None:
        super().__init__(**named)
        self.cookies[settings.BASKET_COOKIE_NAME] = tokens.sign(tokens.new_token())

    def post(self, path: str, data: Any = None, **named: Any):
        named.setdefault("headers", {"sec-fetch-site": "same-origin"})
        return super().post(path, data, **named)

    def press(self, path: str, data: Any = None, **headers: str):
        """As the script posts: with X-Fragment and such."""
        return self.post(
            path, data, headers={"sec-fetch-site": "same-origin"} | headers
        )

    # --- what the story is made of ---

    def add(self, variant: Variant, quantity: object = 1, **fields: Any):
        data = {"sku": variant.sku, "quantity": quantity} | fields
        return self.post(reverse("shop:basket_lines"), data)

    def set(self, item: str, quantity: object, **fields: Any):
        data = {"item": item, "quantity": quantity} | fields
        return self.post(reverse("shop:basket_line"), data)

    def choose(self, slot: Slot):
        return self.post(reverse("shop:pick_up"), {"slot": slot.pk})

    def fill(self, variant: Variant, slot: Slot, quantity: int = 1) -> Contents:
        """Pieces and a pick-up time, by the pages."""
        assert self.add(variant, quantity).status_code == 303
        assert self.choose(slot).status_code == 303
        return self.contents()

    def reach_last_screen(self, **contact: str):
        """Through both screens of checkout; the page with the order button."""
        assert self.post(reverse("shop:checkout")).status_code == 303
        answer = self.post(reverse("shop:checkout_contact"), CONTACT | contact)
        assert answer.status_code == 303, answer.content.decode()
        return self.get(reverse("shop:checkout_order"))

    def order(self, page, **fields: Any):
        """Press the button of that page."""
        return self.post(reverse("shop:checkout_order"), hidden_fields(page) | fields)

    # --- looking behind the pages ---

    @property
    def token(self) -> str:
        return tokens.read(self.cookies[settings.BASKET_COOKIE_NAME].value)

    def contents(self) -> Contents:
        return stores["default"].read(self.token)

    def pieces(self) -> dict[str, int]:
        return {line.item: line.quantity for line in self.contents().lines}


def hidden_fields(page) -> dict[str, str]:
    """The hidden inputs of a page's last form."""
    form = words(page).rpartition("<form")[2]
    found = re.findall(r'type="hidden" name="([^"]+)" value="([^"]*)"', form)
    return {name: html.unescape(value) for name, value in found}


def words(page) -> str:
    return page.content.decode()


def text(page) -> str:
    """What a page says, without its tags."""
    main = re.search(r"<main.*?</main>", words(page), re.S)
    plain = re.sub(r"<[^>]+>", " ", main[0] if main else words(page))
    return " ".join(html.unescape(plain).split())
