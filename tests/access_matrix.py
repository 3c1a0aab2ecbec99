"""Who may open what: every address of the shop, by kind of person.

A row has the status for each of PEOPLE, first of GET, then of POST without any field.
303 is a step on, 302 mostly the way to the log-in, 403 "not yours to see", 404 "there
is no such thing", 405, 409 and 422 mean that one may, but not like this.

This is a decision, not a record: a status that changes is thought about before it is
changed here.
"""

from __future__ import annotations

# All but the first have logged in a moment ago, and shown a second factor.
PEOPLE = ("anonymous", "other", "owner", "baker", "counter", "boss")


def everybody(get: int, post: int) -> tuple[str, str]:
    return " ".join([str(get)] * 6), " ".join([str(post)] * 6)


def with_account(get: int, post: int) -> tuple[str, str]:
    """Whoever is logged in, about what is their own; others are sent to log in."""
    return f"302{f' {get}' * 5}", f"302{f' {post}' * 5}"


READ = everybody(200, 405)
OWN = (with_account(200, 200)[0], READ[1])  # to be read only
# On to the page where it begins, or to the log-in.
ON = everybody(302, 302)

PAGES: dict[str, tuple[str, str]] = {
    # --- machines
    "/up": everybody(200, 200),
    "/ready": everybody(200, 200),
    "/metrics": everybody(200, 200),  # only to who asks directly: tests/bakery
    "/robots.txt": READ,
    "/sitemap.xml": READ,
    "/manifest.webmanifest": READ,
    # --- the shop
    "/": READ,
    "/category/<slug:slug>/": READ,
    "/product/<slug:slug>/": READ,
    "/search/": READ,
    "/allergens/": READ,
    "/media/<path:name>": READ,
    # --- one's own basket, whoever one is
    "/basket/": READ,
    "/basket/lines/": everybody(303, 422),
    "/basket/line/": everybody(303, 409),
    "/basket/pick-up/": everybody(200, 422),
    "/checkout/": everybody(303, 409),
    "/checkout/contact/": everybody(303, 303),
    "/checkout/order/": everybody(303, 409),
    # --- an order, for whoever has its secret link
    "/order/<str:secret>/": READ,
    "/order/<str:secret>/cancellation/": everybody(200, 303),
    "/order/<str:secret>/calendar.ics": READ,
    "/order/<str:secret>/code.svg": READ,
    # --- logging in
    "/account/auth/login/": ("200 302 302 302 302 302", "422 302 302 302 302 302"),
    "/account/auth/logout/": ("302 200 200 200 200 200", "302 302 302 302 302 302"),
    "/account/auth/inactive/": READ,
    "/account/auth/signup/": ("200 302 302 302 302 302", "422 302 302 302 302 302"),
    "/account/auth/reauthenticate/": with_account(200, 422),
    "/account/auth/email/": with_account(200, 302),
    "/account/auth/confirm-email/": READ,
    "/account/auth/^confirm-email/(?P<key>[-:\\w]+)/$": everybody(200, 404),
    "/account/auth/password/change/": with_account(200, 422),
    "/account/auth/password/set/": ON,
    "/account/auth/password/reset/": everybody(200, 422),
    "/account/auth/password/reset/done/": READ,
    "/account/auth/password/reset/key/done/": READ,
    "/account/auth/^password/reset/key/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$": (
        everybody(200, 422)
    ),
    "/account/auth/login/code/confirm/": ON,
    # --- the second factor
    "/account/auth/2fa/": with_account(200, 405),
    "/account/auth/2fa/authenticate/": ON,
    "/account/auth/2fa/reauthenticate/": ON,
    "/account/auth/2fa/totp/activate/": with_account(200, 422),
    "/account/auth/2fa/totp/deactivate/": with_account(404, 404),
    "/account/auth/2fa/recovery-codes/": with_account(404, 405),
    "/account/auth/2fa/recovery-codes/generate/": (
        "302 200 200 200 200 200",
        "302 422 302 422 422 422",
    ),
    "/account/auth/2fa/recovery-codes/download/": with_account(404, 404),
    "/account/auth/2fa/webauthn/": with_account(200, 405),
    "/account/auth/2fa/webauthn/add/": with_account(200, 422),
    # Only the owner has a passkey.
    "/account/auth/2fa/webauthn/reauthenticate/": (
        "302 302 200 302 302 302",
        "302 302 302 302 302 302",
    ),
    "/account/auth/2fa/webauthn/keys/<int:pk>/remove/": (
        "302 404 200 404 404 404",
        "302 404 302 404 404 404",
    ),
    "/account/auth/2fa/webauthn/keys/<int:pk>/edit/": (
        "302 404 200 404 404 404",
        "302 404 422 404 404 404",
    ),
    "/account/auth/2fa/webauthn/login/": ON,
    "/account/auth/sessions/": with_account(200, 302),
    # --- one's own account
    "/account/": OWN,
    "/account/orders/": OWN,
    "/account/orders/<str:code>/again/": (
        "302 404 303 404 404 404",
        "302 404 303 404 404 404",
    ),
    "/account/details/": with_account(200, 422),
    "/account/allergies/": with_account(200, 303),
    "/account/picture/": with_account(200, 422),
    "/account/picture/removal/": (
        "405 405 405 405 405 405",
        "302 303 303 303 303 303",
    ),
    "/account/data/": OWN,
    "/account/data/copy/": with_account(303, 200),
    # The owner's order waits to be picked up.
    "/account/erasure/": ("302 200 200 200 200 200", "302 422 409 422 422 422"),
    "/account/erased/": READ,
    # --- the staff's own pages
    "/staff/": ("302 403 403 200 200 200", "302 403 403 405 405 405"),
    "/staff/login/": everybody(302, 405),
    "/staff/logout/": everybody(405, 302),
    "/staff/bake-sheet/": ("302 403 403 302 403 302", "302 403 403 405 403 405"),
    "/staff/bake-sheet/<date:date>/": (
        "302 403 403 200 403 200",
        "302 403 403 405 403 405",
    ),
    "/staff/packing/": ("302 403 403 403 302 302", "302 403 403 403 405 405"),
    "/staff/packing/<date:date>/": (
        "302 403 403 403 200 200",
        "302 403 403 403 405 405",
    ),
    "/staff/packing/lines/<int:line_id>/": (
        "302 403 403 403 405 405",
        "302 403 403 403 400 400",
    ),
    "/staff/hand-over/": ("302 403 403 403 200 200", "302 403 403 403 405 405"),
    "/staff/orders/<str:code>/": ("302 403 403 403 200 200", "302 403 403 403 405 405"),
    "/staff/orders/<str:code>/hand-over/": (
        "302 403 403 403 405 405",
        "302 403 403 403 303 303",
    ),
    "/staff/orders/<str:code>/state/": (
        "302 403 403 403 405 405",
        "302 403 403 403 422 422",
    ),
    "/staff/orders/<str:code>/mail/": (
        "302 403 403 403 405 405",
        "302 403 403 403 303 303",
    ),
    "/staff/styleguide/": ("302 403 403 200 200 200", "302 403 403 405 405 405"),
    # --- the admin's pages that belong to no list
    "/admin/": ("302 302 302 200 200 200", "302 302 302 200 200 200"),
    "/admin/login/": everybody(302, 405),
    "/admin/logout/": everybody(405, 302),
    "/admin/password_change/": ("302 302 302 200 200 200", "302 302 302 200 200 200"),
    "/admin/password_change/done/": (
        "302 302 302 200 200 200",
        "302 302 302 405 405 405",
    ),
    "/admin/autocomplete/": ("302 302 302 403 403 403", "302 302 302 405 405 405"),
    "/admin/jsi18n/": ("302 302 302 200 200 200", "302 302 302 405 405 405"),
    "/admin/r/<path:content_type_id>/<path:object_id>/": (
        "302 302 302 404 404 404",
        "302 302 302 404 404 404",
    ),
    "/admin/(?P<url>.*)$": ("302 302 302 404 404 404", "302 302 302 404 404 404"),
    "/admin/shop/user/<id>/password/": (
        "302 302 302 403 403 200",
        "302 302 302 403 403 200",
    ),
}

