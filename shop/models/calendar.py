"""When the bakery bakes and where things are picked up."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from shop.reserved import Shown, ShownByBakeDay

WEEKDAYS = [
    (0, "Monday"),
    (1, "Tuesday"),
    (2, "Wednesday"),
    (3, "Thursday"),
    (4, "Friday"),
    (5, "Saturday"),
    (6, "Sunday"),
]


class Place(models.Model):
    """A counter where orders are picked up."""

    name = models.CharField(max_length=60, unique=True)
    slug = models.SlugField(unique=True)
    address = models.CharField(max_length=200, blank=True)
    phone = models.CharField(max_length=40, blank=True)
    email = models.EmailField("e-mail address", blank=True)
    slot_minutes = models.PositiveSmallIntegerField(default=30)
    places_per_slot = models.PositiveSmallIntegerField(default=8)
    order_until = models.TimeField(
        default="18:00", help_text="cut-off on the working day before the bake day"
    )
    is_active = models.BooleanField(default=True)
    position = models.PositiveSmallIntegerField(default=0)

    objects = Shown()

    class Meta:
        ordering = ["position", "name"]
        constraints = [
            models.CheckConstraint(
                condition=Q(slot_minutes__gte=5), name="place_slot_minutes_sensible"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class OpeningRule(models.Model):
    """A weekly opening time, local wall time. Rules with dates beat rules without."""

    place = models.ForeignKey(Place, models.CASCADE, related_name="opening_rules")
    weekday = models.PositiveSmallIntegerField(choices=WEEKDAYS)
    opens = models.TimeField()
    closes = models.TimeField()
    valid_from = models.DateField(null=True, blank=True)
    valid_until = models.DateField(null=True, blank=True)

    class Meta:
        ordering = ["place", "weekday", "opens"]
        constraints = [
            models.CheckConstraint(
                condition=Q(opens__lt=F("closes")), name="openingrule_opens_first"
            ),
            models.CheckConstraint(
                condition=Q(weekday__lte=6), name="openingrule_weekday_exists"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_weekday_display()} {self.opens:%H:%M}-{self.closes:%H:%M}"


class DayException(models.Model):
    """A day unlike its weekday: a holiday, or other hours. Beats every opening rule."""

    place = models.ForeignKey(
        Place,
        models.CASCADE,
        null=True,
        blank=True,
        related_name="exceptions",
        help_text="empty means all places",
    )
    date = models.DateField()
    opens = models.TimeField(null=True, blank=True, help_text="empty means closed")
    closes = models.TimeField(null=True, blank=True)
    reason = models.CharField(max_length=80, help_text="shown to shoppers")

    class Meta:
        ordering = ["date"]
        constraints = [
            models.UniqueConstraint(
                fields=["place", "date"], name="dayexception_once_per_place"
            ),
            models.UniqueConstraint(
                fields=["date"],
                condition=Q(place__isnull=True),
                name="dayexception_once_for_all_places",
            ),
            models.CheckConstraint(
                condition=Q(opens__isnull=True, closes__isnull=True)
                | Q(opens__lt=F("closes")),
                name="dayexception_closed_or_hours",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.date}: {self.reason}"


class BakeDay(models.Model):
    """A day the oven is on. Its cut-off is worked out once, when the day is opened."""

    class State(models.TextChoices):
        OPEN = "open"
        CLOSED = "closed", "closed for orders"
        BAKED = "baked"
        DONE = "done"

    date = models.DateField(unique=True)
    cut_off = models.DateTimeField(help_text="the moment orders for the day close")
    state = models.CharField(max_length=6, choices=State, default=State.OPEN)
    note = models.CharField(
        max_length=120, blank=True, help_text="shown to shoppers beside the day"
    )

    objects = Shown()

    class Meta:
        ordering = ["date"]

    def __str__(self) -> str:
        return f"{self.date:%a} {self.date.day} {self.date:%b %Y}"


class Slot(models.Model):
    """Minutes at a counter, local wall time. How many places it has is a Capacity."""

    # Without an index of its own: the unique three begin with it.
    bake_day = models.ForeignKey(
        BakeDay, models.CASCADE, db_index=False, related_name="slots"
    )
    place = models.ForeignKey(Place, models.PROTECT, related_name="slots")
    starts = models.TimeField()
    ends = models.TimeField()

    objects = ShownByBakeDay()

    class Meta:
        ordering = ["bake_day", "starts"]
        constraints = [
            models.UniqueConstraint(
                fields=["bake_day", "place", "starts"], name="slot_once"
            ),
            models.CheckConstraint(
                condition=Q(starts__lt=F("ends")), name="slot_starts_first"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.starts:%H:%M}–{self.ends:%H:%M}"
