"""The account forms, in the shop's words. A typed address is kept, a password never."""

from __future__ import annotations

from typing import Any

from allauth.account import forms as allauth_forms
from django import forms
from django.contrib.auth.hashers import make_password
from django.db import IntegrityError, transaction
from django.http import HttpRequest, HttpResponse

from shop.accounts.lifetime import limit_session
from shop.models import User

NEW_PASSWORD_HINT = (
    "At least 12 characters. Three or four words that do not belong together are "
    "good; spaces and pasting are welcome."
)


def _email(
    field: forms.Field, autocomplete: str = "email", *, enter: str = "send"
) -> None:
    field.label = "E-mail address"
    field.max_length = 254
    field.error_messages |= {
        "required": "Enter your e-mail address.",
        "invalid": "Enter an e-mail address like name@example.com.",
    }
    field.widget.attrs = {
        "class": "input",
        "type": "email",
        "autocomplete": autocomplete,
        "inputmode": "email",
        "spellcheck": "false",
        "autocapitalize": "none",
        "enterkeyhint": enter,
    }


def _password(
    field: forms.Field, label: str = "Password", hint: str = "", *, enter: str = "go"
) -> None:
    autocomplete = field.widget.attrs.get("autocomplete", "current-password")
    field.label = label
    field.help_text = hint
    field.error_messages["required"] = f"Enter {_yours(label)}."
    field.widget.attrs = {
        "class": "input",
        "autocomplete": autocomplete,
        "autocapitalize": "none",
        "spellcheck": "false",
        "enterkeyhint": enter,
        "data-password": "",
    }


def _yours(label: str) -> str:
    return "your password" if label == "Password" else f"your {label.lower()}"


class LogInForm(allauth_forms.LoginForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _email(self.fields["login"], autocomplete="username", enter="next")
        _password(self.fields["password"])

    def login(self, request: HttpRequest, redirect_url: str | None = None) -> Any:
        response = super().login(request, redirect_url)
        # allauth has just set a lifetime that each visit would prolong.
        if request.user.is_authenticated:
            limit_session(request)
        return response


class SignUpForm(allauth_forms.SignupForm):
    """Answers the same, and takes as long, for an address that has an account."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _email(self.fields["email"], enter="next")
        _password(self.fields["password1"], hint=NEW_PASSWORD_HINT)

    def try_save(self, request: HttpRequest) -> tuple[User | None, HttpResponse | None]:
        """Two sign-ups of one address at once are one account."""
        if self.account_already_exists:
            make_password(self.cleaned_data["password1"])
            return super().try_save(request)
        try:
            with transaction.atomic():
                return super().try_save(request)
        except IntegrityError:
            self.account_already_exists = True
            return super().try_save(request)


class ResetForm(allauth_forms.ResetPasswordForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _email(self.fields["email"], autocomplete="username")

    def clean_email(self) -> str:
        """The customer of a proof has no password to set anew."""
        email = super().clean_email()
        self.users = [user for user in self.users if not user.is_reserved]
        return email


class NewPasswordForm(allauth_forms.ResetPasswordKeyForm):
    """Typed once: it can be shown, and typed twice is not typed better."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        del self.fields["password2"]
        _password(self.fields["password1"], "New password", NEW_PASSWORD_HINT)


class ChangePasswordForm(allauth_forms.ChangePasswordForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        del self.fields["password2"]
        _password(self.fields["oldpassword"], "Current password", enter="next")
        _password(self.fields["password1"], "New password", NEW_PASSWORD_HINT)


class NewEmailForm(allauth_forms.AddEmailForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _email(self.fields["email"])
        self.fields["email"].label = "New e-mail address"
        self.fields["email"].help_text = "We send a link there; then it counts."


class ReauthenticateForm(allauth_forms.ReauthenticateForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _password(self.fields["password"])
