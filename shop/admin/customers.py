"""The people who order."""

from __future__ import annotations

from django.contrib import admin
from django.db.models import Count, Max, OuterRef, QuerySet, Subquery
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.http import urlencode

from shop.admin.base import ShopAdmin
from shop.models import Customer, Order

_LAST = Max("bake_day__date")


@admin.register(Customer)
class CustomerAdmin(ShopAdmin):
    list_display = ("email", "name", "phone", "order_count", "last_order")
    search_fields = ("email__istartswith", "name")
    sortable_by = ("email",)
    fields = ("email", "name", "phone", "note", "orders", "created_at")
    readonly_fields = ("orders", "created_at")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Customer]:
        customers = super().get_queryset(request)
        orders = Order.objects.filter(customer=OuterRef("pk")).order_by()
        of_each = orders.values("customer")
        # Of the rows that are shown alone, where a join would read every order.
        return customers.annotate(
            order_count=Subquery(of_each.annotate(n=Count("pk")).values("n")),
            last_order=Subquery(of_each.annotate(d=_LAST).values("d")),
        )

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Customer], search_term: str
    ) -> tuple[QuerySet[Customer], bool]:
        """A whole address is found by its index, where words read every customer."""
        address = search_term.strip()
        if "@" in address:
            exact = queryset.filter(email__in={address, address.lower()})
            if exact.exists():
                return exact, False
        return super().get_search_results(request, queryset, search_term)

    @admin.display(description="orders")
    def order_count(self, customer: Customer) -> int:
        return customer.order_count or 0

    @admin.display(description="last bake day")
    def last_order(self, customer: Customer) -> object:
        return customer.last_order

    @admin.display
    def orders(self, customer: Customer) -> str:
        if customer.pk is None:
            return "-"
        query = urlencode({"q": customer.email, "days": "all"})
        address = f"{reverse('admin:shop_order_changelist')}?{query}"
        return format_html('<a href="{}">All orders of this address</a>', address)
