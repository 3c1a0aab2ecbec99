"""Who may do what, and that nothing is open by accident."""

import datetime

import pytest
from django.contrib.auth.models import Group, Permission
from django.urls import get_resolver, reverse

from shop import staff_urls
from shop.roles import BAKER, COUNTER, OWNER, RIGHTS, make_roles
from tests.shop.make import make_order, make_user
from tests.shop.staffing import client_of, make_staff

pytestmark = pytest.mark.django_db

OPEN_TO_ALL = {"login", "logout"}
BOTH = {BAKER, COUNTER, OWNER}
# Which roles each page lets in. A page that is missing here fails the test.
LETS_IN = {
    "dashboard": BOTH,
    "styleguide": BOTH,
    "next_bake_sheet": {BAKER, OWNER},
    "bake_sheet": {BAKER, OWNER},
    "next_packing": {COUNTER, OWNER},
    "packing": {COUNTER, OWNER},
    "pack_line": {COUNTER, OWNER},
    "hand_over": {COUNTER, OWNER},
    "order": {COUNTER, OWNER},
    "order_hand_over": {COUNTER, OWNER},
    "order_move": {COUNTER, OWNER},
    "order_mail": {COUNTER, OWNER},
}


def address_of(name):
    arguments = {
        "bake_sheet": [datetime.date(2026, 11, 24)],
        "packing": [datetime.date(2026, 11, 24)],
        "pack_line": [1],
    }
    if name.startswith("order"):
        return reverse(f"staff:{name}", args=["K7M2P"])
    return reverse(f"staff:{name}", args=arguments.get(name, []))


def names_of_all_staff_pages():
    return [pattern.name for pattern in staff_urls.urlpatterns]


def test_every_staff_page_is_in_the_table_of_this_test():
    assert set(names_of_all_staff_pages()) == set(LETS_IN) | OPEN_TO_ALL


@pytest.mark.parametrize("method", ["get", "post"])
@pytest.mark.parametrize("name", LETS_IN)
def test_nobody_is_sent_to_the_log_in_page_and_back(name, method):
    answer = getattr(client_of(None), method)(address_of(name))
    assert answer.status_code == 302
    back = address_of(name) if method == "get" else reverse("staff:dashboard")
    assert answer.url == f"{reverse('staff:login')}?next={back}"


@pytest.mark.parametrize("method", ["get", "post"])
@pytest.mark.parametrize("name", LETS_IN)
def test_a_customer_with_every_right_but_no_place_on_the_staff_is_refused(name, method):
    customer = make_user()
    customer.user_permissions.set(Permission.objects.all())
    answer = getattr(client_of(customer), method)(address_of(name))
    assert answer.status_code == 403
    assert "your role does not open this page" in answer.content.decode()


@pytest.mark.parametrize("role", sorted(BOTH))
def test_each_role_opens_its_own_pages_and_no_other(role):
    make_order(code="K7M2P")
    client = client_of(make_staff(role))
    let_in = set()
    for name in LETS_IN:
        answer = client.get(address_of(name))
        assert answer.status_code in {200, 302, 403, 404, 405}, name
        if answer.status_code != 403:
            let_in.add(name)
    assert let_in == {name for name, roles in LETS_IN.items() if role in roles}


@pytest.mark.parametrize("name", LETS_IN)
def test_no_cache_keeps_a_staff_page(name):
    make_order(code="K7M2P")
    answer = client_of(make_staff(OWNER)).get(address_of(name))
    assert "no-store" in answer["Cache-Control"]
    assert "private" in answer["Cache-Control"]


def test_every_view_behind_staff_names_its_rights():
    for pattern in staff_urls.urlpatterns:
        if pattern.name not in OPEN_TO_ALL:
            assert pattern.callback.staff_rights, pattern.name


def test_staff_urls_are_served_under_staff():
    assert reverse("staff:dashboard") == "/staff/"
    assert "staff" in get_resolver().namespace_dict


def test_making_the_roles_again_changes_nothing():
    make_roles()
    before = set(Group.permissions.through.objects.values_list("group", "permission"))
    make_roles()
    after = set(Group.permissions.through.objects.values_list("group", "permission"))
    assert before == after
    assert Group.objects.count() == 3


def test_a_right_given_to_a_role_by_hand_is_taken_away_again():
    baker = make_roles()[BAKER]
    baker.permissions.add(Permission.objects.get(codename="change_order"))
    make_roles()
    assert not baker.permissions.filter(codename="change_order").exists()


def test_a_role_has_exactly_its_rights():
    for role, rights in RIGHTS.items():
        assert make_staff(role).get_all_permissions() == set(rights)


def test_no_role_may_write_money_or_orders():
    kept = {"order", "orderline", "orderevent", "payment", "paymentevent", "draw"}
    for rights in RIGHTS.values():
        for right in rights:
            verb, _, model = right.partition(".")[2].partition("_")
            assert model not in kept or verb == "view"


def test_a_missing_right_is_named():
    Permission.objects.filter(codename="see_bake_sheet").delete()
    with pytest.raises(LookupError, match="shop.see_bake_sheet.*migrate"):
        make_roles()
    assert not Group.objects.exists()
