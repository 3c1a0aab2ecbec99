"""django-allauth's pages, without those of other sites' accounts."""

from __future__ import annotations

from django.urls import include, path

from shop.views.account.passkeys import RemovePasskey

urlpatterns = [
    path("", include("allauth.account.urls")),
    path(  # before django-allauth's own, which would remove the last one too
        "2fa/webauthn/keys/<int:pk>/remove/",
        RemovePasskey.as_view(),
        name="mfa_remove_webauthn",
    ),
    path("2fa/", include("allauth.mfa.urls")),
    path("sessions/", include("allauth.usersessions.urls")),
]
