"""What the topics measure on: servers, each started when one asks for it first."""

from __future__ import annotations

import json
import subprocess
import sys
from contextlib import ExitStack
from functools import cached_property
from pathlib import Path
from typing import Any

import psycopg

from bakery.servers.postgres import Postgres
from bakery.servers.starting import started, wait_until_up
from bakery.servers.valkey import valkey
from tests.bench.browser import Browser
from tests.bench.client import Answer
from tests.bench.load import ROOT
from tests.bench.served import FLOORS, SHOP, Served, clean_environment, gunicorn

SECRET_KEY = "benchmarks only: " + "0123456789 abcdef" * 4
# Whatever gunicorn adds of its own to what an application answers.
GUNICORN_S_OWN = {"server", "date", "connection"}
# Nothing shall ever be sold out here, on days that are open and on those to come.
ENDLESS = """
    UPDATE shop_capacity SET "limit" = 1000000;
    UPDATE shop_product SET daily_limit = 1000000 WHERE daily_limit IS NOT NULL;
    UPDATE shop_resource SET daily_limit = 1000000;
"""
# Things that go into a basket as they are, without a choice.
PLAIN = """
    SELECT variant.sku, product.slug FROM shop_variant variant
    JOIN shop_product product ON product.id = variant.product_id
    WHERE variant.is_active AND NOT EXISTS (
        SELECT FROM shop_optiongroup_products asks
        JOIN shop_optiongroup choice ON choice.id = asks.optiongroup_id
        WHERE asks.product_id = product.id AND choice.min_choices > 0)
    AND 1 = (SELECT count(*) FROM shop_variant v WHERE v.product_id = product.id)
    ORDER BY variant.id
"""


class Stage:
    """Ends, with all that was started, at the end of its `with`."""

    def __init__(self, folder: Path, quick: bool) -> None:
        self.folder = folder
        self.quick = quick
        self.rounds = 3 if quick else 5
        self._stack = ExitStack()

    def __enter__(self) -> Stage:
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def count(self, number: int) -> int:
        """How many requests to send where a whole run sends so many."""
        return max(20, number // 8) if self.quick else number

    # --- servers -------------------------------------------------------------------

    @cached_property
    def postgres(self) -> Postgres:
        """It writes to disk what it has promised, as a shop's does."""
        server = Postgres(durable=True)
        self._stack.callback(server.stop)
        return server.start()

    @cached_property
    def environment(self) -> dict[str, str]:
        """Of the shop's processes."""

        def make():
            return valkey(self.folder)

        files = self.folder / "var"
        files.mkdir()
        cache = wait_until_up(started(make), make)
        self._stack.callback(cache.stop)
        return clean_environment(
            VAR_DIR=str(files),
            DATABASE_URL=self.postgres.url,
            CACHE_URL=f"redis://127.0.0.1:{cache.port}/0",
            SECRET_KEY=SECRET_KEY,
            DJANGO_SETTINGS_MODULE="settings.prod",
        )

    @cached_property
    def prepared(self) -> dict[str, str]:
        """The environment of a shop with the demo bakery in it, never sold out."""
        self.manage("prepare", "--demo", "--no-pictures")
        self.sql(ENDLESS)
        return self.environment

    @cached_property
    def shop(self) -> Served:
        return gunicorn(
            self._stack, "shop", "bakery.wsgi", SHOP, self.folder, self.prepared
        )

    def floor(
        self,
        name: str,
        page: Answer,
        middleware: str = "none",
        stack: ExitStack | None = None,
    ) -> Served:
        """A server that answers everything with this page of ours, header by header.

        name is a module of tests/bench/floors. It ends with the stack, or the stage.
        """
        number = len(list(self.folder.glob("page-*.json")))
        file = self.folder / f"page-{number}.json"
        file.write_text(json.dumps(as_told(page)))
        environment = clean_environment(
            FLOOR_PAGE=str(file), FLOOR_MIDDLEWARE=middleware, VAR_DIR=str(self.folder)
        )
        return gunicorn(
            stack or self._stack,
            f"floor-{number}",
            f"tests.bench.floors.{name}",
            FLOORS,
            self.folder,
            environment,
        )

    @cached_property
    def stock_django(self) -> Served:
        """Django with startproject's middleware, answering the shop's home page."""
        return self.floor("bare_django", self.home, middleware="default")

    # --- the shop's contents -------------------------------------------------------

    def manage(self, *words: str) -> str:
        """One of the shop's commands, to its end. Raises CalledProcessError."""
        answer = subprocess.run(
            [sys.executable, "manage.py", *words],
            cwd=ROOT,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            check=True,
            text=True,
        )
        return answer.stdout

    def sql(self, statement: str) -> list[tuple]:
        """Of several statements the last one's rows."""
        with psycopg.connect(self.postgres.url, autocommit=True) as connection:
            cursor = connection.execute(statement)
            return cursor.fetchall() if cursor.description else []

    @cached_property
    def plain(self) -> list[tuple[str, str]]:
        """SKU and address of what can be bought without a choice."""
        self.prepared  # noqa: B018 - there is nothing to be bought before
        return [(sku, slug) for sku, slug in self.sql(PLAIN)]

    @cached_property
    def shopper(self) -> dict[str, str]:
        """The cookies of somebody who has a basket, with nothing in it."""
        browser = Browser(self.shop.port)
        browser.keep_cookies(self.ask(browser, "/allergens/"))
        return browser.cookies

    def baskets(self, count: int, skus: list[str]) -> list[dict[str, Any]]:
        """So many new ones with one of each in it: {cookies, items}."""
        return self.shop.load(
            "tests.bench.visits:filled_baskets",
            connections=4,
            site=self.shop.port,
            skus=skus,
            count=count,
        ).results

    @cached_property
    def home(self) -> Answer:
        """The shop's home page, as it is answered to somebody with a basket."""
        return self.page("/")

    def page(self, path: str) -> Answer:
        """As a shopper with a basket gets it when it is kept."""
        browser = Browser(self.shop.port, dict(self.shopper))
        self.ask(browser, path)
        return self.ask(browser, path)

    def ask(self, browser: Browser, path: str) -> Answer:
        [told] = self.shop.load(
            "tests.bench.visits:shown",
            request=browser.get(path).decode(),
            connections=1,
            expect={200},
        ).results
        status, headers, body = told
        return Answer(status, headers.encode("latin-1"), bytes.fromhex(body))


def as_told(page: Answer) -> dict[str, Any]:
    """The page for floors/page.py."""
    lines = page.headers.decode("latin-1").split("\r\n")[1:]
    pairs = [line.split(": ", 1) for line in lines]
    own = [[n, v] for n, v in pairs if n.lower() not in GUNICORN_S_OWN]
    return {"headers": own, "body": page.body.hex()}
