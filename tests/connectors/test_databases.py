"""What is particular to each database."""

from __future__ import annotations

import json
import sqlite3
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from apps.connectors.sdk import Comparison, ConnectorError, ExecuteRequest, ReadRequest
from tests.connectors.conftest import Database, Peer

SHIPS = pl.DataFrame({"id": [1, 2, 3], "ship": ["Mary", "Rose", None]})


@pytest.mark.parametrize(
    "change",
    [{"host": "/var/run/postgresql"}, {"host": "db.example,evil.example"}, {"host": "db.example port=1"},
     {"host": "@abstract"}, {"options": "-c log_statement=all"}, {"service": "x"}, {"passfile": "/etc/passwd"},
     {"sslmode": "verify-none"}, {"sslcert": "/etc/x"}, {"port": "5432 host=evil"}, {"dsn": "postgresql://evil"}],
)  # fmt: skip
def test_t29_only_typed_fields_reach_the_driver(postgresql: Peer, change: dict[str, Any]) -> None:
    with pytest.raises(ValueError):
        postgresql.open(**change)


@pytest.mark.parametrize("name", ["x host=10.0.0.1", "postgresql://evil.example/x", "x' host='evil", "dbname=postgres"])
def test_t29_a_database_name_is_only_a_name(postgresql: Peer, name: str) -> None:
    result = postgresql.open(database=name).check()
    assert (result.ok, result.code) == (False, "unknown_database")


@pytest.mark.parametrize(("host", "code"), [("10.0.0.1", "egress_blocked"), ("169.254.169.254", "egress_blocked"),
                                            ("0x7f.1", "egress_blocked")])  # fmt: skip
def test_t28_the_database_goes_out_by_the_same_policy(postgresql: Peer, host: str, code: str) -> None:
    result = postgresql.open(host=host, port=5433).check()
    assert (result.ok, result.code) == (False, code)


def test_t28_the_driver_connects_to_the_checked_address(postgresql: Peer) -> None:
    """`hostaddr` is what was judged: the name is never resolved a second time."""
    from apps.connectors.catalog.postgresql.connection import conninfo
    from apps.connectors.sdk import Endpoint

    source = postgresql.open(host="rebind.example")
    text = conninfo(source.config, Endpoint("rebind.example", 5432, "93.184.216.34"), seconds=3)
    assert "hostaddr=93.184.216.34" in text


def test_t32_a_function_that_writes_is_refused_though_it_looks_like_reading(
    postgresql: Peer, database: Database
) -> None:
    with database.connect() as connection:
        connection.execute("CREATE SEQUENCE berths")
    for query in ("SELECT setval('berths', 99) AS n", "SELECT lo_create(0) AS n"):
        with pytest.raises(ConnectorError) as error:
            postgresql.read(query=query)
        assert error.value.code == "write_not_allowed", query
    with database.connect() as connection:
        assert connection.execute("SELECT last_value FROM berths").fetchone() == (1,)


def test_types_without_a_counterpart_are_read_as_text(postgresql: Peer, database: Database) -> None:
    with database.connect() as connection:
        connection.execute("CREATE TYPE mood AS ENUM ('calm', 'stormy'); CREATE TYPE spot AS (x int, y text)")
        connection.execute("CREATE DOMAIN tons AS numeric(8,2) CHECK (value >= 0)")
        connection.execute(
            "CREATE TABLE odd (m mood, s spot, n numeric, d tons, u uuid, i inet, r int4range, a numeric[], t timetz)"
        )
        connection.execute(
            "INSERT INTO odd VALUES ('calm', (1, 'a'), 1.5, 2.5, '00000000-0000-0000-0000-000000000001', '10.0.0.1', "
            "'[1,5)', ARRAY[1.5], '10:00+02')"
        )
    row = postgresql.read("odd").to_dicts()[0]
    assert (row["m"], json.loads(row["s"]), str(row["n"]), str(row["d"])) == (
        "calm",
        {"x": 1, "y": "a"},
        "1.500000000",
        "2.50",
    )
    assert (row["i"], row["r"], row["a"], row["t"]) == ("10.0.0.1/32", "[1,5)", ["1.5"], "10:00:00+02")
    # and they can be written back
    postgresql.write("odd", postgresql.read("odd").select("m", "n", "u", "i"))
    assert postgresql.read("odd").height == 2


