"""Mrs Ssoni's way through the shop, one step at a time, each answered by some clone."""

from __future__ import annotations

import html
import json
import re
import secrets
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from bakery.fleet.local import LocalFleet
from tests.one_time_codes import code_of
from tests.story.account_steps import LOG_IN, Account, token_on
from tests.story.database import rows
from tests.story.visitor import Answer, Visitor

OWNER = "owner@demo.bakery"
CONTACT = {"name": "Mrs Ssoni", "phone": "+353 1 555 0100", "note": ""}
CODE = "/account/auth/2fa/authenticate/"
ORDER = "SELECT code, id FROM shop_order WHERE secret = %s"
MAILS = """
    SELECT count(*) FROM django_tasks_database_dbtaskresult
    WHERE task_path LIKE '%%send_order_mail' AND args_kwargs::text LIKE %s
"""
ITEM = re.compile(r'name="item" value="([^"]+)"')
PIECES = re.compile(r'<input name="quantity" id="[^"]+-quantity"[^>]* value="(\d+)"')


@dataclass
class Journey:
    """Her browser, and that of the owner, who is logged in all the time."""

    fleet: LocalFleet
    visitor: Visitor
    staff: Visitor
    at: str = ""  # the clone that shall answer next
    pieces: int = 0  # of milk bread that she has been told are in her basket
    ordered: int = 0  # pieces of her latest order
    orders: list[str] = field(default_factory=list)  # the paths of their pages
    last: Answer | None = None
    answered: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.account = Account(self)

    def steps(self) -> Iterator[Callable[[], None]]:
        """Every request of the story; none knows what answered the one before.

        As a guest first; her order comes along when she makes an account.
        """
        yield lambda: self.get("/")
        yield lambda: self.get("/product/milk-bread/")
        yield self.add
        yield lambda: self.get("/basket/")
        yield self.change
        yield from self.ordering()
        yield lambda: self.get(self.orders[-1])
        yield from self.account.steps()

    def ordering(self) -> Iterator[Callable[[], None]]:
        """From the basket to the order."""
        contact = CONTACT | {"email": self.account.email}
        yield self.choose_time
        yield lambda: self.post("/checkout/", {}, 303)
        yield lambda: self.post("/checkout/contact/", contact, 303)
        yield lambda: self.get("/checkout/order/")
        yield self.place_order

    def get(self, path: str, status: int = 200) -> Answer:
        return self.told(self.visitor.get(path, at=self.at), status)

    def post(self, path: str, fields: dict[str, object], status: int) -> Answer:
        fields = fields | {"operation": secrets.token_hex(8)}
        return self.told(self.visitor.post(path, fields, at=self.at), status)

    def told(self, answer: Answer, status: int) -> Answer:
        """Remember what she was answered, by the clone that was to do it."""
        assert (answer.status, answer.served_by) == (status, self.at), answer.text
        self.answered.append(answer.served_by)
        self.last = answer
        return answer

    def add(self) -> None:
        self.post("/basket/lines/", {"sku": "milk-bread", "quantity": 1}, 303)
        self.pieces = 1

    def change(self) -> None:
        item = html.unescape(ITEM.search(self.last.text)[1])
        self.post("/basket/line/", {"item": item, "set": 2}, 303)
        self.pieces = 2

    def choose_time(self) -> None:
        page = self.visitor.get("/basket/pick-up/", at=self.at).text
        inputs = re.findall(r'<input type="radio" name="slot"[^>]*>', page)
        free = next(each for each in inputs if "disabled" not in each)
        slot = re.search(r'value="(\d+)"', free)[1]
        self.post("/basket/pick-up/", {"slot": slot}, 303)

    def place_order(self) -> None:
        fields = self.last.hidden("/checkout/order/")
        answer = self.post("/checkout/order/", fields, 303)
        self.orders.append(answer.headers["Location"])
        self.ordered, self.pieces = self.pieces, 0

    # --- what must be true between any two steps -----------------------------------

    def everything_is_there(self, *clones: str) -> None:
        """Each of the clones shows the same basket, orders, account and staff page."""
        # The page tells once what the last press did; from then on it stays the same.
        self.visitor.get("/basket/", at=clones[0])
        shown = [self._shown(clone) for clone in clones]
        assert all(each == shown[0] for each in shown)
        assert shown[0]["pieces"] == self.pieces

    def has_one_mail_for_each_order(self) -> None:
        """The orders that she was led to are there, once, and she is shown them."""
        for path in self.orders:
            secret = path.strip("/").split("/")[1]
            [(code, number)] = rows(self.fleet, ORDER, secret)
            assert code in self.visitor.get(path).text
            assert rows(self.fleet, MAILS, f"%[{number}, %")[0] == (1,)

    def _shown(self, clone: str) -> dict[str, object]:
        badge = json.dumps(self.visitor.cookies.get("badge"))
        basket = self.visitor.get("/basket/", at=clone)
        staff = self.staff.get("/staff/", at=clone)
        orders = [self.visitor.get(path, at=clone) for path in self.orders]
        assert {basket.served_by, staff.served_by} == {clone}
        assert (basket.status, staff.status) == (200, 200), basket.text + staff.text
        return {
            "basket": re.sub(r"<time.*?</time>", "", basket.text),
            "pieces": pieces_on(basket),
            "badge": badge,
            "orders": [(order.status, order.text) for order in orders],
            "account": self.account.shown(clone),
        }


def pieces_on(basket: Answer) -> int:
    """How many pieces the basket page shows, all lines together."""
    return sum(map(int, PIECES.findall(basket.text)))


def log_in(fleet: LocalFleet, staff: Visitor, at: str = "") -> Answer:
    """The owner's way in, by the pages' own forms: the password, then a code."""
    password, key = fleet.log_ins[OWNER]
    first = _post_form(staff, LOG_IN, {"login": OWNER, "password": password}, at)
    assert (first.status, first.headers["Location"]) == (302, CODE), first.text
    # Each code counts once; the one of half a minute ago or ahead is as good.
    for steps in (0, 1, -1):
        answer = _post_form(staff, CODE, {"code": code_of(key, steps)}, at)
        if answer.status == 302:
            break
    return answer


def _post_form(staff: Visitor, path: str, fields: dict[str, object], at: str) -> Answer:
    token = token_on(staff.get(path, at=at))
    return staff.post(path, fields | {"csrfmiddlewaretoken": token}, at=at)
