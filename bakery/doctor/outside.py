"""Examines what is neither database nor cache: pictures and mails."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from smtplib import SMTPException

from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.mail import get_connection

from bakery.checks.shoppers import KEPT_HERE
from bakery.doctor.findings import Finding, State, Stopwatch, or_away

SMTP = "django.core.mail.backends.smtp.EmailBackend"
STORAGE = "Start the storage, or set STORAGE_URL to where it is and to a working key."
MAIL = "Set EMAIL_URL to a mail server that this one reaches; until then mails wait."


def examine_storage() -> Iterator[Finding]:
    """Write a small file, read it, delete it: all three as the shop does it."""
    content = secrets.token_bytes(64)
    with or_away("pictures", STORAGE, OSError, *_storage_errors()) as found:
        watch = Stopwatch()
        name = default_storage.save("doctor/probe.txt", ContentFile(content))
        try:
            with default_storage.open(name) as file:
                same = file.read() == content
        finally:
            default_storage.delete(name)
        says = f"written, read and deleted in {watch}"
        if same:
            found.append(Finding("pictures", State.OK, says))
        else:
            says = "what was read is not what was written"
            found.append(Finding("pictures", State.WRONG, says, STORAGE))
    yield from found


def _storage_errors() -> tuple[type[Exception], ...]:
    """The errors of S3, whose library is loaded only where it is used."""
    if "s3" not in settings.STORAGES["default"]["BACKEND"]:
        return ()
    from botocore.exceptions import BotoCoreError, ClientError

    return BotoCoreError, ClientError


def examine_mail() -> Iterator[Finding]:
    """Connect to the mail server and log in; nothing is sent."""
    if settings.EMAIL_BACKEND in KEPT_HERE:
        state = State.WRONG if settings.FLEET else State.SKIPPED
        yield Finding("mail", state, "mails stay on this server", MAIL)
        return
    if settings.EMAIL_BACKEND != SMTP:
        yield Finding("mail", State.SKIPPED, f"no server: {settings.EMAIL_BACKEND}")
        return
    with or_away("mail", MAIL, OSError, SMTPException) as found:
        watch = Stopwatch()
        connection = get_connection(timeout=5)
        connection.open()
        says = f"{settings.EMAIL_HOST} lets us in after {watch}"
        connection.close()
        found.append(Finding("mail", State.OK, says))
    yield from found
