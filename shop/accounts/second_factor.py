"""Who needs a second factor, who has shown one, and how its secrets are kept.

Shoppers may have one; whoever works here must. A log-in of somebody who has one asks
for it anyway; here it is demanded of sessions that came in without.
"""

from __future__ import annotations

import base64
import hashlib
import struct

from allauth.account.authentication import get_authentication_records
from allauth.account.internal.flows.login import record_authentication
from allauth.core import context
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.base.forms import AuthenticateForm, ReauthenticateForm
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.forms import ActivateTOTPForm
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from allauth.mfa.webauthn.forms import (
    AddWebAuthnForm,
    AuthenticateWebAuthnForm,
    EditWebAuthnForm,
    LoginWebAuthnForm,
    ReauthenticateWebAuthnForm,
)
from cryptography.exceptions import InvalidSignature
from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import ObjectDoesNotExist, ValidationError
from django.forms import Form
from django.http import HttpRequest
from django.urls import reverse

from shop.models import User

METHOD = "mfa"  # as django-allauth calls it in a session's record
CODE_HINT = "Six digits from your authenticator app."
CODE_OR_RECOVERY_HINT = "Six digits from your app, or one of your recovery codes."


def is_demanded_of(user: User | AnonymousUser) -> bool:
    """Of all who work here; of the demo's log-ins only where settings say so."""
    if not user.is_authenticated or not user.is_staff:
        return False
    return settings.DEMO_STAFF_NEED_SECOND_FACTOR or not user.is_demo


def was_shown(request: HttpRequest) -> bool:
    """Has this session shown one? No query beside the session's own."""
    records = get_authentication_records(request, request.user)
    return any(record.get("method") == METHOD for record in records)


def page_that_asks(user: User) -> str:
    """Where to show the second factor, or to set one up. One query."""
    types = set(Authenticator.objects.filter(user=user).values_list("type", flat=True))
    if Authenticator.Type.TOTP in types:
        return reverse("mfa_reauthenticate")
    if Authenticator.Type.WEBAUTHN in types:
        return reverse("mfa_reauthenticate_webauthn")
    return reverse("mfa_index")


def new_codes(user: User) -> str:
    """Give the user one-time codes from a new key; the key, for an authenticator app.

    Codes of an earlier key no longer count.
    """
    key = generate_totp_secret()
    Authenticator.objects.filter(user=user, type=Authenticator.Type.TOTP).delete()
    TOTP.activate(user, key)
    return key


class SecondFactorAdapter(DefaultMFAAdapter):
    """Secrets are kept encrypted: a database dump is nobody's second factor."""

    error_messages = DefaultMFAAdapter.error_messages | {
        "incorrect_code": "This code is not right, or was used already. "
        "Wait for the next one and try again.",
        "cannot_delete_authenticator": "People who work here need a second factor. "
        "Add another one first.",
        "unverified_email": "Confirm your e-mail address first; "
        "the link is in the mail we sent.",
    }

    def encrypt(self, text: str) -> str:
        return _fernet().encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        """ "" for what was encrypted with a key that is gone: no code fits it."""
        try:
            return _fernet().decrypt(encrypted_text.encode()).decode()
        except InvalidToken:
            return ""

    def generate_authenticator_name(self, user: User, type: str) -> str:
        count = Authenticator.objects.filter(user=user, type=type).count()
        return "Passkey" if count == 0 else f"Passkey {count + 1}"

    def can_delete_authenticator(self, authenticator: Authenticator) -> bool:
        if not is_demanded_of(authenticator.user):
            return True
        others = Authenticator.objects.filter(user=authenticator.user)
        others = others.exclude(type=Authenticator.Type.RECOVERY_CODES)
        return others.exclude(pk=authenticator.pk).exists()


def _fernet() -> MultiFernet:
    keys = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    return MultiFernet([Fernet(_derived(key)) for key in keys])


def _derived(key: str) -> bytes:
    digest = hashlib.sha256(b"shop.accounts.second_factor" + key.encode()).digest()
    return base64.urlsafe_b64encode(digest)


# --- forms -------------------------------------------------------------------------


def _ask_for_code(form: Form, hint: str) -> None:
    field = form.fields["code"]
    field.label = "Code"
    field.help_text = hint
    field.error_messages["required"] = "Enter the code."
    field.max_length = 32
    field.widget.attrs = {
        "class": "input input--code",
        "autocomplete": "one-time-code",
        "inputmode": "numeric",
        "enterkeyhint": "go",
        "spellcheck": "false",
    }


class SetUpCodesForm(ActivateTOTPForm):
    """The first right code also counts as shown for this session."""

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        _ask_for_code(self, CODE_HINT)

    def clean_code(self) -> str:
        code = super().clean_code()
        record_authentication(context.request, self.user, METHOD, type="totp")
        return code


# What reading a passkey's answer raises when it is not one: anybody can post anything.
NO_PASSKEY = (
    InvalidSignature,
    KeyError,
    IndexError,
    ObjectDoesNotExist,
    TypeError,
    ValueError,
    struct.error,
)


class AddPasskeyForm(AddWebAuthnForm):
    """The first passkey also counts as shown for this session."""

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        _name_of_key(self)
        self.fields["passwordless"].label = "Log in with this key alone"
        self.fields[
            "passwordless"
        ].help_text = (
            "Without the password. The device asks for your finger, face or PIN."
        )
        self.fields["credential"].error_messages["required"] = (
            "The key did not answer. Please try again."
        )

    def clean(self) -> dict:
        try:
            cleaned = super().clean()
        except NO_PASSKEY as error:
            raise _not_a_passkey() from error
        if not self.errors and cleaned.get("credential"):
            record_authentication(context.request, self.user, METHOD, type="webauthn")
        return cleaned


class RenamePasskeyForm(EditWebAuthnForm):
    """Another name for a key one has."""

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        _name_of_key(self)
        self.fields["name"].error_messages["required"] = "Enter a name for this key."


def _name_of_key(form: Form) -> None:
    field = form.fields["name"]
    field.label = "Name of this key"
    field.help_text = "Such as: my phone."
    field.max_length = 100
    field.widget.attrs = {
        "class": "input",
        "autocomplete": "off",
        "enterkeyhint": "done",
        "maxlength": "100",
    }


class _PasskeyAnswer:
    """For the forms to which a passkey answers."""

    def clean_credential(self) -> Authenticator:
        try:
            return super().clean_credential()
        except NO_PASSKEY as error:
            raise _not_a_passkey() from error


class LogInPasskeyForm(_PasskeyAnswer, LoginWebAuthnForm):
    """Instead of the password."""


class PasskeyForm(_PasskeyAnswer, AuthenticateWebAuthnForm):
    """After the password."""


class PasskeyAgainForm(_PasskeyAnswer, ReauthenticateWebAuthnForm):
    """Before something that matters."""


def _not_a_passkey() -> ValidationError:
    return ValidationError("The key did not answer. Please try again.")


class CodeForm(AuthenticateForm):
    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        _ask_for_code(self, CODE_OR_RECOVERY_HINT)


class CodeAgainForm(ReauthenticateForm):
    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        _ask_for_code(self, CODE_OR_RECOVERY_HINT)
