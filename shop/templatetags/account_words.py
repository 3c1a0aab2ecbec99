"""Words for what account pages show."""

from __future__ import annotations

from django import template

register = template.Library()

# The first that fits: browsers name their ancestors, too.
BROWSERS = {
    "Edg": "Edge",
    "OPR": "Opera",
    "SamsungBrowser": "Samsung Internet",
    "Firefox": "Firefox",
    "FxiOS": "Firefox",
    "CriOS": "Chrome",
    "Chrome": "Chrome",
    "Safari": "Safari",
}
MACHINES = {
    "iPhone": "iPhone",
    "iPad": "iPad",
    "Android": "Android",
    "Windows": "Windows",
    "Mac OS X": "a Mac",
    "CrOS": "a Chromebook",
    "Linux": "Linux",
}


@register.filter
def browser(user_agent: str) -> str:
    """Firefox on Android; "A browser" for what says nothing known."""
    name = next((word for sign, word in BROWSERS.items() if sign in user_agent), "")
    machine = next((word for sign, word in MACHINES.items() if sign in user_agent), "")
    return " on ".join(filter(None, (name or "A browser", machine)))
