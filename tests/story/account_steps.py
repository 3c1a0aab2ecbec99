"""What she does with an account: makes it, shows her face, leaves and comes back."""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from typing import TYPE_CHECKING

from bakery.fleet.local import LocalFleet
from tests.processes import wait_until
from tests.shop.pictures.corpus import photo
from tests.story.database import rows
from tests.story.visitor import Answer, Visitor

if TYPE_CHECKING:
    from tests.story.journey import Journey

PASSWORD = "four loaves before the rain"
ACCOUNT, ORDERS, PICTURE = "/account/", "/account/orders/", "/account/picture/"
SIGN_UP, LOG_IN = "/account/auth/signup/", "/account/auth/login/"
LOG_OUT = "/account/auth/logout/"
LINK = re.compile(r"https?://[^/\s]+(/account/auth/confirm-email/\S+)")
TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="([^"]+)"')
AGAIN = re.compile(r'action="(/account/orders/\w+/again/)"')
PORTRAIT = re.compile(r'<img class="person [^>]* src="([^"]+)"')
CLAIMED = """
    SELECT count(*) FROM shop_order JOIN shop_customer
    ON shop_customer.id = shop_order.customer_id
    WHERE shop_customer.email = %s AND shop_customer.user_id IS NOT NULL
"""


@dataclass
class Account:
    """Hers, with an address that nobody had before."""

    journey: Journey
    email: str = field(
        default_factory=lambda: f"ssoni-{secrets.token_hex(6)}@example.com"
    )
    is_in: bool = False
    has_picture: bool = False
    put_in: int = 0  # pieces in the account's basket
    # The window as it was when she logged out: its cookies must open nothing.
    left: Visitor | None = None

    def steps(self) -> Iterator[Callable[[], None]]:
        """After an order that she has placed as a guest."""
        journey = self.journey
        yield self.sign_up
        yield self.confirm
        yield self.send_picture
        yield self.order_again
        yield self.log_out
        yield self.log_in
        yield from journey.ordering()
        yield self.order_again

    def sign_up(self) -> None:
        self._submit(SIGN_UP, {"email": self.email, "password1": PASSWORD}, 302)

    def confirm(self) -> None:
        """By the link in the mail that the fleet's mail server has got."""
        self._submit(link_in_mail(self.journey.fleet, self.email), {}, 302)
        self.is_in = True
        # Who ordered is noted by a task, which may have been hindered.
        assert wait_until(self._has_all_orders, 60)

    def send_picture(self) -> None:
        journey = self.journey
        fields = {"csrfmiddlewaretoken": token_on(journey.visitor.get(PICTURE))}
        answer = journey.visitor.send_file(PICTURE, fields, photo(), journey.at)
        journey.told(answer, 303)
        self.has_picture = True

    def order_again(self) -> None:
        """The latest order's lines come into her basket."""
        journey = self.journey
        page = journey.visitor.get(ORDERS)
        fields = {"csrfmiddlewaretoken": token_on(page)}
        journey.post(AGAIN.search(page.text)[1], fields, 303)
        journey.pieces += journey.ordered

    def log_out(self) -> None:
        journey = self.journey
        self.left = Visitor(journey.fleet.port, dict(journey.visitor.cookies))
        self._submit(LOG_OUT, {}, 302, form_on=ACCOUNT)
        self.is_in, self.put_in, journey.pieces = False, journey.pieces, 0

    def log_in(self) -> None:
        self._submit(LOG_IN, {"login": self.email, "password": PASSWORD}, 302)
        self.is_in, self.journey.pieces = True, self.put_in

    def _submit(
        self, path: str, fields: dict[str, str], status: int, form_on: str = ""
    ) -> None:
        """The form comes from whichever clone the balancer takes."""
        page = self.journey.visitor.get(form_on or path)
        token = {"csrfmiddlewaretoken": token_on(page)}
        self.journey.post(path, fields | token, status)

    def _has_all_orders(self) -> bool:
        journey = self.journey
        return rows(journey.fleet, CLAIMED, self.email) == [(len(journey.orders),)]

    # --- what must be true between any two steps -----------------------------------

    def shown(self, clone: str) -> dict[str, object]:
        """Whether she is in, her picture and her orders, as this clone has them."""
        if self.left:
            answer = Visitor(self.left.port, dict(self.left.cookies)).get(
                ACCOUNT, clone
            )
            assert is_sent_to_log_in(answer), answer.text
        account, orders = (
            self.journey.visitor.get(path, at=clone) for path in (ACCOUNT, ORDERS)
        )
        if not self.is_in:
            assert is_sent_to_log_in(account), account.text
            assert is_sent_to_log_in(orders), orders.text
            return {}
        assert (account.status, orders.status) == (200, 200), account.text
        assert {account.served_by, orders.served_by} == {clone}
        assert self.email in account.text
        assert len(AGAIN.findall(orders.text)) == len(self.journey.orders)
        return {
            "account": TOKEN.sub("", account.text),
            "orders": TOKEN.sub("", orders.text),
            "picture": self._picture(account, clone),
        }

    def _picture(self, account: Answer, clone: str) -> tuple[str, str] | None:
        """The address of her picture and what is there."""
        found = PORTRAIT.search(account.text)
        assert bool(found) == self.has_picture
        if not found:
            return None
        picture = self.journey.visitor.get(found[1], at=clone)
        assert (picture.status, picture.served_by) == (200, clone)
        assert picture.headers["Content-Type"] == "image/jpeg"
        return found[1], picture.text


def is_sent_to_log_in(answer: Answer) -> bool:
    return answer.status == 302 and answer.headers["Location"].startswith(LOG_IN)


def token_on(page: Answer) -> str:
    """What the page's forms have to bring along."""
    return TOKEN.search(page.text)[1]


def link_in_mail(fleet: LocalFleet, email: str) -> str:
    """The path of the link in the mail by which the address is confirmed."""
    found: list[str] = []

    def has_come() -> bool:
        for file in (fleet.backends.mails / "new").glob("*"):
            mail = message_from_bytes(file.read_bytes(), policy=policy.default)
            if mail["To"] == email:
                found.extend(LINK.findall(mail.get_body(("plain",)).get_content()))
        return bool(found)

    assert wait_until(has_come, 60)
    return found[0]
