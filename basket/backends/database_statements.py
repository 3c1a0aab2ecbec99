"""The changes on PostgreSQL: each is one statement, so it needs no transaction.

The order inside a statement is what makes it safe. The basket row comes first: made,
or raised by one version and thereby locked, so changes of one basket happen one after
the other. Line and operation hang on what that step returned: a closed basket returns
nothing, so nothing else happens. The operation's unique index refuses a repeat, which
undoes the whole statement.

A statement sees the rows as they were when it began, before it waited for its turn.
Upserts are exempt (they find rows made meanwhile), counting and deleting are not.
`seen` is the basket as it was at the beginning: where it matters, the first step asks
for a version that rules out a change in between, and when there was one the
change is made again with the basket row locked beforehand.

"prepared" is for a PostgreSQL that is asked by bakery/postgresql; others read over it.
"""

from __future__ import annotations

import json
from contextlib import nullcontext
from typing import Any

from django.db import IntegrityError, connections, transaction

from basket.backends.base import Change, Contents, Line
from basket.exceptions import (
    BasketIsClosed,
    BasketUnavailable,
    LineTooLarge,
    TooManyLines,
)
from basket.models import MAX_LINES, MAX_PER_LINE, Basket

NOTHING = "jsonb_build_object()"
GIVEN = f"COALESCE(%(facts)s::jsonb, {NOTHING})"
# NULLIF knows null and nothing as the same, as Python does.
GIVEN_UNLESS = f"""
CASE WHEN NULLIF(b.details -> %(unless)s::text, 'null'::jsonb) IS NULL
THEN {GIVEN} ELSE {NOTHING} END"""

BUMP = """
INSERT INTO basket_basket AS b
    (token, state, version, next_token, owner, details, created_at, changed_at)
VALUES
    (%(token)s, 'open', 1, '', '', {first}, now(), now())
ON CONFLICT (token) DO UPDATE SET
    version = b.version + 1,
    changed_at = now(),
    details = b.details || {more}
WHERE b.state = 'open' {condition}
RETURNING b.id, b.version, b.details
"""

REMEMBERED = """
INSERT INTO basket_basketoperation (basket_id, operation, version, quantity, made_at)
SELECT bumped.id, %(operation)s, bumped.version, {quantity}, now() FROM {sources}
RETURNING version, quantity
"""

# Every change makes at most one line, so b.version bounds the lines nobody counted.
ROOM = """
AND COALESCE(
    (SELECT lines + b.version - version < %(max_lines)s
            OR (has_item AND b.version = version)
     FROM seen),
    b.version < %(max_lines)s)
"""

# What it gives is the whole basket, unless there was a change that `seen` did not see.
UPSERT = f"""/* prepared */
WITH seen AS (
    SELECT basket.version, count(line.id) AS lines,
           COALESCE(bool_or(line.item = %(item)s), false) AS has_item,
           json_agg(json_build_array(line.id, line.item, line.quantity, line.details))
               FILTER (WHERE line.item <> %(item)s) AS others
    FROM basket_basket basket
    LEFT JOIN basket_basketline line ON line.basket_id = basket.id
    WHERE basket.token = %(token)s
    GROUP BY basket.id
), bumped AS ({BUMP.format(first="{first}", more="{more}", condition=ROOM)}
), line AS (
    INSERT INTO basket_basketline AS l (basket_id, item, quantity, details, added_at)
    SELECT id, %(item)s, %(quantity)s, COALESCE(%(details)s::jsonb, {NOTHING}), now()
    FROM bumped
    ON CONFLICT (basket_id, item) DO UPDATE SET
        quantity = {{quantity}},
        details = COALESCE(%(details)s::jsonb, l.details)
    RETURNING id, quantity, details
), remembered AS ({REMEMBERED.format(quantity="line.quantity", sources="bumped, line")})
SELECT remembered.version, remembered.quantity,
       bumped.version = COALESCE((SELECT version FROM seen), 0) + 1,
       bumped.details, line.id, line.details, (SELECT others::text FROM seen)
FROM remembered, bumped, line
"""  # nosec B608 - put together from our own words only
ADD = UPSERT.format(
    quantity="l.quantity + excluded.quantity", first=GIVEN, more=GIVEN_UNLESS
)
PUT = UPSERT.format(quantity="excluded.quantity", first=NOTHING, more=NOTHING)

UNCHANGED = "AND b.version = (SELECT version FROM seen)"
TAKE_OUT = f"""/* prepared */
WITH seen AS (
    SELECT version FROM basket_basket WHERE token = %(token)s
), bumped AS ({BUMP.format(first=NOTHING, more=NOTHING, condition=UNCHANGED)}
), gone AS (
    DELETE FROM basket_basketline l USING bumped
    WHERE l.basket_id = bumped.id AND l.item = %(item)s
) {REMEMBERED.format(quantity="0", sources="bumped")}
"""  # nosec B608 - put together from our own words only

