"""Shoppers at a fleet's balancer: they look, fill baskets and order, without a pause.

Whatever was answered with "done" must be there in the end, and once. A shopper never
sends anything again: what fails has failed.
"""

from __future__ import annotations

import contextlib
import http.client
import itertools
import random
import re
import secrets
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from urllib.parse import urlencode, urlsplit

from tests.story.visitor import NOBODY_SIGNED_IT, Answer

BREADS = ["milk-bread", "baguette", "croissant", "bagel"]
PAGES = ["/", "/product/milk-bread/", "/category/breads/", "/allergens/", "/basket/"]
ASSET = re.compile(r'(?:href|src)="(/static/[^"#?]+)')
# Of the basket's lines only: the cards of what goes with it have a hidden quantity.
PIECES = re.compile(r'<input name="quantity" id="[^"]*-quantity"[^>]*\bvalue="(\d+)"')
FREE_SLOT = re.compile(r'<input type="radio" name="slot" value="(\d+)"')
CONTACT = {"name": "Load", "phone": "+353 1 555 0100", "note": ""}
BROKEN = (OSError, http.client.HTTPException)


@dataclass(frozen=True)
class Done:
    """One request: when it began, how long it took, with which status (0: none)."""

    at: float
    seconds: float
    what: str
    status: int
    by: str = ""
    release: str = ""

    @property
    def failed(self) -> bool:
        return self.status == 0 or self.status >= 500


class Line:
    """A browser's connection, kept open as browsers do, made anew when it is closed."""

    def __init__(self, url: str, done: list[Done]) -> None:
        self.site = urlsplit(url)
        self.done = done
        self.cookies: dict[str, str] = {}
        self.connection: http.client.HTTPSConnection | None = None

    def get(self, path: str) -> Answer | None:
        return self._send("GET", path, None)

    def post(self, path: str, fields: dict[str, object]) -> Answer | None:
        return self._send("POST", path, urlencode(fields))

    def _send(self, method: str, path: str, body: str | None) -> Answer | None:
        """None if nobody answered."""
        what, at, began = f"{method} {path[:60]}", time.time(), time.monotonic()
        try:
            answer = self._ask(method, path, body)
        except BROKEN as error:
            self.close()
            what += f" {error!r}"
            self.done.append(Done(at, time.monotonic() - began, what, 0))
            return None
        seconds = time.monotonic() - began
        by, release = answer.headers["X-Served-By"], answer.headers["X-Release"]
        self.done.append(Done(at, seconds, what, answer.status, by, release or ""))
        return answer

    def _ask(self, method: str, path: str, body: str | None) -> Answer:
        if self.connection is None:
            self.connection = http.client.HTTPSConnection(
                self.site.hostname, self.site.port, timeout=30, context=NOBODY_SIGNED_IT
            )
        self.connection.request(method, path, body, self._headers(body))
        response = self.connection.getresponse()
        text = response.read().decode(errors="replace")
        if response.will_close:
            self.close()
        for line in response.headers.get_all("Set-Cookie", []):
            name, _, value = line.partition(";")[0].partition("=")
            self.cookies[name] = value
        return Answer(response.status, response.headers, text)

    def _headers(self, body: str | None) -> dict[str, str]:
        origin = f"https://{self.site.netloc}"
        headers = {"Accept": "text/html", "Sec-Fetch-Site": "same-origin"}
        headers |= {"Origin": origin, "Referer": f"{origin}/"}
        if body is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        if self.cookies:
            headers["Cookie"] = "; ".join(f"{k}={v}" for k, v in self.cookies.items())
        return headers

    def close(self) -> None:
        if self.connection:
            self.connection.close()
        self.connection = None


