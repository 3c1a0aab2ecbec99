"""The stamp: looked at rarely, never an error, and the same after folding."""

from __future__ import annotations

import threading

import pytest
from django.db import connection, connections, transaction

from bakery.models import PageChange
from bakery.pages.stamp import Watch, fold_changes, sum_of_changes
from tests.shop import make
from tests.shop.storefront import make_bread

pytestmark = pytest.mark.django_db


class Clock:
    seconds = 100.0

    def __call__(self) -> float:
        return self.seconds


@pytest.fixture
def clock() -> Clock:
    return Clock()


def test_a_process_asks_only_when_its_answer_is_old(
    clock, settings, django_assert_num_queries
):
    settings.PAGE_LOOK_SECONDS = 0.5
    watch = Watch(clock)
    with django_assert_num_queries(1):
        first = watch.now()
        clock.seconds += 0.4
        assert watch.now() == first
    make_bread()
    clock.seconds += 0.2
    then = watch.now()
    assert (then.value, then.is_sure) == (sum_of_changes(), True)
    assert then.value != first.value
    assert then.since == clock.seconds


def test_the_same_stamp_has_been_there_since_it_was_first_seen(clock):
    watch = Watch(clock)
    first = watch.now()
    clock.seconds += 10
    assert watch.now() == first


def test_a_database_that_does_not_answer_leaves_what_was_known(clock):
    watch = Watch(clock)
    known = watch.now()
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE bakery_pagechange RENAME TO elsewhere")
    # PostgreSQL calls a transaction with an error aborted: the look has its own.
    with transaction.atomic():
        found = watch.now()
        transaction.set_rollback(True)
    assert (found.value, found.is_sure) == (known.value, False)
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE elsewhere RENAME TO bakery_pagechange")
    clock.seconds += 1
    assert watch.now().is_sure


@pytest.mark.django_db(transaction=True)
def test_while_one_thread_looks_the_others_go_on_with_what_they_know(settings):
    """The one that looks hangs; control: it really does not come back by itself."""
    settings.PAGE_LOOK_SECONDS = 0
    watch = Watch()
    known = watch.now()
    looking, go_on = threading.Event(), threading.Event()

    def hang() -> None:
        looking.set()
        assert go_on.wait(20)

    def look() -> None:
        with connection.execute_wrapper(lambda run, *words: (hang(), run(*words))[1]):
            watch.now()
        connections.close_all()

    thread = threading.Thread(target=look)
    thread.start()
    assert looking.wait(20)
    assert watch.now() == known
    assert thread.is_alive()
    go_on.set()
    thread.join()


def test_folding_saves_rows_and_leaves_the_stamp():
    for _ in range(3):
        make_bread_again()
    tomorrow = make.make_bake_day(date=make.day_from_today(3))
    for amount in (5, 7):
        PageChange.objects.create(day=tomorrow.date, amount=amount)
    PageChange.objects.create(day=make.day_from_today(-2), amount=3)
    before, rows = sum_of_changes(), PageChange.objects.count()
    assert fold_changes() == rows - 2
    assert sum_of_changes() == before
    assert PageChange.objects.count() == 2
    assert fold_changes() == 0
    assert sum_of_changes() == before


def make_bread_again() -> None:
    make.make_product().save()
