"""What a way of paying must offer, and where the shop finds the ones it has."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ImproperlyConfigured
from django.utils.connection import BaseConnectionHandler
from django.utils.module_loading import import_string

from shop.exceptions import BadChoice
from shop.models import Order, Payment


class InvalidPaymentMethod(ImproperlyConfigured):
    """A payment method of the settings that cannot be used."""


class PaymentMethod:
    """Base class of payment methods.

    A method never marks a payment as paid. Money that has moved is told to
    shop.payments.settle.settle(), by the provider's webhook, the page the shopper
    returns to, or the counter, as often as they like.
    """

    # The name in settings, forms and Payment.method; never changed once it is used.
    key = ""
    # What the shopper reads beside the radio button, and one line under it.
    title = ""
    hint = ""
    # The state of an order that was just placed: AWAITING_PAYMENT keeps it from the
    # bake sheet until settle() has seen the money.
    first_state = Order.State.CONFIRMED

    def start(self, order: Order, payment: Payment) -> str | None:
        """Begin to collect the money: where to send the shopper, or None.

        Called after the order is committed, outside of any transaction, and perhaps
        more than once for one payment (a reload, a second server): the provider must
        be given the payment's own id as its idempotency key.
        """
        raise NotImplementedError("subclasses of PaymentMethod must provide start()")

    def refund(self, payment: Payment, amount_cents: int) -> None:
        """Give money back. Repeatable for one payment and amount, as start() is.

        Raises shop.exceptions.CheckoutError when the provider refuses.
        """
        raise NotImplementedError("subclasses of PaymentMethod must provide refund()")


class PaymentMethodHandler(BaseConnectionHandler):
    """Methods by key from settings.PAYMENT_METHODS, in the order they are offered."""

    settings_name = "PAYMENT_METHODS"
    exception_class = InvalidPaymentMethod

    def create_connection(self, alias: str) -> PaymentMethod:
        """Make the method. Raises InvalidPaymentMethod, which names the key."""
        params = self.settings[alias]
        try:
            method: PaymentMethod = import_string(params["BACKEND"])(
                **params.get("OPTIONS", {})
            )
        except (ImportError, KeyError, TypeError) as error:
            raise InvalidPaymentMethod(
                f"PAYMENT_METHODS[{alias!r}] cannot be used: {error!r}"
            ) from error
        if method.key != alias:
            raise InvalidPaymentMethod(
                f"PAYMENT_METHODS[{alias!r}] calls itself {method.key!r}."
            )
        return method

    def chosen(self, key: Any) -> PaymentMethod:
        """The method a shopper named. Raises BadChoice for one that is not offered."""
        if not isinstance(key, str) or key not in self.settings:
            raise BadChoice("Choose how you want to pay.", field="payment")
        return self[key]


payment_methods = PaymentMethodHandler()
