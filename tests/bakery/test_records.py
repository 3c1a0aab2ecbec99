"""A record made at little cost is the one that logging would have made."""

from __future__ import annotations

import json
import logging
import subprocess
import sys
import threading
from typing import Any

import pytest

from bakery.records import Records

logger = logging.getLogger("shop.often")
WORDS = "%s asked %s times"
MEASURED = ("created", "msecs", "relativeCreated")


@pytest.fixture
def records() -> Records:
    return Records(logger, WORDS, __file__, "often")


def make(records: Records, who: str, level: int = logging.INFO) -> logging.LogRecord:
    return records.make(level, (who, 3), {"event": "asked", "who": who})


def by_logging(who: str, level: int = logging.INFO) -> logging.LogRecord:
    args, extra = (who, 3), {"event": "asked", "who": who}
    return logger.makeRecord(
        logger.name, level, __file__, 0, WORDS, args, None, "often", extra
    )


def facts(record: logging.LogRecord) -> dict[str, Any]:
    """All but those that differ from moment to moment, in their order."""
    return {name: v for name, v in vars(record).items() if name not in MEASURED}


@pytest.mark.parametrize("level", [logging.INFO, logging.DEBUG])
def test_each_record_is_as_logging_makes_it(records, level):
    for who in ("first", "second", "third"):
        made, usual = make(records, who, level), by_logging(who, level)
        assert type(made) is type(usual)
        assert list(vars(made)) == list(vars(usual))
        assert facts(made) == facts(usual)
        assert made.getMessage() == f"{who} asked 3 times"


def test_it_tells_the_time_of_its_own(records):
    make(records, "first")
    before = by_logging("before")
    made = make(records, "second")
    after = by_logging("after")
    assert before.created <= made.created <= after.created
    assert made.msecs == pytest.approx(made.created % 1 * 1000, abs=1.01)
    began = [each.created - each.relativeCreated / 1000 for each in (before, made)]
    assert began[0] == pytest.approx(began[1], abs=0.001)


def test_what_a_formatter_adds_to_one_is_not_in_the_next(records):
    make(records, "first").exc_text = "a trace"
    make(records, "second").message = "second asked"
    assert facts(make(records, "third")) == facts(by_logging("third"))


def test_a_record_names_its_own_thread(records):
    make(records, "first")
    found = []

    def in_a_thread() -> None:
        found.extend([make(records, "x"), make(records, "x"), by_logging("x")])

    thread = threading.Thread(target=in_a_thread, name="another")
    thread.start()
    thread.join()
    assert {each.threadName for each in found} == {"another"}
    assert facts(found[0]) == facts(found[1]) == facts(found[2])


def test_who_makes_records_of_another_kind_makes_them_all(records):
    usual = logging.getLogRecordFactory()

    class Marked(usual):
        pass

    make(records, "first")
    logging.setLogRecordFactory(Marked)
    try:
        assert [type(make(records, "x")) for _ in range(2)] == [Marked, Marked]
    finally:
        logging.setLogRecordFactory(usual)


def test_a_record_names_the_process_that_was_born_after_the_first():
    code = """
import json, logging, os
from bakery.records import Records
records = Records(logging.getLogger("x"), "%s", "x.py", "x")
records.make(logging.INFO, ("x",), {})
if os.fork() == 0:
    made = records.make(logging.INFO, ("x",), {})
    print(json.dumps([made.process, os.getpid()]), flush=True)
    os._exit(0)
os.wait()
"""
    said = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    told, really = json.loads(said.stdout)
    assert told == really