# What the roles may do in each list of the admin: view, add, change, delete; of baker,
# counter and boss. Nobody else comes in.
ADMIN: dict[str, tuple[str, str, str]] = {
    "shop/place": ("", "", "vacd"),
    "shop/dayexception": ("", "", "vacd"),
    "shop/bakeday": ("v", "", "vc"),
    "shop/category": ("", "", "vacd"),
    "shop/taxclass": ("", "", "vacd"),
    "shop/optiongroup": ("", "", "vacd"),
    "shop/product": ("v", "", "vacd"),
    "shop/variant": ("v", "", "vc"),
    "shop/ingredient": ("v", "", "vacd"),
    "shop/recipe": ("v", "", "vacd"),
    "shop/resource": ("", "", "vacd"),
    "shop/capacity": ("", "", "vc"),
    "shop/hold": ("", "", "v"),
    "shop/order": ("", "v", "v"),
    "shop/customer": ("", "", "vac"),
    "shop/user": ("", "", "vac"),
    "basket/basket": ("", "", "v"),
    "django_tasks_database/dbtaskresult": ("", "", "v"),
    # For superusers alone.
    "auth/group": ("", "", ""),
    "account/emailaddress": ("", "", ""),
    "mfa/authenticator": ("", "", ""),
    "usersessions/usersession": ("", "", ""),
}
# Which of the rights opens which page of a list, by GET and by POST.
LIST_PAGES = {
    "": ("v", "v"),
    "add/": ("a", "a"),
    "<path:object_id>/history/": ("v", "v"),
    "<path:object_id>/delete/": ("d", "d"),
    "<path:object_id>/change/": ("v", "c"),
    "<path:object_id>/": ("any", "any"),  # leads on to the row's page
}


def matrix() -> dict[str, tuple[dict[str, int], dict[str, int]]]:
    """By pattern and person: the status of GET and of POST."""
    rows = {pattern: (_row(get), _row(post)) for pattern, (get, post) in PAGES.items()}
    for model, rights in ADMIN.items():
        for page, (to_look, to_write) in LIST_PAGES.items():
            rows[f"/admin/{model}/{page}"] = (
                _admin_row(rights, to_look),
                _admin_row(rights, to_write),
            )
    return rows


def _row(statuses: str) -> dict[str, int]:
    found = [int(status) for status in statuses.split()]
    return dict(zip(PEOPLE, found, strict=True))


def _admin_row(rights: tuple[str, str, str], needed: str) -> dict[str, int]:
    staff = ["302" if needed == "any" else _status(each, needed) for each in rights]
    return _row(" ".join(["302 302 302", *staff]))


def _status(rights: str, needed: str) -> str:
    return "200" if needed in rights else "403"
