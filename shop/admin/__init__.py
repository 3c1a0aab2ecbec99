"""The admin: where the owner keeps catalogue, calendar, limits, orders and people."""

from shop.admin import (
    baskets,
    calendar,
    catalogue,
    customers,
    limits,
    orders,
    others,
    products,
    recipes,
    users,
)

__all__ = [
    "baskets",
    "calendar",
    "catalogue",
    "customers",
    "limits",
    "orders",
    "others",
    "products",
    "recipes",
    "users",
]