@pytest.mark.parametrize("value", ["'infinity'::date", "'-infinity'::timestamp", "'NaN'::numeric", "1e35::numeric"])
def test_values_that_nothing_holds_are_errors_not_wrong(postgresql: Peer, value: str) -> None:
    with pytest.raises(ConnectorError) as error:
        postgresql.read(query=f"SELECT {value} AS v")
    assert error.value.code == "value_out_of_range"


def test_comparisons_reach_the_database(postgresql: Peer) -> None:
    postgresql.write("ships", SHIPS)
    assert postgresql.read("ships", prefilter=(Comparison("id", ">", 1),)).height == 2
    assert postgresql.read("ships", prefilter=(Comparison("ship", "=", "Rose"), Comparison("id", "<", 3))).height == 1
    assert postgresql.read("ships", prefilter=(Comparison("ship", "is_null"),)).height == 1
    # Text is ordered otherwise there: left to us.
    assert postgresql.read("ships", prefilter=(Comparison("ship", ">", "N"),)).height == 3


def test_f6_readers_of_a_table_see_all_old_rows_or_all_new_ones(postgresql: Peer, database: Database) -> None:
    rows = 20_000
    postgresql.write("ships", pl.DataFrame({"id": range(rows), "round": [0] * rows}))
    stop, seen = threading.Event(), set()

    def poll() -> None:
        with database.connect() as connection:
            while not stop.is_set():
                seen.add(tuple(connection.execute("SELECT count(*), min(round), max(round) FROM ships").fetchone()))

    reader = threading.Thread(target=poll)
    reader.start()
    for turn in (1, 2, 3):
        postgresql.write("ships", pl.DataFrame({"id": range(rows), "round": [turn] * rows}), "replace")
    stop.set()
    reader.join()
    assert seen <= {(rows, turn, turn) for turn in range(4)}
    assert seen


def test_replace_keeps_grants_indexes_and_views(postgresql: Peer, database: Database) -> None:
    postgresql.write("ships", SHIPS)
    with database.connect() as connection:
        connection.execute("CREATE INDEX ships_by_name ON ships (ship)")
        connection.execute("CREATE VIEW fleet AS SELECT ship FROM ships")
        connection.execute("GRANT SELECT ON ships TO PUBLIC")
        before = connection.execute("SELECT oid, relacl::text FROM pg_class WHERE relname = 'ships'").fetchone()
        postgresql.write("ships", SHIPS.head(1), "replace")
        assert connection.execute("SELECT oid, relacl::text FROM pg_class WHERE relname = 'ships'").fetchone() == before
        assert connection.execute("SELECT * FROM fleet").fetchall() == [("Mary",)]


def test_a_long_query_is_cancelled_within_a_moment(postgresql: Peer) -> None:
    from apps.connectors.sdk import guard

    source = postgresql.open()
    begun = time.monotonic()

    def check() -> None:
        if time.monotonic() - begun > 0.5:
            raise KeyboardInterrupt

    stream = source.read(ReadRequest(query="SELECT n FROM generate_series(1, 3) AS n WHERE pg_sleep(20) IS NOT NULL"))
    with pytest.raises(KeyboardInterrupt):
        list(guard.stream(stream, idle_seconds=60, check=check, cancel=source.cancel))
    assert time.monotonic() - begun < 12
    stream.close()


def test_a_statement_has_its_time(postgresql: Peer) -> None:
    with pytest.raises(ConnectorError) as error:
        postgresql.read(query="SELECT pg_sleep(10)::text AS s", timeout=0.3)
    assert (error.value.code, error.value.recovery) == ("timeout", "transient")


