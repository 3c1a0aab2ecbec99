"""Removing a passkey: not the last second factor of somebody who works here."""

from __future__ import annotations

from typing import Any

from allauth.mfa.adapter import get_adapter
from allauth.mfa.totp.forms import DeactivateTOTPForm
from allauth.mfa.webauthn.views import RemoveWebAuthnView
from django.db import transaction
from django.forms import Form
from django.http import HttpResponse

from shop.models import User


class RemovePasskey(RemoveWebAuthnView):
    """django-allauth asks whether it may for the app's codes, and not for passkeys."""

    form_class = DeactivateTOTPForm  # which asks it of whatever it is given

    def get_form_kwargs(self) -> dict[str, Any]:
        facts = super().get_form_kwargs()
        facts.setdefault("data", {})  # so that the page says at once that it cannot be
        return facts | {"authenticator": self.object}

    @transaction.atomic
    def form_valid(self, form: Form) -> HttpResponse:
        """Two that are pressed at once are removed one after the other, or not."""
        user = self.request.user
        User.objects.select_for_update(of=("self",)).get(pk=user.pk)
        if not get_adapter().can_delete_authenticator(self.object):
            form.full_clean()
            return self.form_invalid(form)
        return super().form_valid(form)
