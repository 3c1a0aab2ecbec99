"""Who on the staff may do what: three roles, and the gate of the staff's own pages."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import wraps

from django.contrib.auth.models import AnonymousUser, Group, Permission
from django.contrib.auth.views import redirect_to_login
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache

from shop.models import User

OWNER, BAKER, COUNTER = "owner", "baker", "counter"
SEE_BAKE_SHEET = "shop.see_bake_sheet"
HAND_OVER = "shop.hand_over"

_KEPT_BY_THE_OWNER = (
    *("category", "taxclass", "product", "variant", "picture"),
    *("optiongroup", "option", "ingredient", "recipe", "recipeline"),
    *("place", "openingrule", "dayexception", "resource", "resourceuse"),
)

# Nothing that was sold is ever deleted, and money is only looked at: there is no
# right to add, change or delete orders, payments and their events.
RIGHTS: dict[str, tuple[str, ...]] = {
    OWNER: (
        *(
            f"shop.{verb}_{model}"
            for model in _KEPT_BY_THE_OWNER
            for verb in ("view", "add", "change", "delete")
        ),
        *("shop.view_bakeday", "shop.change_bakeday", "shop.view_slot"),
        *("shop.view_capacity", "shop.change_capacity"),
        *("shop.view_hold", "shop.view_draw"),
        *("shop.view_order", "shop.view_orderline", "shop.view_orderevent"),
        *("shop.view_payment", "shop.view_paymentevent"),
        *("shop.view_customer", "shop.add_customer", "shop.change_customer"),
        *("shop.view_user", "shop.add_user", "shop.change_user"),
        *("basket.view_basket", "basket.view_basketline"),
        *(
            "django_tasks_database.view_dbtaskresult",
            "django_tasks_database.change_dbtaskresult",
        ),
        "admin.view_logentry",
        SEE_BAKE_SHEET,
        HAND_OVER,
    ),
    BAKER: (
        *("shop.view_product", "shop.view_variant"),
        *("shop.view_ingredient", "shop.view_recipe", "shop.view_recipeline"),
        "shop.view_bakeday",
        SEE_BAKE_SHEET,
    ),
    COUNTER: (
        *("shop.view_order", "shop.view_orderline", "shop.view_orderevent"),
        HAND_OVER,
    ),
}


def make_roles() -> dict[str, Group]:
    """The groups of the three roles by name, each with exactly its rights.

    Atomic and repeatable: a right that somebody added to a role by hand is taken away
    again. Raises LookupError if the database is not migrated far enough.
    """
    with transaction.atomic():
        return {role: _make_role(role, rights) for role, rights in RIGHTS.items()}


def _make_role(name: str, rights: Iterable[str]) -> Group:
    group, _ = Group.objects.get_or_create(name=name)
    group.permissions.set(_permissions(rights))
    return group


def _permissions(rights: Iterable[str]) -> list[Permission]:
    known = {
        f"{permission.content_type.app_label}.{permission.codename}": permission
        for permission in Permission.objects.select_related("content_type")
    }
    unknown = sorted(set(rights) - set(known))
    if unknown:
        raise LookupError(
            f"The database has no right called {', '.join(unknown)}. "
            "Run `manage.py migrate` first."
        )
    return [known[right] for right in rights]


def has_any_right(user: User | AnonymousUser, rights: Iterable[str]) -> bool:
    """Is this somebody of the staff who has at least one of the rights?"""
    return user.is_staff and any(user.has_perm(right) for right in rights)


def staff_page(*rights: str) -> Callable:
    """Opens a view only to staff with at least one of the rights.

    Whoever is not logged in is sent to the log-in page and comes back afterwards; who
    lacks the right gets a page that says so, with status 403. The answer is kept in
    no cache.
    """

    def gate(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
        @wraps(view)
        def gated(request: HttpRequest, *args, **path) -> HttpResponse:
            if not request.user.is_authenticated:
                return redirect_to_login(_back_to(request), reverse("staff:login"))
            if not has_any_right(request.user, rights):
                return render(request, "shop/staff/forbidden.html", status=403)
            return view(request, *args, **path)

        gated.staff_rights = rights
        return never_cache(gated)

    return gate


def _back_to(request: HttpRequest) -> str:
    """Where to go on after log-in: a press cannot be repeated, so to the start."""
    if request.method in {"GET", "HEAD"}:
        return request.get_full_path()
    return reverse("staff:dashboard")
