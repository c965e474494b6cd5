"""What the drills run: workflows with reads, transforms and sinks of every kind, and the truth about their rows.

Each run writes its own number beside each row, so that what a sink holds tells what was lost or doubled.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import psycopg

from tests.e2e.client import diagram, edge, node

ROWS = 4_000
TABLES = """
    CREATE TABLE cargo (id int PRIMARY KEY, port text NOT NULL, tons bigint NOT NULL);
    INSERT INTO cargo SELECT n, (ARRAY['Kiel', 'Oslo', 'Riga'])[1 + n % 3], n % 97 FROM generate_series(1, {rows}) AS n;
    CREATE TABLE ports (port text PRIMARY KEY, country text NOT NULL);
    INSERT INTO ports VALUES ('Kiel', 'DE'), ('Oslo', 'NO'), ('Riga', 'LV');
    CREATE TABLE moved (run bigint, id bigint, tons bigint);
    CREATE TABLE landed (run bigint, id bigint, tons bigint);
    CREATE TABLE stored (run bigint, id bigint, tons bigint, country text, PRIMARY KEY (run, id));
    CREATE TABLE summed (run bigint, country text, tons bigint, PRIMARY KEY (run, country));
    CREATE TABLE later (run bigint, id bigint, tons bigint);
"""


@dataclass(frozen=True)
class Voyage:
    """A workflow, and for each table it writes what a run of it must have left: rows, and the sum of `tons`."""

    name: str
    drawn: dict[str, Any]
    leaves: dict[str, tuple[int, int]]


def lay_out(url: str) -> None:
    """Make the tables of the sources and sinks in an empty database."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(TABLES.format(rows=ROWS))


def voyages(connector: str) -> list[Voyage]:
    """All the kinds: pushed down from table to table, one write behind another, keyed, aggregated, waiting."""

    def read(id: str, table: str) -> dict[str, Any]:
        return node(id, "connector", "read", connector=connector, table=table)

    def write(id: str, table: str, **config: Any) -> dict[str, Any]:
        config.setdefault("mode", "append")
        return node(id, "connector", "write", connector=connector, table=table, batchSize=500, **config)

    def transform(id: str, operation: str, **config: Any) -> dict[str, Any]:
        return node(id, "transform", operation, **config)

    def chain(*nodes: dict[str, Any]) -> dict[str, Any]:
        return diagram(list(nodes), [edge(a["id"], b["id"]) for a, b in pairwise(nodes)])

    numbered = transform("numbered", "derive", expressions={"run": "{{ run }}"})
    plain = transform("plain", "select", columns=["run", "id", "tons"])
    every = (ROWS, sum(n % 97 for n in range(1, ROWS + 1)))
    heavy = [n % 97 for n in range(1, ROWS + 1) if n % 97 > 40]

    moved = chain(read("cargo", "cargo"), transform("heavy", "filter", expression="tons > 40"), numbered, plain,
                  write("moved", "moved"))  # fmt: skip
    relay = chain(
        read("cargo", "cargo"), numbered, transform("sorted", "sort", by=["id"]), plain, write("moved", "moved"),
        transform("more", "derive", expressions={"tons": "tons * 2"}), write("landed", "landed"),
    )  # fmt: skip
    joined = diagram(
        [
            read("cargo", "cargo"), read("ports", "ports"),
            transform("with_country", "join", joinType="inner", leftOn=["port"], rightOn=["port"]), numbered,
            transform("kept", "select", columns=["run", "id", "tons", "country"]),
            write("stored", "stored", mode="upsert", keys=["run", "id"]),
            transform("sums", "aggregate", groupBy=["run", "country"],
                      aggregations={"tons": {"column": "tons", "function": "sum"}}),
            write("summed", "summed", mode="upsert", keys=["run", "country"]),
        ],
        [
            edge("cargo", "with_country", target_handle="left"), edge("ports", "with_country", target_handle="right"),
            edge("with_country", "numbered"), edge("numbered", "kept"), edge("kept", "stored"), edge("kept", "sums"),
            edge("sums", "summed"),
        ],
    )  # fmt: skip
    parked = chain(read("cargo", "cargo"), numbered, plain, node("tide", "control", "wait", seconds=5.5),
                   write("later", "later"))  # fmt: skip
    return [
        Voyage("filter to append", moved, {"moved": (len(heavy), sum(heavy))}),
        Voyage("append behind append", relay, {"moved": every, "landed": (ROWS, every[1] * 2)}),
        Voyage("join to keyed sinks", joined, {"stored": every, "summed": (3, every[1])}),
        Voyage("wait, then append", parked, {"later": every}),
    ]


@dataclass
class Tally:
    """Rows that should be in the sinks and are not, and rows that are there too often."""

    lost: int = 0
    doubled: int = 0
    wrong: int = 0

    def count(self, connection: psycopg.Connection[Any], run: int, voyage: Voyage) -> None:
        """Add what a run that succeeded left."""
        for table, (rows, tons) in voyage.leaves.items():
            found, distinct, sum_ = _left(connection, table, run)
            self.lost += rows - distinct
            self.doubled += found - distinct
            self.wrong += found == distinct == rows and sum_ != tons

    def count_failed(self, connection: psycopg.Connection[Any], run: int, voyage: Voyage) -> None:
        """Add what a run that failed, and said so, left: each of its sinks took all of its rows or none."""
        for table, (rows, _) in voyage.leaves.items():
            found, distinct, _ = _left(connection, table, run)
            self.doubled += found - distinct
            self.wrong += distinct not in {0, rows}


def _left(connection: psycopg.Connection[Any], table: str, run: int) -> tuple[int, int, int]:
    key = "country" if table == "summed" else "id"
    row = connection.execute(
        f"SELECT count(*), count(DISTINCT {key}), coalesce(sum(tons), 0) FROM {table} WHERE run = %s", [run]
    ).fetchone()
    assert row is not None
    return row[0], row[1], int(row[2])
