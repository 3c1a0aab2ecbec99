"""A look into the fleet's database, past the shop."""

from __future__ import annotations

import psycopg

from bakery.fleet.local import LocalFleet


def rows(fleet: LocalFleet, query: str, *values: object) -> list[tuple]:
    with psycopg.connect(fleet.backends.postgres.url) as connection:
        return connection.execute(query, values).fetchall()
