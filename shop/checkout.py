"""place_order: the one door from a basket to an order."""

from __future__ import annotations

import datetime
import logging
from dataclasses import dataclass

from django.conf import settings
from django.db import IntegrityError, transaction

from basket import tokens
from basket.backends.base import Contents, stores
from shop import limits
from shop.codes import LENGTH, LONGEST, new_code, new_secret
from shop.compiled import Compiled, Given
from shop.contact import Contact, clean_contact
from shop.exceptions import BasketChanged, CheckoutError, PriceRose
from shop.freezing import frozen_lines
from shop.hand_on import handing_on, was_handed_on
from shop.holds import (
    demand_available,
    demand_orderable,
    drop_row,
    lock_for_exchange,
    locked_hold,
    sweeping_once,
    units_of,
)
from shop.inserting import Facts, insert_together
from shop.models import Customer, Hold, Order, OrderEvent, OrderLine, Payment
from shop.payments.base import PaymentMethod, payment_methods
from shop.shopping import PricedBasket, priced
from shop.tasks import send_order_mail

__all__ = ["Contact", "Placed", "order_of_basket", "place_order", "start_payment"]

logger = logging.getLogger(__name__)

_ORDER_OF = Compiled(lambda: Order.objects.filter(basket_token=Given("token")))
_TRIES = 5


@dataclass(frozen=True)
class Placed:
    """is_new is False when an earlier press had placed the order.

    The payment is at hand only if it is new.
    """

    order: Order
    is_new: bool
    payment: Payment | None = None


@dataclass(frozen=True)
class _Wanted:
    """A basket that has passed every check that needs no lock."""

    basket: PricedBasket
    contact: Contact
    method: PaymentMethod
    now: datetime.datetime | None
    customer: Customer | None


def place_order(
    contents: Contents,
    *,
    contact: Contact,
    seen_total_cents: int,
    version: int,
    payment: str = "at_pickup",
    customer: Customer | None = None,
    now: datetime.datetime | None = None,
) -> Placed:
    """Turn the basket into an order. `version` and the total are those of the page.

    All or nothing, in one durable transaction: order, lines, payment, the basket's
    end, the mail's task and the units become true together, and whoever dies before
    that leaves nothing. A basket becomes one order, ever: pressed again, on whichever
    server, it answers with the order there is. Live holds are turned into the order
    even after the cut-off; without one, pieces and place are taken now if there is
    room and time. A refused order changes nothing. A fixed number of statements.

    `customer` is who is logged in; the order is theirs, whatever address it names. One
    who is erased at the same moment orders as a guest.

    Raises BasketIsEmpty, BasketChanged, BadChoice (contact, payment), ChooseASlot,
    NotAvailable, PriceRose, PastCutOff and LimitReached. Starting the payment comes
    after this: see start_payment().
    """
    try:
        _demand_same(contents, version)
        basket = priced(contents, pictures=False)
        demand_orderable(basket)
        _demand_not_dearer(basket, seen_total_cents)
        method = payment_methods.chosen(payment)
        wanted = _Wanted(basket, clean_contact(contact), method, now, customer)
        return sweeping_once(lambda: _place_once(wanted))
    except CheckoutError:
        # Whatever is wrong with this press: an earlier one may have made the order.
        placed = order_of_basket(contents.token)
        if placed is None:
            raise
        return Placed(placed, is_new=False)


def order_of_basket(token: str) -> Order | None:
    """The order that was made of the basket with this token, if any. One query."""
    return _ORDER_OF.first(token=token)


def start_payment(order: Order, payment: Payment | None = None) -> str | None:
    """Begin to collect what is due: where to send the shopper, or None.

    Called after place_order(), outside of transactions; repeatable. One query, none if
    the payment is given.
    """
    payment = payment or order.payments.filter(state=Payment.State.DUE).last()
    if payment is None:
        return None
    return payment_methods[payment.method].start(order, payment)


def _demand_same(contents: Contents, version: int) -> None:
    if contents.lines and (contents.state != "open" or contents.version != version):
        raise _changed()


def _demand_not_dearer(basket: PricedBasket, seen_total_cents: int) -> None:
    if basket.total_cents > seen_total_cents:
        raise PriceRose(
            "The price has risen since you saw it. Please look at the new total.",
            seen_cents=seen_total_cents,
            now_cents=basket.total_cents,
        )


