"""A large table is read over several connections at once, and nobody can tell by its rows."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any

import pytest

from apps.connectors.catalog.postgresql import partitions
from apps.connectors.catalog.postgresql.partitions import pieces
from apps.connectors.sdk import Comparison, ReadRequest
from apps.connectors.sdk.errors import ConnectorError
from tests.connectors.conftest import Database, Peer

pytestmark = pytest.mark.usefixtures("reader")
LANE = "postgresql-read"
HERRINGS = """
    CREATE TABLE herrings (id bigint, port text, kilos numeric(8,2), caught date, weighed timestamptz);
    INSERT INTO herrings SELECT g, CASE WHEN g % 7 <> 0 THEN 'port ' || g % 11 END, g * 0.25,
        date '2020-01-01' + g % 900, timestamptz '2024-03-31 00:30+01' + g * interval '13 minutes'
        FROM generate_series(1, 4000) g;
    DELETE FROM herrings WHERE id % 5 = 0;
    ANALYZE herrings;
"""


@pytest.fixture
def read_over(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Over how many connections tables were read in pieces; a few pages are enough for it here."""
    found: list[int] = []
    opened = partitions._of_one_snapshot

    def noting(*args: Any) -> list[Any]:
        connections = opened(*args)
        found.append(len(connections))
        return connections

    monkeypatch.setattr(partitions, "FEWEST_PAGES", 8)
    monkeypatch.setattr(partitions, "PIECE_PAGES", 3)
    monkeypatch.setattr(partitions, "_of_one_snapshot", noting)
    return found


@pytest.fixture
def herrings(postgresql: Peer, database: Database, read_over: list[int]) -> Iterator[Peer]:
    with database.connect() as connection:
        connection.execute(HERRINGS)
    yield Peer(postgresql.name, database.config | {"read_connections": 2}, postgresql.context)
    assert not [thread for thread in threading.enumerate() if thread.name == LANE], "somebody still reads"


def test_every_row_of_a_table_lies_in_exactly_one_piece(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(partitions, "PIECE_PAGES", 10)
    assert pieces(25) == (
        "true AND ctid < '(10,0)'::tid",
        "ctid >= '(10,0)'::tid AND ctid < '(20,0)'::tid",
        "ctid >= '(20,0)'::tid AND true",
    )
    assert pieces(10) == ("true AND true",)


@pytest.mark.parametrize("connections", [2, 3, 8])
def test_rows_come_in_the_order_in_which_one_connection_gives_them(
    herrings: Peer, read_over: list[int], connections: int
) -> None:
    request = ReadRequest(table="herrings")
    with herrings.open(read_connections=1).read(request) as stream:
        alone = stream.collect()
    assert read_over == []
    with herrings.open(read_connections=connections).read(request) as stream:
        shared = stream.collect()
    assert read_over == [connections]
    assert shared.height == 3200
    assert shared.equals(alone)


def test_filters_and_columns_reach_every_piece(herrings: Peer, read_over: list[int]) -> None:
    request = ReadRequest(
        table="herrings",
        prefilter=(Comparison("port", "=", "port 3"), Comparison("id", ">", 1000), Comparison("port", "is_not_null")),
    )
    with herrings.open().read(request) as stream:
        frames = list(stream.frames(("id", "kilos")))
    ids = [id for frame in frames for id in frame["id"].to_list()]
    assert read_over == [2]
    assert ids == [n for n in range(1001, 4001) if n % 5 and n % 7 and n % 11 == 3]
    assert {tuple(frame.columns) for frame in frames} == {("id", "kilos")}


def test_what_is_written_meanwhile_is_not_seen_by_half(
    herrings: Peer, database: Database, read_over: list[int]
) -> None:
    with herrings.open().read(ReadRequest(table="herrings", batch_rows=50)) as stream:
        arriving = iter(stream)
        seen = next(arriving).num_rows
        with database.connect() as connection:
            connection.execute("UPDATE herrings SET id = id + 100000; INSERT INTO herrings (id) VALUES (0)")
        rest = [id for batch in arriving for id in batch.column("id").to_pylist()]
    assert read_over == [2]
    assert seen + len(rest) == 3200
    assert max(rest) == 3999


def test_a_server_that_gives_one_connection_gives_all_rows(
    herrings: Peer, database: Database, read_over: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    opened, given = partitions._opened, []

    def only_one(*args: Any) -> Any:
        if given:
            raise ConnectorError("too many connections for role", code="connection_failed")
        given.append(opened(*args))
        return given[0]

    monkeypatch.setattr(partitions, "_opened", only_one)
    assert herrings.read("herrings").height == 3200
    assert read_over == [1]


def test_what_an_index_finds_is_read_as_it_is(herrings: Peer, database: Database, read_over: list[int]) -> None:
    with database.connect() as connection:
        connection.execute("CREATE UNIQUE INDEX ON herrings (id); ANALYZE herrings")
    request = ReadRequest(table="herrings", prefilter=(Comparison("id", "=", 77),))
    with herrings.open().read(request) as stream:
        assert stream.collect()["id"].to_list() == [77]
    assert read_over == []


@pytest.mark.parametrize(
    "other",
    [
        "CREATE VIEW other AS SELECT * FROM herrings",
        "CREATE TABLE other (LIKE herrings) PARTITION BY RANGE (id);"
        " CREATE TABLE one_part PARTITION OF other DEFAULT; INSERT INTO other SELECT * FROM herrings",
        "CREATE TABLE other () INHERITS (herrings); INSERT INTO other SELECT * FROM ONLY herrings;"
        " ALTER TABLE other NO INHERIT herrings; CREATE TABLE child () INHERITS (other)",
    ],
    ids=["a view", "a table of parts", "a table with heirs"],
)
def test_what_is_no_plain_table_is_read_by_one_connection(
    herrings: Peer, database: Database, read_over: list[int], other: str
) -> None:
    with database.connect() as connection:
        connection.execute(other)
    assert herrings.read("other").height == 3200
    assert read_over == []


def test_an_error_of_one_piece_ends_the_others(herrings: Peer, database: Database, read_over: list[int]) -> None:
    with database.connect() as connection:
        connection.execute("UPDATE herrings SET caught = 'infinity' WHERE id = 3999")
    with pytest.raises(ConnectorError) as refused:
        herrings.read("herrings")
    assert (refused.value.code, read_over) == ("value_out_of_range", [2])


def test_who_stops_reading_leaves_no_one_at_work(herrings: Peer, database: Database, read_over: list[int]) -> None:
    with herrings.open().read(ReadRequest(table="herrings", batch_rows=10)) as stream:
        next(iter(stream))
    with database.connect() as connection:
        connection.execute("SET lock_timeout = '5s'; DROP TABLE herrings")
    assert read_over == [2]
