"""What can be wrong with a basket. Each message is a sentence for the shopper."""

from __future__ import annotations

from django.core.exceptions import ImproperlyConfigured, PermissionDenied


class BasketError(Exception):
    """Base of everything a basket refuses. A refused change changed nothing."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class NotAnItem(BasketError):
    """No item can be called that: it is empty, too long or not proper text."""

    def __init__(self) -> None:
        super().__init__("There is no such thing in the basket.")


class NotAQuantity(BasketError):
    """The quantity is not a whole number that a line could take."""

    def __init__(self, quantity: object) -> None:
        super().__init__("Please choose a whole number of pieces, at least one.")
        self.quantity = quantity


class LineTooLarge(BasketError):
    """A line would hold more than `limit` pieces of `item`."""

    def __init__(self, item: str, limit: int) -> None:
        super().__init__(f"At most {limit} pieces of one thing fit into the basket.")
        self.item = item
        self.limit = limit


class TooManyLines(BasketError):
    """The basket would hold more than `limit` different things."""

    def __init__(self, limit: int) -> None:
        super().__init__(f"At most {limit} different things fit into the basket.")
        self.limit = limit


class DetailsRefused(BasketError):
    """Details with characters that no database keeps, or far too many of them."""

    def __init__(self) -> None:
        super().__init__("The basket cannot keep that text. Please shorten it.")


class BasketIsClosed(BasketError):
    """It was ordered or merged; `next_token` is the basket to go on with."""

    def __init__(self, next_token: str) -> None:
        super().__init__("This basket has been ordered already.")
        self.next_token = next_token


class OwnerHasBasket(BasketError):
    """The owner already has the open basket `token`; merge into that one."""

    def __init__(self, token: str) -> None:
        super().__init__("There is another basket of the same customer.")
        self.token = token


class BasketUnavailable(BasketError):
    """The store did not answer, which does not say that nothing was changed.

    Sending the same change again with the same operation id is safe.
    """

    def __init__(self) -> None:
        super().__init__("The basket does not answer just now. Please try again.")


class ForeignOrigin(BasketError, PermissionDenied):
    """A change was asked for by a page that is not ours: 403 in any case."""

    def __init__(self) -> None:
        super().__init__(
            "This came from another site, or your browser hides where it came from. "
            "Nothing was changed."
        )


class InvalidBasketStore(ImproperlyConfigured):
    """settings.BASKET_STORES names a store that cannot be made."""
