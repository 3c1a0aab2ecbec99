"""The styleguide shows every component in its states."""

import pytest

from shop.roles import OWNER
from tests.shop.staffing import client_of, make_staff

pytestmark = pytest.mark.django_db


def test_it_shows_components_in_their_states(django_assert_num_queries):
    client = client_of(make_staff(OWNER))
    with django_assert_num_queries(5):  # session, user, rights (2), a slug
        page = client.get("/staff/styleguide/").content.decode()
    for part in (
        "button--danger",
        "error-summary",
        "field--wrong",
        "stepper",
        "slot-list",
        "card--gone",
        "basket-line--bad",
        "step--now",
        "swatch--brand",
    ):
        assert part in page, part
