"""The rows of the shop, by topic."""

from shop.models.baking import Ingredient, Recipe, RecipeLine
from shop.models.calendar import BakeDay, DayException, OpeningRule, Place, Slot
from shop.models.catalogue import (
    Category,
    Option,
    OptionGroup,
    Picture,
    Product,
    SearchGram,
    TaxClass,
    Variant,
)
from shop.models.limits import Capacity, Draw, Hold, Resource, ResourceUse
from shop.models.orders import Order, OrderEvent, OrderLine
from shop.models.payments import Payment, PaymentEvent
from shop.models.people import Customer, ProfilePicture, User

__all__ = [
    "BakeDay",
    "Capacity",
    "Category",
    "Customer",
    "DayException",
    "Draw",
    "Hold",
    "Ingredient",
    "OpeningRule",
    "Option",
    "OptionGroup",
    "Order",
    "OrderEvent",
    "OrderLine",
    "Payment",
    "PaymentEvent",
    "Picture",
    "Place",
    "Product",
    "ProfilePicture",
    "Recipe",
    "RecipeLine",
    "Resource",
    "ResourceUse",
    "SearchGram",
    "Slot",
    "TaxClass",
    "User",
    "Variant",
]
