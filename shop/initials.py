"""What is shown of a person who has no picture: one or two letters."""

from __future__ import annotations

from html import escape

from shop.models import User

# The studio's backdrops, and an ink that is read on each of them.
BACKDROP, INK = "#d8ccb5", "#2b1d14"


def initials_of(user: User) -> str:
    """One or two letters: "MS" for Mina Ssoni; else of the address."""
    words = [word for word in user.name.split() if word[0].isalnum()]
    first_and_last = words[:1] + words[1:][-1:]
    letters = "".join(word[0] for word in first_and_last) or user.email[:1]
    return letters.upper()[:2]


def draw_initials(letters: str) -> str:
    """A square with the letters as SVG, for where a picture should be."""
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 96 96">'
        f'<rect width="96" height="96" fill="{BACKDROP}"/>'
        f'<text x="48" y="48" dy=".35em" text-anchor="middle" fill="{INK}" '
        f'font-family="Georgia, serif" font-size="38">{escape(letters)}</text></svg>'
    )