@pytest.mark.parametrize("label", ["postgresql", "sqlite", "duckdb"])
def test_execute_runs_one_statement(label: str, make_peer: Callable[[str], Peer]) -> None:
    peer = make_peer(label)
    peer.write("ships", SHIPS)
    source = peer.open()
    done = source.execute(
        ExecuteRequest(
            query="UPDATE ships SET ship = :name WHERE id > :least", parameters={"name": "x'; --", "least": 1}
        )
    )
    assert done.affected == 2
    assert sorted(peer.read("ships")["ship"]) == ["Mary", "x'; --", "x'; --"]
    with pytest.raises(ConnectorError) as error:
        source.execute(ExecuteRequest(query="DELETE FROM ships; DELETE FROM ships"))
    assert error.value.code == "invalid_query"
    assert peer.read("ships").height == 3


ESCAPES = {
    "sqlite": ["ATTACH 'other.db' AS x", "VACUUM INTO 'copy.db'", "SELECT load_extension('x')", "PRAGMA journal_mode = WAL",  # noqa: E501
               "SELECT readfile('/etc/passwd')", "SELECT writefile('x', 'y')", "DETACH main"],
    "duckdb": ["ATTACH 'other.db' AS x", "COPY (SELECT 1) TO 'x.csv'", "SELECT * FROM read_csv('/etc/passwd')",
               "SELECT * FROM '/etc/passwd'", "INSTALL httpfs", "LOAD httpfs", "SET enable_external_access = true",
               "EXPORT DATABASE 'x'", "SELECT * FROM glob('/etc/*')", "SELECT * FROM read_text('/etc/passwd')",
               "SELECT * FROM ESCAPES", "COPY ships FROM '/etc/passwd'", "SELECT getenv('HOME')", "IMPORT DATABASE 'x'"],  # noqa: E501
}  # fmt: skip


@pytest.mark.parametrize(
    ("label", "query"), [(label, query) for label, queries in ESCAPES.items() for query in queries]
)
def test_t37_t39_a_database_file_opens_no_other(
    label: str, query: str, make_peer: Callable[[str], Peer], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with sqlite3.connect("other.db") as other:
        other.execute("CREATE TABLE secret (x)")
    other.close()
    peer = make_peer(label)
    peer.write("ships", SHIPS)
    before = sorted(path.name for path in tmp_path.iterdir())
    for attempt in (lambda: peer.read(query=query), lambda: peer.open().execute(ExecuteRequest(query=query))):
        with pytest.raises(ConnectorError):
            attempt()
    assert sorted(path.name for path in tmp_path.iterdir()) == before


@pytest.mark.parametrize("label", ["sqlite", "duckdb"])
@pytest.mark.parametrize("name", ["../other.db", "/etc/passwd", "..", "a/b.db"])
def test_t43_a_database_is_named_not_pathed(label: str, name: str, make_peer: Callable[[str], Peer]) -> None:
    peer = make_peer(label)
    for act in (
        lambda: peer.open(file=name).discover(),
        lambda: peer.open(file=name).execute(ExecuteRequest(query="SELECT 1")),
    ):
        with pytest.raises(ConnectorError) as error:
            act()
        assert error.value.code == "invalid_name"


@pytest.mark.parametrize("label", ["sqlite", "duckdb"])
def test_what_is_no_database_is_said_so(label: str, make_peer: Callable[[str], Peer]) -> None:
    peer = make_peer(label)
    peer.context.storage.put("harbour.db", [b"this is a shopping list " * 100])
    assert peer.open().check().code == "invalid_file"


def test_sqlite_values_that_contradict_their_column_are_errors(make_peer: Callable[[str], Peer]) -> None:
    peer = make_peer("sqlite")
    peer.open().execute(ExecuteRequest(query="CREATE TABLE ships (id INTEGER, born DATE, anything)"))
    peer.open().execute(ExecuteRequest(query="INSERT INTO ships VALUES ('many', 'yesterday', 1)"))
    assert peer.read("ships", columns=("anything",)).rows() == [(1,)]
    for column in ("id", "born"):
        with pytest.raises(ConnectorError) as error:
            peer.read("ships", columns=(column,))
        assert error.value.code == "value_out_of_range"
        assert "CAST" in error.value.remedy
