"""Rows of PostgreSQL are the same, whether what UZO has compiled decodes them or the driver reads them."""

from __future__ import annotations

import threading
import time
from typing import Any

import polars as pl
import pytest

from apps.connectors.catalog.postgresql import compiled, raw_rows, reading
from apps.connectors.sdk import ReadRequest
from apps.connectors.sdk.errors import ConnectorError
from tests.connectors.conftest import Database, Peer

BERTHS = """
    CREATE DOMAIN tons AS numeric(20,3);
    CREATE TYPE mood AS ENUM ('calm', 'stormy');
    CREATE TABLE berths (
        id bigint, small smallint, plain integer, rate real, price double precision, fee numeric(12,2),
        wide numeric(38,9), whole numeric(5,0), load tons, free numeric, open boolean, name text, code varchar(9),
        fixed char(6), data bytea, day date, hour time, local timestamp, moment timestamptz, id_of uuid, about jsonb,
        said json, mood mood, span interval, address inet, oid oid
    );
    INSERT INTO berths VALUES
        (1, 1, 1, 1.5, 2.5, 12.34, 1.000000001, 7, 9.125, 3.25, true, 'Åse', 'a', 'b', '\\x00ff', '2024-02-29',
         '12:30:00.000001', '2024-02-29 12:30:00.000001', '2024-03-31 02:30+02',
         '00000000-0000-0000-0000-00000000002a', '{"a": [1, null]}', '[1, 2]', 'calm', '1 day 02:03:04.5',
         '10.0.0.0/8', 4711),
        (-9223372036854775808, -32768, -2147483648, '-infinity', '-infinity', -9999999999.99,
         -99999999999999999999999999999.999999999, -99999, -99999999999999999.999, -1e28, false, '', '', '', '',
         '0001-01-01', '00:00', '0001-01-01 00:00', '0001-01-01 00:00+00', gen_random_uuid(), '{}', 'null', 'stormy',
         '-1 microsecond', '::1', 0),
        (9223372036854775807, 32767, 2147483647, 'NaN', 'NaN', 9999999999.99, 0.000000001, 99999, 0, 0.000000001, null,
         repeat('long ', 90000), repeat('ö', 9), 'x', decode(repeat('ab', 5000), 'hex'), '9999-12-31',
         '23:59:59.999999', '9999-12-31 23:59:59.999999', '9999-12-31 23:59:59.999999+00', null, '"text"', '{}', null,
         '100 years', '10.1.2.3', 4294967295),
        (null, null, null, null, null, null, null, null, null, null, null, null, null, null, null, null, null, null,
         null, null, null, null, null, null, null, null),
        (5, 5, 5, 1e-40, 5e-324, 0.01, 1e20, 10, 1000, 100000, true, 'exactly twelve', '123456789', 'abcdef', '\\x01',
         '1969-12-31', '00:00:00.5', '1969-12-31 23:59:59.5', '1970-01-01 00:00+00', null, '[]', '1', 'calm',
         '0', '1.2.3.4/16', 1);
"""
SEVERAL = "CREATE TABLE crates AS SELECT g AS id, 'crate ' || g AS label FROM generate_series(1, 400000) g"


