"""The pick-up as a calendar file."""

from __future__ import annotations

import datetime

from django.conf import settings
from django.utils import timezone
from icalendar import Calendar, Event

from shop.links import order_link, site_host
from shop.models import Order


def order_ics(order: Order) -> bytes:
    """The order's pick-up time for a calendar (RFC 5545), in the bakery's time zone.

    The same order always has the same UID. A cancelled one has a higher SEQUENCE and
    takes the entry out of a calendar that had it. Needs slot, place and bake day.
    """
    cancelled = order.state in {Order.State.CANCELLED, Order.State.EXPIRED}
    calendar = Calendar()
    calendar.add("prodid", f"-//{settings.SHOP_NAME}//Orders//EN")
    calendar.add("version", "2.0")
    calendar.add("method", "CANCEL" if cancelled else "PUBLISH")
    calendar.add_component(_event(order, cancelled))
    # The rules of the years around the day are enough, and a tenth of the file.
    year = order.bake_day.date.year
    calendar.add_missing_timezones(
        first_date=datetime.date(year - 1, 1, 1),
        last_date=datetime.date(year + 2, 1, 1),
    )
    return calendar.to_ical()


def _event(order: Order, cancelled: bool) -> Event:
    place = order.slot.place
    event = Event()
    event.add("uid", f"order-{order.code}@{site_host()}")
    event.add("sequence", 1 if cancelled else 0)
    event.add("status", "CANCELLED" if cancelled else "CONFIRMED")
    event.add("dtstamp", order.placed_at.astimezone(datetime.UTC))
    event.add("dtstart", _wall(order, order.slot.starts))
    event.add("dtend", _wall(order, order.slot.ends))
    event.add("summary", f"Pick up order {order.code} at {settings.SHOP_NAME}")
    event.add("location", ", ".join(filter(None, [place.name, place.address])))
    event.add("url", order_link(order))
    event.add("description", f"Order {order.code}\n{order_link(order)}")
    return event


def _wall(order: Order, time: datetime.time) -> datetime.datetime:
    zone = timezone.get_default_timezone()
    return datetime.datetime.combine(order.bake_day.date, time, tzinfo=zone)
