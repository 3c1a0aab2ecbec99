"""The story, walked through a live fleet: each step asks another clone."""

from __future__ import annotations

import re
import secrets
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field

from bakery.prove import behind
from bakery.prove.comparing import (
    Difference,
    demand_right_clone,
    demand_same,
    demand_status,
    pieces_on,
)
from bakery.prove.doors import Answer, Door, NoAnswer, Shopper
from shop.models import Order
from shop.reserved import SKU

CONTACT = {
    "name": "Proof",
    "email": "proof@example.com",
    "phone": "+353 1 555 0100",
    "note": "",
}
WITNESSES = 2  # other clones that are asked after each step
LOOKS = 3  # at pages that change while the shop sells, before they count as different
PAUSE = 1.1  # seconds: by then a change is seen everywhere
Step = tuple[str, Callable[[], object], Callable[[], object]]
PRODUCT = re.compile(r'href="(/product/[^"?]+/)')
FREE_SLOT = re.compile(r'<input type="radio" name="slot" value="(\d+)"')


@dataclass(frozen=True)
class Done:
    """A step that went well: who took it, how long, whom it was compared with."""

    step: str
    at: str
    milliseconds: int
    same_at: list[str]


@dataclass
class Walk:
    """One shopper's way from the home page to a cancelled order.

    `doors` are asked by turns; `witnesses` are the clones whose pages are compared.
    With `twice` every change is sent a second time, as a balancer repeats it.
    """

    shopper: Shopper
    doors: Sequence[Door]
    witnesses: Sequence[Door]
    tell: Callable[[Done], None]
    turn: int = 0
    twice: bool = False
    public: str = "/"  # the page that all shoppers are shown
    product: str = "/"
    pieces: int = 0  # that the shopper has been told are in the basket
    order: Order | None = None
    path: str = ""  # of the order's page
    last: Answer | None = None
    done: list[Done] = field(default_factory=list)
    compared: int = 0

    def go(self) -> None:
        """All steps. Raises Difference at the first one, and NoAnswer."""
        for name, step, compare in self._steps():
            try:
                self._take(name, step, compare)
            except Difference as difference:
                difference.step = name
                raise
            except NoAnswer as error:
                raise NoAnswer(f"{error} (at the step “{name}”)") from error

    def _steps(self) -> list[Step]:
        mine = self._compare_own_pages
        return [
            ("home page", self.look_at_home, self._compare_public_page),
            ("product page", self.look_at_product, self._compare_public_page),
            ("add one to the basket", self.add, mine),
            ("look into the basket", lambda: self.get("/basket/"), mine),
            ("make it two", self.change, mine),
            ("choose a pick-up time", self.choose_time, mine),
            ("check out", lambda: self.post("/checkout/", {}), mine),
            ("say for whom", lambda: self.post("/checkout/contact/", CONTACT), mine),
            ("check the order", lambda: self.get("/checkout/order/"), mine),
            ("order", self.place_order, mine),
            ("look at the order", lambda: self.get(self.path), mine),
            ("get one mail", self.get_mail, mine),
            ("cancel", self.cancel, mine),
            ("everything given back", self.look_behind, mine),
        ]

    def _take(self, name: str, step: Callable, compare: Callable) -> None:
        door, began = self.door, time.monotonic()
        step()
        milliseconds = round((time.monotonic() - began) * 1000)
        same_at = [str(each) for each in self.others]
        compare()
        done = Done(name, str(door), milliseconds, same_at)
        self.done.append(done)
        self.tell(done)
        self.turn += 1

    # --- who is asked --------------------------------------------------------------

    @property
    def door(self) -> Door:
        return self.doors[self.turn % len(self.doors)]

    @property
    def others(self) -> list[Door]:
        """The next clones in turn, without the one that takes this step."""
        at = self.turn % len(self.witnesses)
        turned = [*self.witnesses[at:], *self.witnesses[:at]]
        return [each for each in turned if each != self.door][:WITNESSES]

    def get(self, path: str) -> Answer:
        self.last = self._look(self.door, path)
        demand_status(self.last, 200)
        return self.last

    def post(
        self, path: str, fields: dict[str, object], status: int = 303, busy: int = 0
    ) -> Answer:
        """A change that is followed by a redirect; a repeat must lead there as well.

        With `busy` that status is an answer too: nothing was done.
        """
        known, operation = self.shopper.cookies, secrets.token_hex(8)
        for send in range(1 + self.twice):
            self.shopper.cookies = dict(known)  # a repeat is the very same request
            answer = self.shopper.post(self.door, path, fields, operation)
            demand_right_clone(answer)
            if answer.status == busy:
                self.last = answer
                break
            demand_status(answer, status)
            if send and not answer.location.startswith(self.last.location):
                told = f"{self.last.location} at first, {answer.location} on repeat."
                raise Difference("repeat", [self.door], told)
            self.last = answer
        return answer

    def _look(self, door: Door, path: str) -> Answer:
        answer = self.shopper.get(door, path)
        demand_right_clone(answer)
        return answer

    # --- steps ---------------------------------------------------------------------

    def look_at_home(self) -> None:
        found = PRODUCT.search(self.get("/").text)
        self.product = found[1] if found else "/"  # an empty shop has none to look at

    def look_at_product(self) -> None:
        self.get(self.product)
        self.public = self.product

    def add(self) -> None:
        self.post("/basket/lines/", {"sku": SKU, "quantity": 1})
        self.pieces = 1

    def change(self) -> None:
        self.post("/basket/line/", {"item": SKU, "set": 2})
        self.pieces = 2

    def choose_time(self) -> None:
        free = FREE_SLOT.search(self.get("/basket/pick-up/").text)
        if free is None:
            told = f"{self.door} offers no pick-up time."
            raise Difference("facts", [self.door], told)
        self.post("/basket/pick-up/", {"slot": free[1]})

    def place_order(self) -> None:
        before = behind.number_of_orders()
        answer = self.post("/checkout/order/", self.last.hidden("/checkout/order/"))
        self.path, self.pieces = answer.location, 0
        self.order = behind.order_behind(self.path.split("/")[-2])
        number = behind.number_of_orders() - before
        if number != 1:
            raise Difference("repeat", [self.door], f"It made {number} orders.")

    def get_mail(self) -> None:
        behind.demand_mail(self.order, "confirmation")

    def cancel(self) -> None:
        self.post(f"{self.path}cancellation/", {})

    def look_behind(self) -> None:
        behind.demand_mail(self.order, "cancellation")
        behind.demand_one_mail_each(self.order)
        behind.demand_all_given_back()

    # --- comparing -----------------------------------------------------------------

    def _compare_public_page(self) -> None:
        """What everybody sees; it may change in the middle of being looked at."""
        self._compare(self.public, is_own=False)

    def _compare_own_pages(self) -> None:
        # The page tells once what the last press did; from then on it stays the same.
        self._look(self.door, "/basket/")
        self._demand_pieces()
        if self.path:
            self._compare(self.path, is_own=True)

    def _demand_pieces(self) -> None:
        pieces = pieces_on(self._compare("/basket/", is_own=True).text)
        if pieces != self.pieces:
            told = f"All show {pieces} pieces; {self.pieces} were put into the basket."
            raise Difference("facts", [self.door, *self.others], told)

    def _compare(self, path: str, *, is_own: bool) -> Answer:
        """The page as the step's own door shows it, compared with the witnesses'."""
        for other in self.others:
            try:
                mine = self._look_until_same(path, other, is_own)
            except Difference as difference:
                difference.what += self._who_stands_alone(path, other)
                raise
        return mine

    def _who_stands_alone(self, path: str, other: Door) -> str:
        def is_like(third: Door, one: Door) -> bool:
            with suppress(Difference):
                demand_same(self._look(third, path), self._look(one, path))
                return True
            return False

        return self._alone_of(other, is_like)

    def _alone_of(self, other: Door, is_like: Callable[[Door, Door], bool]) -> str:
        """Which of two that differ the third one is not like, in words; "" if none."""
        pair = (self.door, other)
        for third in (each for each in self.witnesses if each not in pair):
            for one, alone in (pair, pair[::-1]):
                if is_like(third, one):
                    return f" {third} is like {one}: {alone} stands alone."
        return ""

    def _look_until_same(self, path: str, other: Door, is_own: bool) -> Answer:
        """The shopper's own things are the same at once, or they differ."""
        for look in range(1, LOOKS + 1):
            mine, theirs = self._look(self.door, path), self._look(other, path)
            self.compared += 1
            try:
                demand_same(mine, theirs)
                break
            except Difference as difference:
                if look == LOOKS or (is_own and difference.kind != "page"):
                    raise
            time.sleep(PAUSE)
        return mine
