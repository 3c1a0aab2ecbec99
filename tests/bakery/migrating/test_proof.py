"""The rules against the real PostgreSQL: who suffers by them is who suffers there.

Code of the release before writes and reads while the migration is there. What the rules
let through disturbs it nowhere; for each kind that they refuse, somebody does suffer,
or the rule would be for nothing.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from django.db import DatabaseError, connection, transaction

from bakery.migration_rules.faults import Harm
from bakery.migration_rules.judging import judge_one
from tests.bakery.migrating.bakehouse import migration, tables, works, write_and_read
from tests.bakery.migrating.cases import HARMFUL, HARMLESS
from tests.processes import wait_until

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        os.environ.get("TEST_ENGINE") == "sqlite", reason="a matter of PostgreSQL"
    ),
]
# New code needs these before it starts: nobody waits for contract with them.
ADDS = ("AddField", "CreateModel")


@contextmanager
def selling(state) -> Iterator[list[DatabaseError]]:
    """Two servers of the release before sell without a pause; what failed there."""
    stop, failed, sold = threading.Event(), [], [0, 0]

    def sell(nth: int) -> None:
        while not stop.is_set():
            try:
                with transaction.atomic():
                    write_and_read(state)
                sold[nth] += 1
            except DatabaseError as error:
                failed.append(error)
        connection.close()

    threads = [threading.Thread(target=sell, args=[nth]) for nth in range(2)]
    for thread in threads:
        thread.start()
    try:
        assert wait_until(lambda: all(sold))
        yield failed
        before = list(sold)
        assert wait_until(lambda: all(map(int.__gt__, sold, before)))
    finally:
        stop.set()
        for thread in threads:
            thread.join()


def judged(step) -> set[Harm]:
    return {refusal.fault.harm for refusal in judge_one(step, tables())}


def suffered(bakehouse, step) -> set[Harm]:
    harms = bakehouse.harms_of(step)
    adds = type(step.operations[0]).__name__ in ADDS
    return harms - {Harm.NEW_CODE} if adds else harms


@pytest.mark.parametrize("name", HARMLESS)
def test_the_release_before_goes_on_beside_it(bakehouse, name):
    step = migration(HARMLESS[name])
    with selling(bakehouse.before) as failed:
        assert suffered(bakehouse, step) == judged(step) == set()
    assert failed == []
    assert works(bakehouse.after(step))


@pytest.mark.parametrize("name", HARMFUL)
def test_control_somebody_suffers_from_what_is_refused(bakehouse, name):
    step = migration(HARMFUL[name][0])
    assert suffered(bakehouse, step) == judged(step) != set()
