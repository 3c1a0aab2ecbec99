"""Orders: looked at and searched; moved, packed and exported, never edited."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterable

from django.contrib import admin, messages
from django.db.models import Exists, OuterRef, QuerySet, Subquery, Sum
from django.http import HttpRequest, StreamingHttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html

from shop.admin.base import ReadOnly, ReadOnlyRows, ShopAdmin
from shop.admin.exports import csv_in_pieces
from shop.admin.filters import BakeDayFilter, SortedByDay
from shop.codes import LONGEST, read_code
from shop.exceptions import MoveNotAllowed
from shop.models import BakeDay, Order, OrderEvent, OrderLine, Payment
from shop.orders import move_order, pack_order
from shop.roles import HAND_OVER
from shop.templatetags.money import money

NEAR = datetime.timedelta(days=31)


class LineRows(ReadOnlyRows):
    model = OrderLine
    fields = ("name", "choices", "quantity", "unit_price", "total", "packed_at")

    @admin.display
    def choices(self, line: OrderLine) -> str:
        return "; ".join(f"{each['group']}: {each['choice']}" for each in line.options)

    @admin.display
    def unit_price(self, line: OrderLine) -> str:
        return money(line.unit_price_cents)

    @admin.display
    def total(self, line: OrderLine) -> str:
        return money(line.total_cents)


class PaymentRows(ReadOnlyRows):
    model = Payment
    fields = ("method", "amount", "state", "created_at")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Payment]:
        return super().get_queryset(request).select_related("order")

    @admin.display
    def amount(self, payment: Payment) -> str:
        return money(payment.amount_cents)


class EventRows(ReadOnlyRows):
    model = OrderEvent
    fields = ("at", "kind", "from_state", "to_state", "actor", "data")

    def get_queryset(self, request: HttpRequest) -> QuerySet[OrderEvent]:
        return super().get_queryset(request).select_related("actor")


@admin.register(Order)
class OrderAdmin(ReadOnly, SortedByDay, ShopAdmin):
    list_display = (
        "code",
        "name",
        "bake_day",
        "slot",
        "state",
        "pieces",
        "total",
        "is_paid",
    )
    list_filter = (BakeDayFilter, "state")
    sortable_by = ("code", "bake_day", "slot")
    search_fields = ("code__istartswith", "email__istartswith", "name")
    # The order's own page is the shopper's: whoever has its address may cancel.
    view_on_site = False
    ordering = ("bake_day__date", "slot__starts", "code")
    inlines = (LineRows, PaymentRows, EventRows)
    actions = ("mark_in_production", "mark_ready", "export_csv")
    fieldsets = (
        (
            None,
            {"fields": ("code", "state", "pick_up", "total", "tax", "staff_page")},
        ),
        ("Shopper", {"fields": ("name", "email", "phone", "note", "customer")}),
        ("Record", {"fields": ("placed_at", "currency")}),
    )
    readonly_fields = ("pick_up", "total", "tax", "staff_page", "placed_at")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Order]:
        """With pieces and payment, so that the list asks nothing for each order."""
        due = Payment.objects.filter(order=OuterRef("pk"), state=Payment.State.DUE)
        orders = super().get_queryset(request)
        orders = orders.select_related("bake_day", "slot__place")
        return orders.annotate(piece_count=Subquery(_pieces()), is_due=Exists(due))

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Order], search_term: str
    ) -> tuple[QuerySet[Order], bool]:
        """A code is found however it was written: k7m-2p as well as K7M2P.

        Codes and whole addresses are looked for on every day. Parts of names no index
        knows: they are looked for from NEAR on, unless the days are chosen as well.
        """
        code = read_code(search_term)
        if 5 <= len(code) <= LONGEST:
            exact = queryset.filter(code=code)
            if exact.exists():
                return exact, False
        address = search_term.strip()
        if "@" in address:
            exact = queryset.filter(email__in={address, address.lower()})
            if exact.exists():
                return exact, False
        if address and BakeDayFilter.parameter_name not in request.GET:
            first = timezone.localdate() - NEAR
            # As numbers: joined with the days, the history is read to find the days. By
            # date as well: put into order, what is found would be held against all.
            days = BakeDay.objects.filter(date__gte=first).values_list("pk", flat=True)
            queryset = queryset.filter(
                bake_day__in=list(days), bake_day__date__gte=first
            )
        return super().get_search_results(request, queryset, search_term)

    @admin.display(description="pieces", ordering="piece_count")
    def pieces(self, order: Order) -> int:
        return order.piece_count or 0

    @admin.display(ordering="total_cents")
    def total(self, order: Order) -> str:
        return money(order.total_cents, order.currency)

    @admin.display(description="tax in it")
    def tax(self, order: Order) -> str:
        return money(order.tax_cents, order.currency)

    @admin.display(description="paid", boolean=True)
    def is_paid(self, order: Order) -> bool:
        return not order.is_due

    @admin.display(description="pick-up")
    def pick_up(self, order: Order) -> str:
        return f"{order.bake_day}, {order.slot}, {order.slot.place}"

    @admin.display(description="work on it")
    def staff_page(self, order: Order) -> str:
        address = reverse("staff:order", args=[order.code])
        return format_html('<a href="{}">Hand over, move, mail again</a>', address)

    def has_move_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm(HAND_OVER)

    def has_export_permission(self, request: HttpRequest) -> bool:
        """Whoever may see all customers may take their orders home."""
        return request.user.has_perm("shop.view_customer")

    @admin.action(description="Mark as in the oven", permissions=["move"])
    def mark_in_production(self, request: HttpRequest, orders: QuerySet[Order]) -> None:
        to = Order.State.IN_PRODUCTION
        self._tell(
            request, *_each(orders, lambda o: move_order(o, to, actor=request.user))
        )

    @admin.action(description="Mark as packed and ready", permissions=["move"])
    def mark_ready(self, request: HttpRequest, orders: QuerySet[Order]) -> None:
        self._tell(request, *_each(orders, lambda o: pack_order(o, actor=request.user)))

    @admin.action(description="Export as CSV", permissions=["export"])
    def export_csv(
        self, request: HttpRequest, orders: QuerySet[Order]
    ) -> StreamingHttpResponse:
        """In pieces, so that a hundred thousand orders need no more room than some."""
        name = f"orders-{timezone.localdate().isoformat()}.csv"
        return StreamingHttpResponse(
            csv_in_pieces(orders),
            content_type="text/csv; charset=utf-8",
            headers={"Content-Disposition": f'attachment; filename="{name}"'},
        )

    def _tell(self, request: HttpRequest, moved: int, refused: list[str]) -> None:
        if moved:
            self.message_user(request, f"{moved} orders moved.", messages.SUCCESS)
        for sentence in refused:
            self.message_user(request, sentence, messages.WARNING)


def _pieces() -> QuerySet[OrderLine]:
    lines = OrderLine.objects.filter(order=OuterRef("pk")).order_by()
    return lines.values("order").annotate(total=Sum("quantity")).values("total")


def _each(
    orders: Iterable[Order], act: Callable[[Order], object]
) -> tuple[int, list[str]]:
    """How many could be moved, and the sentences about those that could not."""
    moved, refused = 0, []
    for order in orders:
        try:
            act(order)
            moved += 1
        except MoveNotAllowed as error:
            refused.append(str(error))
    return moved, refused
