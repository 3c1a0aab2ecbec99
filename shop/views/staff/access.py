"""Logging in and out."""

from __future__ import annotations

from django.contrib.auth.views import LoginView, LogoutView


class StaffLogin(LoginView):
    """The staff's log-in page."""


class StaffLogout(LogoutView):
    """Logs out."""
