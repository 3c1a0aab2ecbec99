"""What `manage.py check --deploy` says before a shop becomes public."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.checks import CheckMessage, Tags, Warning, register
from django.db import DatabaseError


@register(Tags.security, deploy=True)
def key_is_kept_apart(**_: Any) -> list[CheckMessage]:
    """A key that lies beside the data is lost with them, and unknown elsewhere."""
    made = Path(settings.VAR_DIR, "secret_key")
    if not made.exists() or made.read_text().strip() != settings.SECRET_KEY:
        return []
    return [
        Warning(
            "The shop signs with a key that it made itself and keeps in VAR_DIR.",
            hint="Set SECRET_KEY, to the same value on every server, and keep it "
            f"apart from the backups. Today's key is in {made}.",
            id="bakery.W001",
        )
    ]


@register(Tags.security, deploy=True)
def demo_log_ins_are_gone(**_: Any) -> list[CheckMessage]:
    """Everybody knows the password of the demo bakery's staff."""
    try:
        demo = list(get_user_model().objects.filter(is_demo=True, is_active=True))
    except DatabaseError:  # not migrated yet: then nobody can log in
        return []
    if not settings.HTTPS or not demo:
        return []
    return [
        Warning(
            f"The demo log-ins work: {', '.join(user.email for user in demo)}.",
            hint="Their password is published. Make a log-in of your own with "
            "createsuperuser, then switch these off in the admin.",
            id="bakery.W002",
        )
    ]


@register(Tags.security, deploy=True)
def hosts_are_named(**_: Any) -> list[CheckMessage]:
    """Otherwise a forged Host header would end up in pages and mails."""
    if not settings.HTTPS or "*" not in settings.ALLOWED_HOSTS:
        return []
    return [
        Warning(
            "The shop answers to every host name.",
            hint="Set ALLOWED_HOSTS to the names it has, such as shop.example.",
            id="bakery.W003",
        )
    ]