@dataclass
class Load:
    """So many shoppers in threads of their own, and one who orders."""

    url: str
    shoppers: int = 6
    pause: float = 0.0
    orders: bool = True
    done: list[Done] = field(default_factory=list)
    missing_assets: list[str] = field(default_factory=list)
    wrong_baskets: list[str] = field(default_factory=list)
    codes: list[str] = field(default_factory=list)  # in the links of confirmed orders
    unsure_orders: int = 0
    problems: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._stop = threading.Event()
        work = [self._shop for _ in range(self.shoppers)]
        work += [self._order] if self.orders else []
        self._threads = [threading.Thread(target=each) for each in work]

    def __enter__(self) -> Load:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join()

    @property
    def failed(self) -> list[Done]:
        return [done for done in self.done if done.failed]

    def p99(self, begin: float = 0.0, end: float = float("inf")) -> float:
        """Seconds, of the requests that began in that time."""
        took = sorted(each.seconds for each in self.done if begin <= each.at < end)
        return took[int(len(took) * 0.99)] if took else 0.0

    def statuses(self) -> Counter[int]:
        return Counter(each.status for each in self.done)

    # --- each in a thread ----------------------------------------------------------

    def _shop(self) -> None:
        """Basket after basket: some pages, some changes, then: is all of it there?"""
        while not self._stop.is_set():
            with self._told(), contextlib.closing(Line(self.url, self.done)) as line:
                self._fill_a_basket(line)

    def _fill_a_basket(self, line: Line) -> None:
        line.get("/")
        wanted, unsure = 0, False
        for turn in itertools.count():
            self._stop.wait(self.pause)
            if turn > 40 or self._stop.is_set():
                break
            if turn % 3:
                self._look(line)
                continue
            fields = {"sku": random.choice(BREADS), "quantity": 1}
            answer = line.post("/basket/lines/", fields | _operation())
            unsure |= answer is None or answer.status >= 500
            wanted += bool(answer and answer.status == 303)
        page = line.get("/basket/")
        if page is None or page.status != 200:
            return
        found = sum(map(int, PIECES.findall(page.text)))
        if found != wanted and not (unsure and found > wanted):
            self.wrong_baskets.append(f"{wanted} added, {found} there")

    def _look(self, line: Line) -> None:
        """A page, and one of the files that it names, as its browser would."""
        page = line.get(random.choice(PAGES))
        assets = ASSET.findall(page.text) if page and page.status == 200 else []
        if assets:
            asset = random.choice(assets)
            answer = line.get(asset)
            if answer and answer.status == 404:
                self.missing_assets.append(asset)

    def _order(self) -> None:
        number = 0
        while not self._stop.wait(0.5):
            number += 1
            with self._told(), contextlib.closing(Line(self.url, self.done)) as line:
                self._place_an_order(line, number)

    def _place_an_order(self, line: Line, number: int) -> None:
        line.get("/")
        sku = BREADS[number % len(BREADS)]
        line.post("/basket/lines/", {"sku": sku, "quantity": 1} | _operation())
        slots = line.get("/basket/pick-up/")
        free = FREE_SLOT.findall(slots.text) if slots else []
        if not free:
            return  # everything is taken, and the shopper was told so
        slot = {"slot": random.choice(free)} | _operation()
        for path, fields in (("/basket/pick-up/", slot), ("/checkout/", _operation())):
            answer = line.post(path, fields)
            if answer and answer.status == 409:
                return  # somebody else was faster, and the shopper was told so
        email = f"load{number}@example.com"
        line.post("/checkout/contact/", CONTACT | {"email": email} | _operation())
        page = line.get("/checkout/order/")
        if page is None or page.status != 200:
            self.problems.append(f"checkout: {page and page.status}")
            return
        answer = line.post("/checkout/order/", page.hidden("/checkout/order/"))
        if answer is None or answer.status >= 500:
            self.unsure_orders += 1
        elif answer.status == 303 and "/order/" in answer.headers["Location"]:
            self.codes.append(answer.headers["Location"].split("/")[-2])
        else:
            self.problems.append(f"order: {answer.status}")

    @contextlib.contextmanager
    def _told(self):
        try:
            yield
        except Exception as error:  # a thread's end must be seen in the test
            self.problems.append(repr(error))


def _operation() -> dict[str, str]:
    return {"operation": secrets.token_hex(8)}
