"""What can go wrong between a basket and an order, as facts a customer can act on."""

from __future__ import annotations


class CheckoutError(Exception):
    """Base. The message is a sentence for the customer; status is the page's."""

    status = 409


class BasketIsEmpty(CheckoutError):
    """Nothing is in the basket."""


class BasketChanged(CheckoutError):
    """The basket is not the one that was on the page: another tab, another device."""


class ChooseASlot(CheckoutError):
    """No pick-up time was chosen, or it is gone."""


class PastCutOff(CheckoutError):
    """Orders for the bake day are closed."""


class NotAvailable(CheckoutError):
    """Something cannot be had on the chosen day; `reasons` says what and why."""

    def __init__(self, message: str, *, reasons: tuple = ()) -> None:
        super().__init__(message)
        self.reasons = reasons


class LimitReached(CheckoutError):
    """Not enough is left; `short` names each limit and how much it still has."""

    def __init__(self, message: str, *, short: tuple = ()) -> None:
        super().__init__(message)
        self.short = short


class PriceRose(CheckoutError):
    """The total is higher than the one the shopper saw; both in cents."""

    def __init__(self, message: str, *, seen_cents: int, now_cents: int) -> None:
        super().__init__(message)
        self.seen_cents = seen_cents
        self.now_cents = now_cents


class TooManyHolds(CheckoutError):
    """One network keeps more checkouts open than is fair."""

    status = 429


class BadChoice(CheckoutError):
    """A posted option, quantity or product that does not exist. `field` names it."""

    status = 422

    def __init__(self, message: str, *, field: str = "") -> None:
        super().__init__(message)
        self.field = field


class MoveNotAllowed(CheckoutError):
    """An order cannot go from its state to the wished one."""


class InAMoment(CheckoutError):
    """The server has too much to do for this just now; nothing was done."""

    status = 503

    def __init__(self, message: str, *, retry_seconds: int) -> None:
        super().__init__(message)
        self.retry_seconds = retry_seconds


class PictureError(Exception):
    """Base of what keeps a good picture from being taken; nothing was changed.

    The message is a sentence for whoever sent it, retry_seconds says when to try again.
    """

    status = 503
    sentence = ""
    retry_seconds = 5

    def __init__(self) -> None:
        super().__init__(self.sentence)


class PicturesBusy(PictureError):
    """Another picture is being read just now."""

    sentence = "We are busy with other pictures just now. Please try again in a moment."


class PicturesAway(PictureError):
    """The storage of the pictures does not answer."""

    sentence = (
        "We cannot keep pictures just now. Nothing was changed; please try again later."
    )
    retry_seconds = 60
