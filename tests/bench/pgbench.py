"""What PostgreSQL itself does of such orders: seven statements and a commit."""

from __future__ import annotations

import os
import re
import subprocess

from tests.bench.stage import Stage

PRODUCTS = 300
SCHEMA = f"""
    CREATE SCHEMA floor;
    CREATE TABLE floor.stock (id int PRIMARY KEY, taken int NOT NULL,
        most int NOT NULL, CHECK (taken <= most));
    INSERT INTO floor.stock
        SELECT n, 0, 1000000000 FROM generate_series(1, {PRODUCTS}) n;
    CREATE TABLE floor.sold (id bigserial PRIMARY KEY, code text UNIQUE NOT NULL,
        name text NOT NULL, email text NOT NULL, placed_at timestamptz NOT NULL);
    CREATE TABLE floor.line (id bigserial PRIMARY KEY,
        sold_id bigint NOT NULL REFERENCES floor.sold, stock_id int NOT NULL,
        name text NOT NULL, quantity int NOT NULL, price int NOT NULL);
    CREATE INDEX ON floor.line (sold_id);
"""
LINE = (
    "INSERT INTO floor.line (sold_id, stock_id, name, quantity, price)"
    " VALUES (:id, :{p}, 'Milk bread', 1, 450);\n"
)
TAKE = "UPDATE floor.stock SET taken = taken + 1 WHERE id = :{p} AND taken < most;\n"
# Rows are locked in one order, as the shop does; the hot one comes last.
ORDER = (
    "\\set a random(1, 99)\n\\set b random(100, 199)\n\\set c {last}\n"
    "BEGIN;\n"
    "INSERT INTO floor.sold (code, name, email, placed_at) VALUES"
    " (gen_random_uuid()::text, 'Mrs Ssoni', 'ssoni@example.com', now())"
    " RETURNING id \\gset\n"
    + "".join(LINE.format(p=p) for p in "abc")
    + "".join(TAKE.format(p=p) for p in "abc")
    + "COMMIT;\n"
)


class PgbenchFailed(Exception):
    """pgbench ended badly; the message has its words."""


def orders_per_second(stage: Stage, orders: int, at_a_time: int, *, hot: bool) -> float:
    """So many orders of three lines; hot: the last line of each is the same product."""
    if not stage.sql("SELECT 1 FROM pg_namespace WHERE nspname = 'floor'"):
        stage.sql(SCHEMA)
    last = PRODUCTS if hot else f"random(200, {PRODUCTS})"
    script = stage.folder / "order.sql"
    script.write_text(ORDER.format(last=last))
    server = stage.postgres
    answer = subprocess.run(
        [str(server.bin / "pgbench"), "--no-vacuum",
         *("--client", str(at_a_time)), *("--jobs", "2"),
         *("--transactions", str(max(1, orders // at_a_time))),
         *("--file", str(script)), *("-h", server.address), *("-p", str(server.port)),
         *("-U", "bakery"), "bakery"],
        env={"PATH": os.defpath, "LC_ALL": "C"},
        check=False,
        capture_output=True,
        text=True,
    )  # fmt: skip
    found = re.search(r"tps = ([\d.]+)", answer.stdout)
    if answer.returncode or not found:
        raise PgbenchFailed(answer.stderr[-2000:])
    return float(found[1])
