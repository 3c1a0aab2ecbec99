"""What django-allauth asks this shop: limits, mails, what comes along at log-in."""

from __future__ import annotations

import ipaddress
import time
from types import SimpleNamespace
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.authentication import get_authentication_records
from allauth.account.models import EmailAddress, EmailConfirmationHMAC
from allauth.core import context
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.urls import reverse

from shop.accounts.baskets import Joined, bring_basket, keep_basket, leave_basket
from shop.accounts.claims import claim_orders
from shop.accounts.lifetime import limit_session
from shop.accounts.mails import queue_account_mail
from shop.accounts.words import joined_words
from shop.exceptions import InAMoment
from shop.links import site_host
from shop.models import User
from shop.network import network_of
from shop.reserved import NETWORK, are_seen

NO_ADDRESS = "0.0.0.0"  # nosec B104: nothing listens there, it was not told
NOT_TOGETHER = (
    "We do not know this e-mail address and password together. "
    "Check both; capitals matter in the password."
)


class AccountAdapter(DefaultAccountAdapter):
    """Made anew for each request that needs one."""

    error_messages = DefaultAccountAdapter.error_messages | {
        "email_password_mismatch": NOT_TOGETHER,
        "too_many_login_attempts": "That was not right too often. "
        "Please wait five minutes, or ask for a new password.",
        "rate_limited": "That was very often in a short time. "
        "Please wait a few minutes.",
        "enter_current_password": "This is not your current password.",
        "incorrect_password": "This is not your password.",
        "duplicate_email": "This is your e-mail address already.",
        "invalid_password_reset": "This link is used up or too old.",
    }

    # --- limits --------------------------------------------------------------------

    def get_client_ip(self, request: HttpRequest) -> str:
        """REMOTE_ADDR, which the server sets from proxies it trusts; never a header.

        Proofs count as one network of their own: they neither use up what others may
        try, nor are kept out by what others have tried.
        """
        if are_seen():
            return NETWORK
        try:
            address = ipaddress.ip_address(request.META.get("REMOTE_ADDR", ""))
        except ValueError:
            return NO_ADDRESS
        return str(getattr(address, "ipv4_mapped", None) or address).partition("%")[0]

    def _get_login_attempts_cache_key(
        self, request: HttpRequest, **credentials: Any
    ) -> str:
        """Of an account as tried from one network.

        Who guesses locks out themselves, and not the person whose account it is. The
        Host header, which allauth would put in, is the visitor's to choose.
        """
        login = credentials.get("email", credentials.get("username", "")).lower()
        network = NETWORK if are_seen() else network_of(request)
        return f"{network}:{login}"

    def authenticate(self, request: HttpRequest, **credentials: Any) -> User | None:
        """The user, if active. A password that could not be checked counts for none.

        A proof logs in as the customer that is reserved for it and as nobody else, so
        with its limits of its own nobody else's password can be guessed.
        """
        try:
            user = super().authenticate(request, **credentials)
        except InAMoment:
            self._rollback_login_failed_rl_usage()
            raise
        if user is None or user.is_reserved is not are_seen():
            return None
        return user if user.is_active else None

    def is_reauthentication_required(self, *, app: str, **facts: Any) -> bool:
        """Not right after a log-in: nobody types a password twice in two minutes."""
        if not super().is_reauthentication_required(app=app, **facts):
            return False
        request = context.request
        records = get_authentication_records(request, request.user)
        latest = max((record["at"] for record in records), default=0)
        return time.time() - latest > settings.ACCOUNT_REAUTHENTICATION_TIMEOUT

    # --- log-in and log-out --------------------------------------------------------

    def login(self, request: HttpRequest, user: User) -> None:
        super().login(request, user)
        limit_session(request)

    def post_login(
        self, request: HttpRequest, user: User, **facts: Any
    ) -> HttpResponse:
        response = super().post_login(request, user, **facts)
        in_checkout = response.url.startswith(reverse("shop:checkout"))
        bring = keep_basket if in_checkout else bring_basket
        self._tell(request, bring(request.basket, user))
        request.basket_changed_hands = True
        if address := EmailAddress.objects.get_verified(user):
            claim_orders(user, address.email)
        return response

    def _tell(self, request: HttpRequest, joined: Joined) -> None:
        if words := joined_words(joined):
            messages.info(request, words)

    def logout(self, request: HttpRequest) -> None:
        """The account's basket stays with the account."""
        super().logout(request)
        leave_basket(request.basket)
        request.basket_changed_hands = True

    def get_login_redirect_url(self, request: HttpRequest) -> str:
        if request.user.is_staff:
            return reverse("staff:dashboard")
        return settings.LOGIN_REDIRECT_URL

    def get_signup_redirect_url(self, request: HttpRequest) -> str:
        return self.get_login_redirect_url(request)

    def confirm_email(self, request: HttpRequest, email_address: EmailAddress) -> bool:
        """Guest orders of the address are the account's from now on."""
        confirmed = super().confirm_email(request, email_address)
        if confirmed:
            claim_orders(email_address.user, email_address.email)
        return confirmed

    # --- mails ---------------------------------------------------------------------

    def send_mail(
        self, template_prefix: str, email: str, context_data: dict[str, Any]
    ) -> None:
        """Queue it: no request waits for a mail server, whoever it is about."""
        facts = context_data | {
            "email": email,
            "site_url": settings.SITE_URL,
            "current_site": SimpleNamespace(
                name=settings.SHOP_NAME, domain=site_host()
            ),
        }
        request = context.request
        subject = render_to_string(f"{template_prefix}_subject.txt", facts, request)
        text = render_to_string(f"{template_prefix}_message.txt", facts, request)
        queue_account_mail(
            email,
            " ".join(subject.split()),
            text.strip() + "\n",
            user=context_data.get("user"),
        )

    def get_reset_password_from_key_url(self, key: str) -> str:
        """From SITE_URL: whoever sends a foreign Host header gets no mail with it."""
        uid, _, rest = key.partition("-")
        path = reverse("account_reset_password_from_key", args=[uid, rest])
        return settings.SITE_URL + path

    def get_email_confirmation_url(
        self, request: HttpRequest, emailconfirmation: EmailConfirmationHMAC
    ) -> str:
        path = reverse("account_confirm_email", args=[emailconfirmation.key])
        return settings.SITE_URL + path
