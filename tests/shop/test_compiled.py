"""Questions whose SQL is kept give what Django gives; rows come in as they are."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db import transaction
from django.db.models import F
from django.forms.models import model_to_dict

from shop.compiled import Compiled, Given
from shop.models import Place, Slot
from shop.reserved import seen
from tests.shop import make

pytestmark = pytest.mark.django_db


def slots() -> Compiled[Slot]:
    return Compiled(
        lambda: (
            Slot.objects.select_related("bake_day", "place")
            .annotate(again=F("starts"))
            .filter(place=Given("place"))
            .order_by("starts")
        )
    )


def test_rows_come_with_what_is_joined_and_annotated(django_assert_num_queries):
    slot = make.make_slot()
    with django_assert_num_queries(1):
        (found,) = slots().all(place=slot.place_id)
        assert model_to_dict(found) == model_to_dict(slot)
        assert found.place.name == slot.place.name
        assert found.bake_day.cut_off == slot.bake_day.cut_off
        assert found.again == slot.starts
    found.starts = dt.time(6)
    found.save()
    assert Slot.objects.get().starts == dt.time(6)


def test_the_question_is_put_together_once_and_asked_with_each_value():
    first, second = make.make_slot(), make.make_slot()
    second.place = Place.objects.create(name="Market", slug="market")
    second.save()
    made = []

    def question():
        made.append(1)
        return Slot.objects.filter(place=Given("place"))

    asked = Compiled(question)
    assert asked.all(place=first.place_id) == [first]
    assert asked.all(place=second.place_id) == [second]
    assert asked.first(place=0) is None
    assert made == [1]


def test_a_value_that_is_not_told_is_an_error():
    with pytest.raises(KeyError, match="place"):
        slots().all()


def test_what_is_left_out_is_read_when_it_is_wanted(django_assert_num_queries):
    slot = make.make_slot()
    asked = Compiled(lambda: Slot.objects.only("starts").filter(pk=Given("slot")))
    with django_assert_num_queries(1):
        found = asked.first(slot=slot.pk)
        assert found.starts == slot.starts
    with django_assert_num_queries(1):
        assert found.ends == slot.ends


def test_reserved_rows_are_shown_only_to_those_who_see_them():
    with seen():
        place = Place.objects.create(pk=-1, name="Reserved", slug="reserved")
    asked = Compiled(lambda: Place.objects.filter(slug=Given("slug")))
    for _ in range(2):
        assert asked.all(slug="reserved") == []
        with seen():
            assert asked.all(slug="reserved") == [place]


@pytest.mark.django_db(transaction=True)
def test_rows_are_locked_in_a_transaction_only():
    slot = make.make_slot()
    asked = Compiled(lambda: Slot.objects.select_for_update().filter(pk=Given("slot")))
    with transaction.atomic():
        assert asked.all(slot=slot.pk) == [slot]
    with pytest.raises(transaction.TransactionManagementError):
        asked.all(slot=slot.pk)
