"""A log-out whose answer was lost: the balancer, or the person, sends it again."""

import pytest
from django.urls import reverse

from basket.backends.base import stores
from shop.accounts.baskets import owner_name
from tests.shop.accounts.people import is_logged_in, log_in, make_account
from tests.shop.shopper import Shopper
from tests.shop.storefront import make_bread, open_shop

pytestmark = pytest.mark.django_db


@pytest.fixture
def account():
    open_shop()
    return make_account()


@pytest.fixture
def shopper(account) -> Shopper:
    """Logged in, with two pieces in the account's basket."""
    shopper = Shopper()
    log_in(shopper, account.email)
    assert shopper.add(make_bread().variants.get(), 2).status_code == 303
    return shopper


def log_out(shopper: Shopper):
    return shopper.post(reverse("account_logout"))


def test_sent_again_with_the_same_cookies_it_leaves_the_basket_too(account, shopper):
    known = {name: morsel.value for name, morsel in shopper.cookies.items()}
    assert log_out(shopper).status_code == 302
    for name, value in known.items():
        shopper.cookies[name] = value
    assert sum(shopper.pieces().values()) == 2  # as if there had been no answer
    again = log_out(shopper)
    assert again.status_code == 302
    assert not is_logged_in(shopper)
    assert shopper.pieces() == {}
    assert again.cookies["badge"].value == "0.0.0"
    kept = stores["default"].token_of(owner_name(account))
    assert stores["default"].read(kept).pieces == 2


def test_a_guest_s_own_basket_stays_with_them(account):
    guest = Shopper()
    guest.add(make_bread().variants.get(), 2)
    assert log_out(guest).status_code == 302
    assert sum(guest.pieces().values()) == 2


def test_another_site_s_page_makes_nobody_leave_their_basket(shopper):
    foreign = Shopper(enforce_csrf_checks=True)
    for name, morsel in shopper.cookies.items():
        if name != "session":
            foreign.cookies[name] = morsel.value
    assert log_out(foreign).status_code == 403
    assert sum(foreign.pieces().values()) == 2
