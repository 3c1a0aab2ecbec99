"""What is said about the basket after a log-in."""

from __future__ import annotations

from basket.backends.base import Contents
from shop.accounts.baskets import Joined
from shop.shopping import priced

MOST_NAMED = 4


def joined_words(joined: Joined) -> str:
    """Sentences for the shopper, "" when nothing is worth one. Few queries, or none."""
    said = []
    if joined.from_before and joined.from_before.lines and joined.poured:
        named = _named(joined.from_before)
        said.append(f"In your basket there is also what you put in before: {named}.")
    if joined.put_aside and joined.put_aside.lines:
        named = _named(joined.put_aside)
        said.append(
            f"We put aside what you had in your basket before: {named}. "
            "It comes back after this order."
        )
    if joined.left_out:
        pieces = "piece" if joined.left_out == 1 else "pieces"
        said.append(f"{joined.left_out} {pieces} did not fit into the basket.")
    return " ".join(said)


def _named(contents: Contents) -> str:
    lines = priced(contents, pictures=False).lines
    names = [f"{line.quantity} × {line.name}" for line in lines[:MOST_NAMED]]
    more = len(lines) - len(names)
    return ", ".join(names) + (f" and {more} more" if more else "")