@pytest.mark.usefixtures("decoder")
def test_every_type_comes_as_the_other_reader_gives_it(
    postgresql: Peer, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    with database.connect() as connection:
        connection.execute(BERTHS)
    decoded = postgresql.read("berths")
    monkeypatch.setattr(compiled, "library", lambda: None)
    driven = postgresql.read("berths")
    assert decoded.schema == driven.schema
    for name in decoded.columns:
        assert decoded[name].to_list() == driven[name].to_list() or decoded[name].equals(driven[name]), name
    assert decoded.height == 5
    assert decoded["name"].str.len_chars().to_list() == [3, 0, 450_000, None, 14]


@pytest.mark.usefixtures("reader")
@pytest.mark.parametrize(
    ("value", "said"),
    [
        ("'NaN'::numeric(12,2)", "numeric|decimal"),
        ("'infinity'::timestamptz", "infinity"),
        ("'-infinity'::date", "infinity"),
        ("'4000-01-01 BC'::date", "years"),
        ("'290000-01-01'::timestamp", "years"),
    ],
)
def test_what_no_frame_can_hold_is_refused_by_the_column_s_name(postgresql: Peer, value: str, said: str) -> None:
    with pytest.raises(ConnectorError, match="'caught'") as refused:
        postgresql.read(query=f"SELECT 1 AS id, {value} AS caught")
    assert refused.value.code == "value_out_of_range"
    assert any(word in str(refused.value) for word in said.split("|"))


@pytest.mark.usefixtures("reader")
def test_text_of_a_database_without_an_encoding_is_checked(postgresql: Peer, database: Database) -> None:
    name = f"{database.name}_ascii"
    with database.connect() as connection:
        connection.execute(
            f'CREATE DATABASE "{name}" TEMPLATE template0 ENCODING "SQL_ASCII" LOCALE_PROVIDER "libc" LOCALE "C"'
        )
    try:
        source = postgresql.open(database=name)
        good = ReadRequest(query="SELECT convert_from('\\xc385', 'SQL_ASCII') AS port")
        with source.read(good) as stream:
            assert stream.collect()["port"].to_list() == ["Å"]
        bad = ReadRequest(query="SELECT convert_from('\\xc5', 'SQL_ASCII') AS port")
        with source.read(bad) as stream, pytest.raises(ConnectorError) as refused:
            stream.collect()
        assert refused.value.code == "value_out_of_range"
    finally:
        with database.connect() as connection:
            connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


@pytest.mark.usefixtures("reader")
@pytest.mark.parametrize("batch_bytes", [2**16, 4 * 2**20])
def test_f5_rows_of_a_server_that_goes_away_are_an_error_and_never_fewer_rows(
    postgresql: Peer, database: Database, monkeypatch: pytest.MonkeyPatch, batch_bytes: int
) -> None:
    monkeypatch.setattr(reading, "_BATCH_BYTES", batch_bytes)
    with database.connect() as connection:
        connection.execute(SEVERAL)
        with postgresql.open().read(ReadRequest(table="crates")) as stream:
            arriving = iter(stream)
            rows = next(arriving).num_rows
            connection.execute(
                "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
                " WHERE pid <> pg_backend_pid() AND datname = current_database() AND state = 'active'"
            )
            with pytest.raises(ConnectorError) as refused:
                rows += sum(batch.num_rows for batch in arriving)
    assert rows < 400_000
    assert refused.value.code == "connection_lost"


def test_a_copy_of_which_not_all_rows_were_taken_is_no_success(postgresql: Peer) -> None:
    source = postgresql.open()
    copy = "COPY (SELECT generate_series(1, 100000)) TO STDOUT (FORMAT binary)"
    with source.alone() as connection:
        with pytest.raises(ConnectorError) as refused, raw_rows.copying(source, connection, copy) as raw:
            assert raw.get_copy_data(0)[0] > 0
        assert connection.closed
    assert refused.value.code == "connection_lost"


@pytest.mark.usefixtures("reader")
def test_an_error_in_the_middle_of_the_rows_is_the_server_s(postgresql: Peer, database: Database) -> None:
    with database.connect() as connection:
        connection.execute(SEVERAL)
    with pytest.raises(ConnectorError, match="division by zero") as refused:
        postgresql.read(query="SELECT id / (id - 300000) AS berth, label FROM crates")
    assert refused.value.code == "value_out_of_range"


@pytest.mark.usefixtures("reader")
def test_a_read_that_waits_for_its_server_is_cancelled(postgresql: Peer) -> None:
    source = postgresql.open()
    query = "SELECT g FROM generate_series(1, 3) g WHERE g < 3 OR pg_sleep(30) IS NOT NULL"
    told: list[Any] = []

    def read() -> None:
        try:
            with source.read(ReadRequest(query=query)) as stream:
                told.append(stream.collect())
        except ConnectorError as error:
            told.append(error.code)

    reading_it = threading.Thread(target=read)
    begun = time.monotonic()
    reading_it.start()
    time.sleep(0.5)
    source.cancel()
    reading_it.join(10)
    assert told == ["timeout"]
    assert time.monotonic() - begun < 10


@pytest.mark.usefixtures("reader")
def test_parameters_of_a_query_reach_it(postgresql: Peer) -> None:
    found = postgresql.read(
        query="SELECT :port AS port, :berth + 1 AS berth", parameters={"port": "Åsgård'; --", "berth": 6}
    )
    assert found.equals(pl.DataFrame({"port": ["Åsgård'; --"], "berth": pl.Series([7], dtype=pl.Int32)}))
