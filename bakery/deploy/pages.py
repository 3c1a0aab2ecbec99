"""python3 -m bakery.deploy.pages: warms a clone up, and times it beside another one.

Runs on a host of the fleet, in a release, with the standard library alone. Looks at
public pages as a shopper finds them from the home page, at searches that nobody has
made before, and at the shopper's own basket: no cache can answer for these two.
"""

from __future__ import annotations

import argparse
import http.client
import json
import re
import secrets
import sys
import time
from collections.abc import Sequence
from urllib.parse import urlsplit

LINK = re.compile(r'href="(/(?!static/|media/|staff/|admin/|account)[a-z0-9/_-]*)"')
PRIVATE = ("/basket", "/checkout", "/order", "/search")
MOST_PAGES = 8
OWN = "/basket/"
NEW = "/search/?q="  # something else each time
SECONDS = 20


class NoPage(Exception):
    """A page was not answered with 200, or not at all."""


class Clone:
    """One of them, asked directly as the balancer asks it, with a shopper's cookies."""

    def __init__(self, name: str, url: str, site: str) -> None:
        self.name = name
        self.where = urlsplit(url)
        self.site = urlsplit(site)
        self.cookies: dict[str, str] = {}

    def get(self, path: str) -> tuple[float, str]:
        """Seconds and text. Raises NoPage."""
        asked = http.client.HTTPConnection(
            self.where.hostname, self.where.port, timeout=SECONDS
        )
        wanted = path + secrets.token_hex(4) if path == NEW else path
        began = time.perf_counter()
        try:
            asked.request("GET", wanted, headers=self._headers())
            answer = asked.getresponse()
            text = answer.read().decode(errors="replace")
        except (OSError, http.client.HTTPException) as error:
            raise NoPage(f"{self.name} does not answer {path}: {error!r}") from error
        finally:
            asked.close()
        seconds = time.perf_counter() - began
        if answer.status != 200:
            raise NoPage(f"{self.name} answers {path} with {answer.status}")
        for line in answer.headers.get_all("Set-Cookie", []):
            name, _, value = line.partition(";")[0].partition("=")
            self.cookies[name] = value
        return seconds, text

    def _headers(self) -> dict[str, str]:
        headers = {
            "Host": self.site.netloc,
            "X-Forwarded-Proto": self.site.scheme,
            "Accept": "text/html",
            "User-Agent": "bakery-deploy",
        }
        if self.cookies:
            headers["Cookie"] = "; ".join(f"{k}={v}" for k, v in self.cookies.items())
        return headers


def pages_of(home: str) -> list[str]:
    """Addresses of public pages that the home page leads to; it comes first."""
    public = [path for path in LINK.findall(home) if not path.startswith(PRIVATE)]
    return list(dict.fromkeys(["/", *public]))[:MOST_PAGES]


def warm_up(clone: Clone, rounds: int) -> list[str]:
    """Ask every page so many times; which pages there are. Raises NoPage."""
    pages = [*pages_of(clone.get("/")[1]), NEW, OWN]
    for _ in range(rounds):
        for page in pages:
            clone.get(page)
    return pages


def times(clones: Sequence[Clone], pages: Sequence[str], rounds: int) -> dict:
    """Seconds by clone and page, asked in turn so that both have the same weather."""
    found = {clone.name: {page: [] for page in pages} for clone in clones}
    for turn in range(rounds):
        for page in pages:
            for clone in clones if turn % 2 else reversed(clones):
                found[clone.name][page].append(clone.get(page)[0])
    return found


def main(words: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python3 -m bakery.deploy.pages")
    parser.add_argument("--site", required=True)
    parser.add_argument("--warm", type=int, default=5, metavar="ROUNDS")
    parser.add_argument("--rounds", type=int, default=11)
    parser.add_argument("clones", nargs="+", metavar="NAME=URL")
    given = parser.parse_args(words)
    clones = [Clone(*text.split("=", 1), given.site) for text in given.clones]
    try:
        pages = warm_up(clones[0], given.warm)
        common = pages if len(clones) == 1 else _common(clones[1:], pages)
        found = times(clones, common, given.rounds) if len(clones) > 1 else {}
    except NoPage as error:
        sys.stderr.write(f"{error}\n")
        return 1
    json.dump({"pages": pages, "seconds": found}, sys.stdout)
    return 0


def _common(others: Sequence[Clone], pages: Sequence[str]) -> list[str]:
    """Those that the others have as well: a new release may have new ones."""
    kept = []
    for page in pages:
        try:
            for clone in others:
                clone.get(page)
        except NoPage:
            continue
        kept.append(page)
    return kept


if __name__ == "__main__":
    sys.exit(main())
