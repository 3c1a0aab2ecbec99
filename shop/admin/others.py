"""Lists that other apps bring, for superusers only: they give nothing away either."""

from __future__ import annotations

# Imported first, so that what they register can be replaced.
from allauth.account import admin as _account  # noqa: F401
from allauth.mfa import admin as _mfa  # noqa: F401
from allauth.usersessions import admin as _sessions  # noqa: F401
from django.contrib import admin
from django.contrib.auth import admin as _auth  # noqa: F401
from django.db import models
from django.db.models import QuerySet
from django.http import HttpRequest

from shop.admin.base import RealRows

OTHERS = ("account.EmailAddress", "auth.Group", "mfa.Authenticator",
          "usersessions.UserSession")  # fmt: skip


class OfShownUsers:
    """Without what belongs to the customer of a proof; see shop/reserved.py."""

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return super().get_queryset(request).filter(user__gt=0)


def _replace(model: type[models.Model]) -> None:
    """Register the model's own pages once more, with our rules before theirs."""
    theirs = type(admin.site._registry[model])
    admin.site.unregister(model)
    has_user = any(field.name == "user" for field in model._meta.fields)
    ours = (RealRows, OfShownUsers) if has_user else (RealRows,)
    admin.site.register(model, type(theirs.__name__, (*ours, theirs), {}))


for _model in [each for each in admin.site._registry if each._meta.label in OTHERS]:
    _replace(_model)
