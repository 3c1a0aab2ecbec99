"""Users log in by e-mail."""

import pytest
from django.db import IntegrityError

from shop.models import User

pytestmark = pytest.mark.django_db


def test_an_email_in_capitals_is_the_same_user():
    User.objects.create_user("Mina@Bakery.example", "milk bread at dawn")
    with pytest.raises(IntegrityError):
        User.objects.create(email="MINA@bakery.example")


def test_a_user_needs_an_email():
    with pytest.raises(ValueError, match="e-mail"):
        User.objects.create_user("")
