"""The story once more, of a shopper with an account, through a live fleet."""

from __future__ import annotations

import io
import secrets
import time
from dataclasses import dataclass, field

from PIL import Image

from bakery.prove import behind
from bakery.prove.comparing import (
    Difference,
    demand_same_file,
    demand_status,
    is_sent_to_log_in,
    pictures_on,
)
from bakery.prove.doors import Answer, Door
from bakery.prove.forms import File
from bakery.prove.walk import CONTACT, LOOKS, PAUSE, Step, Walk
from shop.reserved_account import LogIn

LOG_IN, LOG_OUT = "/account/auth/login/", "/account/auth/logout/"
ACCOUNT, ORDERS, PICTURE = "/account/", "/account/orders/", "/account/picture/"
SIDE = 256  # pixels


@dataclass
class AccountWalk(Walk):
    """One shopper's way from the log-in over a picture and an order to the log-out."""

    account: LogIn | None = None  # while logged in
    picture: str = ""  # address of the picture that the shopper was shown
    closed: list[dict[str, str]] = field(default_factory=list)  # cookies of log-ins

    def _steps(self) -> list[Step]:
        mine = self._compare_own_pages
        return [
            ("log in", self.log_in, mine),
            ("send a picture of oneself", self.send_picture, mine),
            ("add one to the basket, logged in", self.add, mine),
            ("choose a pick-up time, logged in", self.choose_time, mine),
            ("check out, logged in", lambda: self.post("/checkout/", {}), mine),
            (
                "say for whom, logged in",
                lambda: self.post("/checkout/contact/", CONTACT),
                mine,
            ),
            (
                "check the order, logged in",
                lambda: self.get("/checkout/order/"),
                mine,
            ),
            ("order, logged in", self.place_order, mine),
            ("get one mail for it", self.get_mail, mine),
            ("find it among the orders", self.find_order, self._compare_orders),
            ("order the same again", self.order_again, mine),
            ("cancel it", self.cancel, mine),
            ("everything of it given back", self.look_behind, mine),
            ("log out", self.log_out, self._compare_strangers),
        ]

    # --- steps ---------------------------------------------------------------------

    def log_in(self) -> None:
        self.account = behind.new_account()
        fields = {"login": self.account.email, "password": self.account.password}
        self._press(LOG_IN, LOG_IN, fields, status=302)
        self._keep_log_in()

    def send_picture(self) -> None:
        self._press(PICTURE, PICTURE, {"file": new_picture()})
        shown = pictures_on(self.get(ACCOUNT).text)
        if not shown:
            told = f"{self.door} took the picture and does not show it."
            raise Difference("files", [self.door], told)
        self.picture = shown[0]

    def find_order(self) -> None:
        if self.order.code not in self.get(ORDERS).text:
            told = f"{self.door} does not show order {self.order.code} in the account."
            raise Difference("facts", [self.door], told)

    def order_again(self) -> None:
        self._press(ORDERS, f"{ORDERS}{self.order.code}/again/", {})
        self.pieces = 1

    def log_out(self) -> None:
        self._keep_log_in()
        self._press(LOG_OUT, LOG_OUT, {}, status=302)
        self.account, self.pieces = None, 0

    def _press(
        self, page: str, action: str, fields: dict[str, object], status: int = 303
    ) -> None:
        """A button of a page whose form carries a token against foreign sites."""
        hidden = self.get(page).hidden(action)
        for _ in range(LOOKS):
            self.post(action, hidden | fields, status, busy=503)
            if self.last.status == status:
                return
            time.sleep(PAUSE)  # it reads somebody else's picture, or hashes
        demand_status(self.last, status)

    def _keep_log_in(self) -> None:
        self.closed.append(dict(self.shopper.cookies))

    # --- comparing -----------------------------------------------------------------

    def _compare_own_pages(self) -> None:
        self._look(self.door, ACCOUNT)  # it too tells once what has just been done
        super()._compare_own_pages()
        page = self._compare(ACCOUNT, is_own=True)
        if self.account.email not in page.text:
            told = "None of them knows who has logged in."
            raise Difference("log-in", [self.door, *self.others], told)
        if self.picture:
            self._compare_picture(page)

    def _compare_orders(self) -> None:
        self._compare_own_pages()
        self._compare(ORDERS, is_own=True)

    def _compare_picture(self, page: Answer) -> None:
        """The account's page shows it, and every clone has the file itself."""
        if self.picture not in pictures_on(page.text):
            told = f"The account shows no picture; {self.picture} was sent."
            raise Difference("files", [self.door, *self.others], told)
        mine = self._file_at(self.door)
        for other in self.others:
            self.compared += 1
            try:
                demand_same_file(mine, self._file_at(other))
            except Difference as difference:
                difference.what += self._whose_file_stands_alone(other)
                raise

    def _whose_file_stands_alone(self, other: Door) -> str:
        def is_like(third: Door, one: Door) -> bool:
            mine, theirs = self._file_at(third), self._file_at(one)
            return (mine.status, mine.body) == (theirs.status, theirs.body)

        return self._alone_of(other, is_like)

    def _file_at(self, door: Door) -> Answer:
        return self._look(door, self.picture)

    def _compare_strangers(self) -> None:
        """Logged out: nobody shows anything of it, also to who kept the cookies."""
        after = dict(self.shopper.cookies)
        try:
            for cookies in [after, *self.closed]:
                for door in [self.door, *self.others]:
                    self.shopper.cookies = dict(cookies)
                    self._demand_unknown(door)
        finally:
            self.shopper.cookies = after
        self._look(self.door, "/basket/")
        self._demand_pieces()

    def _demand_unknown(self, door: Door) -> None:
        for path in (ACCOUNT, ORDERS, PICTURE):
            self.compared += 1
            answer = self._look(door, path)
            if not is_sent_to_log_in(answer):
                told = f"{door} still knows who was logged in, at {path}."
                raise Difference("log-in", [door], told)


def new_picture() -> File:
    """A small picture nobody has sent before."""
    image = Image.frombytes("RGB", (2, 2), secrets.token_bytes(12))
    file = io.BytesIO()
    image.resize((SIDE, SIDE), Image.Resampling.NEAREST).save(file, "PNG")
    return File("proof.png", "image/png", file.getvalue())
