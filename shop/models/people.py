"""Who logs in, and who buys."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.db import models
from django.db.models.functions import Lower
from django.utils import timezone

from shop.models.calendar import Place
from shop.reserved import Shown


class UserManager(Shown, BaseUserManager["User"]):
    """Makes users; an e-mail address means the same in capitals and small letters."""

    def create_user(
        self, email: str, password: str | None = None, **facts: Any
    ) -> User:
        if not email:
            raise ValueError("A user needs an e-mail address.")
        user = self.model(email=email.strip().lower(), **facts)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(
        self, email: str, password: str | None = None, **facts: Any
    ) -> User:
        from shop.accounts.vouching import vouch_for  # it needs the models itself

        facts = {"is_staff": True, "is_superuser": True} | facts
        user = self.create_user(email, password, **facts)
        vouch_for(user)
        return user

    def get_by_natural_key(self, username: str | None) -> User:
        return self.get(email__iexact=username)


class User(AbstractBaseUser, PermissionsMixin):
    """Somebody who logs in by e-mail: staff today, customers with accounts later."""

    email = models.EmailField("e-mail address", unique=True)
    name = models.CharField(max_length=120, blank=True)
    is_active = models.BooleanField(default=True)
    is_staff = models.BooleanField(
        default=False, help_text="may open the staff pages and the admin"
    )
    is_demo = models.BooleanField(
        default=False, help_text="has the published password of the demo bakery"
    )
    joined_at = models.DateTimeField(default=timezone.now)

    objects = UserManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: list[str] = []

    class Meta:
        constraints = [
            models.UniqueConstraint(Lower("email"), name="user_email_any_case"),
        ]

    def __str__(self) -> str:
        return self.name or self.email

    @property
    def is_reserved(self) -> bool:
        """Is it the customer of a proof? See shop/reserved.py."""
        return self.pk < 0

    def get_short_name(self) -> str:
        return self.name or self.email


class Customer(models.Model):
    """A person who has ordered, known by e-mail address, with or without an account."""

    email = models.EmailField("e-mail address", unique=True)
    name = models.CharField(max_length=120, blank=True)
    phone = models.CharField(max_length=40, blank=True)
    note = models.TextField(blank=True, help_text="seen by staff only")
    user = models.OneToOneField(
        User, models.SET_NULL, null=True, blank=True, related_name="customer"
    )
    allergies = models.JSONField(
        default=list,
        # For servers of the release before, which write customers without it.
        db_default=models.Value([], models.JSONField()),
        blank=True,
        help_text="codes of shop/allergens.py that the customer asked to be warned of",
    )
    usual_place = models.ForeignKey(
        Place,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        help_text="where the customer likes to pick up",
    )
    created_at = models.DateTimeField(auto_now_add=True)

    objects = Shown()

    class Meta:
        ordering = ["email"]
        constraints = [
            models.UniqueConstraint(Lower("email"), name="customer_email_any_case"),
        ]

    def __str__(self) -> str:
        return self.name or self.email


class ProfilePicture(models.Model):
    """The picture of somebody with an account. Its files lie in the shared storage."""

    user = models.OneToOneField(
        User, models.CASCADE, related_name="picture", primary_key=True
    )
    digest = models.CharField(
        max_length=32, unique=True, help_text="of the files and of whose they are"
    )
    changed_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return self.digest
