"""Two answers to the same question: are they the same, and if not, where?"""

from __future__ import annotations

import difflib
import re
from collections.abc import Sequence
from typing import Any
from urllib.parse import urlsplit

from bakery.prove.doors import Answer

# What may differ between two pages that were made at different moments.
TIME = re.compile(r"<time\b.*?</time>", re.S)
OPERATION = re.compile(r'<input\b[^>]*\bname="operation"[^>]*>')

TOKEN = re.compile(r'<input\b[^>]*\bname="csrfmiddlewaretoken"[^>]*>')

PIECES = re.compile(r'<input\b[^>]*\bname="quantity"[^>]*>')
VALUE = re.compile(r'\bvalue="([^"]*)"')
FIELD = re.compile(r'<input\b[^>]*\bname="(item|version)" value="([^"]*)"')
CODE = re.compile(r'class="order-code">([^<]*)<')
PORTRAIT = re.compile(r'<img\b[^>]*\bsrc="([^"]*/people/[^"]+)"')
LOG_IN, LOG_OUT = "/account/auth/login/", 'action="/account/auth/logout/"'

LOOK_AT = {
    "answered by": "CLONE_ID of that server, and whether the address is really its.",
    "status": "the log of that clone at this moment, and `manage.py doctor` there; its "
    "SECRET_KEY and its clock must be those of the others.",
    "facts": "DATABASE_URL, SECRET_KEY and CACHE_URL of these two: they do not keep "
    "the shopper's things in the same place.",
    "log-in": "DATABASE_URL, SECRET_KEY and the clock of these: they do not read the "
    "same sessions.",
    "files": "STORAGE_URL of these, and `manage.py doctor` there: they do not keep "
    "pictures in the same place.",
    "page": "RELEASE and the SHOP_ variables of these two: they do not run the same "
    "shop.",
    "mail": "`manage.py doctor`: workers alive? Then the failed tasks in the admin.",
    "limits": "`manage.py reconcile`.",
    "repeat": "the operations of the basket, and unique keys of the orders: is every "
    "migration there?",
}
SHORT_DIFF = 24


class Difference(Exception):
    """The walk ends here. `kind` is a key of LOOK_AT; `between` names who differs."""

    def __init__(
        self, kind: str, between: Sequence[object], what: str, diff: str = ""
    ) -> None:
        super().__init__(what)
        self.kind = kind
        self.between = [str(each) for each in between]
        self.what = what
        self.diff = diff
        self.step = ""

    def as_dict(self) -> dict[str, Any]:
        return {
            "step": self.step,
            "between": self.between,
            "what": self.what,
            "diff": self.diff,
            "look_at": LOOK_AT[self.kind],
        }

    def in_words(self) -> str:
        lines = [
            f"Differs at the step “{self.step}”, {' and '.join(self.between)}:",
            f"  {self.what}",
            *(f"    {line}" for line in self.diff.splitlines()),
            f"Look at: {LOOK_AT[self.kind]}",
        ]
        return "\n".join(lines)


def demand_right_clone(answer: Answer) -> None:
    """The clone that was asked must have answered, and say so. Raises Difference."""
    wanted = answer.door.clone
    if wanted and answer.served_by != wanted:
        raise Difference(
            "answered by",
            [wanted],
            f"{wanted} was asked at {answer.door.url.geturl()}, and the answer says "
            f"X-Served-By: {answer.served_by or 'nobody'}.",
        )


def demand_status(answer: Answer, status: int) -> None:
    """Raises Difference for another status, with what the page says."""
    if answer.status != status:
        raise Difference(
            "status",
            [answer.door],
            f"{answer.door} answered {answer.status} instead of {status}.",
            said(answer.text),
        )


def demand_same(one: Answer, other: Answer) -> None:
    """Raises Difference unless both show the same, to the letter but for times.

    Between two releases, as while a fleet is being renewed, the pages may be worded
    differently; the shopper's things may not.
    """
    between = [one.door, other.door]
    if is_sent_to_log_in(one) is not is_sent_to_log_in(other):
        told = "One knows who is logged in, the other does not: "
        told += f"{one.door} answers {one.status}, {other.door} {other.status}."
        raise Difference("log-in", between, told)
    if one.status != other.status:
        told = f"{one.door} answers {one.status}, {other.door} {other.status}."
        raise Difference("status", between, told)
    demand_same_facts(one, other)
    if one.release == other.release and comparable(one.text) != comparable(other.text):
        raise Difference(
            "page", between, "They show different pages.", diff(one, other)
        )


def demand_same_facts(one: Answer, other: Answer) -> None:
    """Raises Difference if the pages tell of different things in basket or order."""
    mine, theirs = facts(one.text), facts(other.text)
    if mine != theirs:
        told = "; ".join(
            f"{key}: {mine[key]} and {theirs[key]}"
            for key in mine
            if mine[key] != theirs[key]
        )
        raise Difference(
            "facts",
            [one.door, other.door],
            f"They know different things: {told}.",
            diff(one, other),
        )


def facts(text: str) -> dict[str, Any]:
    """What a page of ours knows about the shopper, whatever its wording."""
    fields = FIELD.findall(text)
    return {
        "pieces": pieces_on(text),
        "lines": sorted({value for name, value in fields if name == "item"}),
        "version": sorted({value for name, value in fields if name == "version"}),
        "order": CODE.findall(text),
        "can be cancelled": '/cancellation/"' in text,
        "is logged in": LOG_OUT in text,
        "picture": pictures_on(text),
    }


def pieces_on(text: str) -> int:
    """How many pieces the basket page shows, all lines together."""
    found = (VALUE.search(each) for each in PIECES.findall(text))
    return sum(int(each[1]) for each in found if each and each[1].isdigit())


def pictures_on(text: str) -> list[str]:
    """Addresses of the pictures of people that the page shows."""
    return sorted(set(PORTRAIT.findall(text)))


def is_sent_to_log_in(answer: Answer) -> bool:
    return answer.status == 302 and urlsplit(answer.location).path == LOG_IN


def demand_same_file(one: Answer, other: Answer) -> None:
    """Raises Difference unless both give the very same bytes of a file."""
    for each in (one, other):
        if each.status != 200:
            told = f"{each.door} answers {each.status} for the picture."
            raise Difference("files", [each.door], told)
    if one.body != other.body:
        told = f"{len(one.body)} and {len(other.body)} bytes of the same picture."
        raise Difference("files", [one.door, other.door], f"They give {told}")


def comparable(text: str) -> str:
    """The page without what may differ."""
    return TOKEN.sub("", OPERATION.sub("", TIME.sub("", text)))


def diff(one: Answer, other: Answer) -> str:
    """What differs, as a short unified diff."""
    lines = list(
        difflib.unified_diff(
            comparable(one.text).splitlines(),
            comparable(other.text).splitlines(),
            str(one.door),
            str(other.door),
            lineterm="",
            n=1,
        )
    )
    short = [line[:200] for line in lines[:SHORT_DIFF]]
    return "\n".join([*short, *(["..."] if len(lines) > SHORT_DIFF else [])])


def said(text: str) -> str:
    """The words of a page's main part, cut short."""
    main = re.search(r"<main.*?</main>", text, re.S)
    plain = re.sub(r"<[^>]+>", " ", main[0] if main else text)
    return " ".join(plain.split())[:300]