REMEMBER = f"""/* prepared */
WITH bumped AS ({BUMP.format(first=GIVEN, more=GIVEN, condition="")})
{REMEMBERED.format(quantity="0", sources="bumped")}
"""

STATE = """
SELECT b.state, b.next_token, o.version, o.quantity
FROM basket_basket b
LEFT JOIN basket_basketoperation o ON o.basket_id = b.id AND o.operation = %(operation)s
WHERE b.token = %(token)s
"""

Facts = dict[str, Any]
Row = tuple[Any, ...] | None


def add(
    using: str,
    token: str,
    item: str,
    quantity: int,
    operation: str,
    details: dict[str, Any] | None,
    facts: dict[str, Any] | None = None,
    unless: str = "",
) -> Change:
    all_facts = _facts(
        token, operation, item=item, quantity=quantity, details=details, facts=facts
    )
    return _change(using, ADD, all_facts | {"unless": unless})


def put(
    using: str,
    token: str,
    item: str,
    quantity: int,
    operation: str,
    details: dict[str, Any] | None,
) -> Change:
    facts = _facts(token, operation, item=item, quantity=quantity, details=details)
    return _change(using, PUT, facts)


def take_out(using: str, token: str, item: str, operation: str) -> Change:
    return _change(using, TAKE_OUT, _facts(token, operation, item=item))


def remember(using: str, token: str, operation: str, facts: dict[str, Any]) -> Change:
    return _change(using, REMEMBER, _facts(token, operation, facts=facts))


def _facts(
    token: str,
    operation: str,
    *,
    item: str = "",
    quantity: int = 0,
    details: dict[str, Any] | None = None,
    facts: dict[str, Any] | None = None,
) -> Facts:
    return {
        "token": token,
        "operation": operation,
        "item": item,
        "quantity": quantity,
        "details": None if details is None else json.dumps(details),
        "facts": None if facts is None else json.dumps(facts),
        "max_lines": MAX_LINES,
    }


def _change(using: str, statement: str, facts: Facts) -> Change:
    """Make the change, or say why not; in turn with the others only if need be."""
    row = _attempt(using, statement, facts) or _answer_if_settled(using, facts)
    if row is None:
        row = _attempt_in_turn(using, statement, facts)
    if row is None:
        row = _answer_if_settled(using, facts)
    if row is None:
        raise TooManyLines(MAX_LINES)
    return row


def _attempt(using: str, statement: str, facts: Facts) -> Change | None:
    """The change; None when the basket was not in a state to make it."""
    inside = connections[using].in_atomic_block
    try:
        # A failed statement would spoil the caller's transaction. Without one there
        # is nothing to spoil, and the statement stays alone.
        with transaction.atomic(using=using) if inside else nullcontext():
            row = _execute(using, statement, facts)
    except IntegrityError as error:
        return _explain(using, facts, error)
    return _changed(facts, *row) if row else None


def _changed(
    facts: Facts,
    version: int,
    quantity: int,
    is_whole: bool = False,
    details: str = "",
    line_id: int = 0,
    noted: str = "",
    others: str | None = None,
) -> Change:
    """From the row of a statement; one of UPSERT's tells the whole basket."""
    if not is_whole:
        return Change(version, quantity, repeated=False)
    rows = json.loads(others) if others else []
    rows.append([line_id, facts["item"], quantity, json.loads(noted)])
    rows.sort()  # in the order in which they were put in
    lines = tuple(Line(*row) for _, *row in rows)
    contents = Contents(
        facts["token"], version, details=json.loads(details), lines=lines
    )
    return Change(version, quantity, repeated=False, contents=contents)


def _attempt_in_turn(using: str, statement: str, facts: Facts) -> Change | None:
    with transaction.atomic(using=using):
        locked = Basket.objects.using(using).select_for_update()
        list(locked.filter(token=facts["token"]).values_list("pk"))
        return _attempt(using, statement, facts)


def _explain(using: str, facts: Facts, error: IntegrityError) -> Change:
    answer = _answer_if_settled(using, facts)
    if answer:
        return answer
    constraint = error.__cause__.diag.constraint_name
    if constraint == "basketline_quantity_in_bounds":
        raise LineTooLarge(facts["item"], MAX_PER_LINE) from error
    if constraint == "basketoperation_once":
        # It was there a moment ago: the sweep has just forgotten it.
        raise BasketUnavailable() from error
    raise error


def _answer_if_settled(using: str, facts: Facts) -> Change | None:
    """The first answer to the operation. Raises BasketIsClosed if there is none and
    the basket is closed."""
    row = _execute(using, STATE, facts)
    if row is None:
        return None
    state, next_token, version, quantity = row
    if version is not None:
        return Change(version, quantity, repeated=True)
    if state != Basket.State.OPEN:
        raise BasketIsClosed(next_token)
    return None


def _execute(using: str, statement: str, facts: Facts) -> Row:
    with connections[using].cursor() as cursor:
        cursor.execute(statement, facts)
        return cursor.fetchone()
