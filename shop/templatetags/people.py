"""People in templates: {% person user %}, {% person user size="large" alt="You" %}."""

from __future__ import annotations

from typing import Any

from django import template

from shop.initials import initials_of
from shop.models import User
from shop.picture_rules import SQUARE_ENDINGS, SQUARES
from shop.profile_pictures import profile_picture_of, profile_picture_url

register = template.Library()

# How large each is shown, in pixels.
SIDES = {"small": 40, "middle": 64, "large": 128}
TINTS = ("tint-sand", "tint-sage", "tint-blush", "tint-oat")


@register.inclusion_tag("shop/parts/_person.html")
def person(user: User, *, size: str = "middle", alt: str = "") -> dict[str, Any]:
    """The person's picture, or the initials; beside a name it needs no alt.

    One query, or none if the picture was loaded with the user.
    """
    shown = profile_picture_of(user)
    side = SIDES[size]
    context = {"size": size, "side": side, "alt": alt}
    if shown is None:
        tint = TINTS[user.pk % len(TINTS)]
        return context | {"initials": initials_of(user), "tint": tint}
    widths = [each for each in SQUARES if each >= side]
    sources = {
        ending: ", ".join(
            f"{profile_picture_url(shown, each, ending)} {each / widths[0]:.3g}x"
            for each in widths
        )
        for ending in SQUARE_ENDINGS
    }
    return context | {
        "sources": sources,
        "src": profile_picture_url(shown, widths[0], "jpg"),
    }