def _place_once(wanted: _Wanted) -> Placed:
    """The order that is made now, or that another request has just made."""
    for attempt in range(1, _TRIES + 1):
        code = new_code(LENGTH if attempt < _TRIES else LONGEST)
        try:
            with transaction.atomic(durable=True):
                order, payment = _place(wanted, code)
        except IntegrityError:
            placed = order_of_basket(wanted.basket.token)
            if placed:
                return Placed(placed, is_new=False)
            if attempt == _TRIES:
                raise
            # The code is another order's, the customer was just erased, or another
            # tab has just taken the hold anew.
            continue
        logger.info("order placed code=%s cents=%s", order.code, order.total_cents)
        return Placed(order, is_new=True, payment=payment)
    raise AssertionError("unreachable: the last try returns or raises")


def _place(wanted: _Wanted, code: str) -> tuple[Order, Payment]:
    """Everything in the order in which it must happen; needs an open transaction.

    The order comes first, so that a repeated press stops here before it takes
    anything; the limits come last, so that their rows are locked for a moment only.
    """
    basket = wanted.basket
    lines = frozen_lines(basket)
    order = _new_order(wanted, lines, code)
    payment, is_kept = _create(order, lines, wanted.method, basket.version)
    hold = None if is_kept else locked_hold(basket.token)
    if not is_kept and not (_keeps(hold, basket) and hold.is_live):
        demand_available(basket, hold=hold, now=wanted.now)
    _close_basket(basket)
    send_order_mail.enqueue(order.pk, "confirmation")
    if not is_kept:
        _draw(order, hold, basket)
    return order, payment


def _new_order(wanted: _Wanted, lines: list[OrderLine], code: str) -> Order:
    """Not saved yet."""
    basket, contact = wanted.basket, wanted.contact
    return Order(
        code=code,
        secret=new_secret(),
        basket_token=basket.token,
        state=wanted.method.first_state,
        customer=_still_there(wanted.customer),
        name=contact.name,
        email=contact.email,
        phone=contact.phone,
        note=contact.note,
        bake_day=basket.slot.bake_day,
        slot=basket.slot,
        currency=settings.SHOP_CURRENCY,
        total_cents=sum(line.total_cents for line in lines),
        tax_cents=sum(line.tax_cents for line in lines),
    )


def _create(
    order: Order, lines: list[OrderLine], method: PaymentMethod, version: int
) -> tuple[Payment, bool]:
    """Order, lines, payment and the first event, and whether a hold became the order's.

    One statement on PostgreSQL; elsewhere no hold is looked at.
    """
    for line in lines:
        line.order = order
    cents = order.total_cents
    payment = Payment(order=order, method=method.key, amount_cents=cents)
    data = Facts("payment", payment, total_cents=cents)
    event = OrderEvent(order=order, kind="placed", to_state=order.state, data=data)
    beside = handing_on(order, version=version)
    answers = insert_together([order], lines, [payment], [event], beside=beside)
    return payment, was_handed_on(answers)


def _still_there(customer: Customer | None) -> Customer | None:
    """Read anew: another server may have erased them since the page was asked for."""
    return customer and Customer.objects.filter(pk=customer.pk).first()


def _keeps(hold: Hold | None, basket: PricedBasket) -> bool:
    """Was the hold taken for exactly this basket? Its units are then still there."""
    return (
        hold is not None
        and hold.basket_version == basket.version
        and hold.slot_id == basket.slot.pk
    )


def _close_basket(basket: PricedBasket) -> None:
    closed = stores["default"].close(
        basket.token,
        version=basket.version,
        next_token=tokens.next_token_of(basket.token),
    )
    if not closed:
        raise _changed()


def _draw(order: Order, hold: Hold | None, basket: PricedBasket) -> None:
    """Make the hold's units the order's, or take them now; no hold is left."""
    handed_on = limits.hand_on(hold, order) if _keeps(hold, basket) else 0
    if not handed_on:
        units = units_of(basket)
        if hold is not None:
            lock_for_exchange(hold, units)
            limits.give_back(hold=hold)
        limits.take(units, order=order)
    if hold is not None:
        drop_row(hold)


def _changed() -> BasketChanged:
    return BasketChanged(
        "Your basket has changed since this page was made, perhaps in another tab. "
        "Please look at it once more."
    )
