"""Sessions as the shop keeps them, of which none is ever found again."""

from __future__ import annotations

from typing import Any

from bakery import sessions


class SessionStore(sessions.SessionStore):
    def load(self) -> dict[str, Any]:
        return {}
