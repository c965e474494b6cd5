"""What every connector type that writes must do alike. An exemption that has become untrue fails."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from decimal import Decimal

import polars as pl
import pytest

from apps.connectors.sdk import ConnectorError, ReadRequest, WriteMode, registry
from apps.nodes.columns import JSON, Column, DataType, Schema
from tests.connectors.conftest import SECRET, Peer

DATABASES = ("postgresql", "sqlite", "duckdb")
FILES = ("files.parquet", "files.csv", "files.ndjson", "files.json", "files.avro", "files.xlsx")
LABELS = (*DATABASES, *FILES)
EXACT = ("postgresql", "duckdb", "files.parquet")

SHIPS = pl.DataFrame(
    {"id": [1, 2, 3, 4, 5], "ship": ["Mary", "Rose", None, "Été 船 🚢", ""], "tons": [1.5, -2.25, 1e300, None, 0.0]}
)
EVERYTHING = pl.DataFrame(
    {
        "i16": pl.Series([1, None, -32768], dtype=pl.Int16),
        "i32": pl.Series([2**31 - 1, None, -(2**31)], dtype=pl.Int32),
        "i64": pl.Series([2**63 - 1, None, -(2**63)], dtype=pl.Int64),
        "f32": pl.Series([1.5, None, -0.25], dtype=pl.Float32),
        "f64": pl.Series([1.1, None, float("inf")], dtype=pl.Float64),
        "price": pl.Series([Decimal("12345678.90"), None, Decimal("-0.01")], dtype=pl.Decimal(12, 2)),
        "exact": pl.Series(
            [Decimal("1234567890123456789012345678.0123456789"), None, Decimal(0)], dtype=pl.Decimal(38, 10)
        ),
        "text": pl.Series(["'; DROP TABLE ships; --", None, 'line\nbreak\t"quoted" \\ ,;'], dtype=pl.String),
        "flag": pl.Series([True, None, False], dtype=pl.Boolean),
        "day": pl.Series([dt.date(2024, 2, 29), None, dt.date(1, 1, 1)], dtype=pl.Date),
        "clock": pl.Series([dt.time(23, 59, 59, 999999), None, dt.time(0)], dtype=pl.Time),
        "at": pl.Series(["2024-02-29 12:30:15.123456", None, "1900-01-01 00:00:00.0"]).str.to_datetime(time_unit="us"),
        "zoned": pl.Series(
            [dt.datetime(2024, 7, 1, 12, tzinfo=dt.UTC), None, dt.datetime(1969, 1, 1, tzinfo=dt.UTC)],
            dtype=pl.Datetime("us", "UTC"),
        ),
        "span": pl.Series(
            [dt.timedelta(days=400, microseconds=1), None, dt.timedelta(hours=-5)], dtype=pl.Duration("us")
        ),
        "raw": pl.Series([b"\x00\xff", None, b""], dtype=pl.Binary),
        "tags": pl.Series([["a", None, "ü"], None, []], dtype=pl.List(pl.String)),
        "counts": pl.Series([[1, 2], None, []], dtype=pl.List(pl.Int64)),
    }
)


@pytest.fixture(params=LABELS)
def peer(request: pytest.FixtureRequest, make_peer: Callable[[str], Peer]) -> Peer:
    return make_peer(request.param)


@pytest.fixture(params=DATABASES)
def database_peer(request: pytest.FixtureRequest, make_peer: Callable[[str], Peer]) -> Peer:
    return make_peer(request.param)


def by_id(frame: pl.DataFrame) -> list[tuple[object, ...]]:
    return sorted(frame.rows(), key=lambda row: (row[0] is None, row[0]))


def test_every_type_that_writes_is_in_this_suite() -> None:
    writing = {name for name, kind in registry.types().items() if kind.capabilities.write_modes}
    assert writing == {label.partition(".")[0] for label in LABELS}


def test_rows_come_back_as_they_were_written(peer: Peer) -> None:
    result = peer.write("ships", SHIPS)
    assert (result.rows, result.created) == (5, True)
    found = by_id(peer.read("ships"))
    wanted = by_id(SHIPS)
    if peer.suffix == ".xlsx":  # an empty cell is an empty text
        wanted[4] = (5, found[4][1] or "", 0.0)
        found[4] = (5, found[4][1] or "", found[4][2])
    assert found == wanted


def test_append_adds_and_replace_replaces(peer: Peer) -> None:
    peer.write("ships", SHIPS)
    peer.write("ships", SHIPS.with_columns(pl.col("id") + 10))
    assert sorted(peer.read("ships")["id"]) == [1, 2, 3, 4, 5, 11, 12, 13, 14, 15]
    for _ in range(2):  # the same replace twice is one
        peer.write("ships", SHIPS.head(2), "replace")
        assert by_id(peer.read("ships")) == by_id(SHIPS.head(2))


def test_columns_limit_and_their_order(peer: Peer) -> None:
    peer.write("ships", SHIPS)
    found = peer.read("ships", columns=("tons", "id"), limit=2)
    assert found.columns == ["id", "tons"]  # the source's order
    assert found.height == 2
    assert peer.read("ships", limit=0).height == 0


def test_rows_asked_for_as_frames_are_the_same_rows(peer: Peer) -> None:
    peer.write("ships", SHIPS)
    source = peer.open()
    with source.read(ReadRequest(table=peer.table("ships"))) as stream:
        found = pl.concat(stream.frames(("id", "tons")))
    source.close()
    assert found.columns == ["id", "tons"]
    assert by_id(found) == by_id(peer.read("ships", columns=("id", "tons")))


def test_tables_are_discovered(peer: Peer) -> None:
    peer.write("ships", SHIPS)
    source = peer.open()
    [one] = source.discover(peer.table("ships"))
    assert one.schema.names == ("id", "ship", "tons")
    listed = {table.name.partition("#")[0] for table in source.discover()}
    assert peer.table("ships") in listed
    source.close()


def test_a_read_has_the_columns_that_discovery_told(peer: Peer) -> None:
    peer.write("ships", SHIPS)
    source = peer.open()
    [told] = source.discover(peer.table("ships"))
    with source.read(ReadRequest(table=peer.table("ships"))) as stream:
        assert [(c.name, c.type) for c in stream.schema] == [(c.name, c.type) for c in told.schema]
        assert dict(stream.collect().schema) == dict(told.schema.to_polars())
    source.close()


def test_the_check_answers(peer: Peer) -> None:
    peer.write("ships", SHIPS)
    source = peer.open()
    result = source.check()
    source.close()
    assert (result.ok, result.code) == (True, "ok")


def test_an_unknown_table_is_said_so(peer: Peer) -> None:
    peer.write("ships", SHIPS)
    with pytest.raises(ConnectorError) as error:
        peer.read("nowhere")
    assert (error.value.code, error.value.recovery) == ("unknown_table", "terminal")
    with pytest.raises(ConnectorError) as error:
        peer.open().discover(peer.table("nowhere"))
    assert error.value.code == "unknown_table"


def test_an_unknown_column_is_said_so(peer: Peer) -> None:
    peer.write("ships", SHIPS)
    with pytest.raises(ConnectorError) as error:
        peer.read("ships", columns=("id", "captain"))
    assert error.value.code == "unknown_column"
    with pytest.raises(ConnectorError) as error:
        peer.write("ships", SHIPS.with_columns(captain=pl.lit("Ann")))
    assert error.value.code == "unknown_column"
    assert peer.read("ships").height == 5


def test_fewer_columns_leave_null(peer: Peer) -> None:
    peer.write("ships", SHIPS)
    peer.write("ships", SHIPS.select(pl.col("id") + 10))
    assert peer.read("ships").filter(pl.col("id") > 10)["ship"].null_count() == 5


def test_an_empty_table_keeps_its_columns(peer: Peer) -> None:
    if peer.suffix in (".ndjson", ".json"):
        pytest.skip("JSON without rows has no columns")
    peer.write("ships", SHIPS.head(0))
    found = peer.read("ships")
    assert (found.height, found.columns) == (0, ["id", "ship", "tons"])


def test_a_write_that_fails_midway_leaves_nothing(peer: Peer) -> None:
    peer.write("ships", SHIPS)

    def cut():  # type: ignore[no-untyped-def]
        from apps.connectors.sdk.batches import to_batches

        yield from to_batches(SHIPS.head(2), 2)
        raise RuntimeError("the source was cut")

    from apps.connectors.sdk import WriteRequest

    for mode in (WriteMode.APPEND, WriteMode.REPLACE):
        source = peer.open()
        request = WriteRequest(table=peer.table("ships"), schema=Schema.from_polars(dict(SHIPS.schema)), mode=mode)
        with pytest.raises((RuntimeError, ConnectorError)):
            source.write(cut(), request)
        source.close()
        assert by_id(peer.read("ships").select("id")) == [(1,), (2,), (3,), (4,), (5,)]


@pytest.mark.parametrize("label", EXACT)
def test_exact_types_come_back_exactly(label: str, make_peer: Callable[[str], Peer]) -> None:
    peer = make_peer(label)
    assert peer.kind.capabilities.exact_types or peer.suffix == ".parquet"
    peer.write("everything", EVERYTHING)
    found = peer.read("everything")
    assert dict(found.schema) == dict(EVERYTHING.schema)
    for name in EVERYTHING.columns:
        assert found[name].to_list() == EVERYTHING[name].to_list(), name


def test_sqlite_keeps_all_but_lists(make_peer: Callable[[str], Peer]) -> None:
    peer = make_peer("sqlite")
    peer.write("everything", EVERYTHING)
    found = peer.read("everything")
    assert found["tags"].to_list() == ['["a",null,"ü"]', None, "[]"]
    for name in set(EVERYTHING.columns) - {"tags", "counts", "f32"}:
        assert found[name].to_list() == EVERYTHING[name].to_list(), name


@pytest.mark.parametrize("label", DATABASES)
def test_json_stays_json(label: str, make_peer: Callable[[str], Peer]) -> None:
    peer = make_peer(label)
    schema = Schema.of([Column("id", DataType("int64")), Column("cargo", JSON)])
    peer.write("ships", pl.DataFrame({"id": [1, 2], "cargo": ['{"tea": [1, 2]}', None]}), schema=schema)
    source = peer.open()
    [table] = source.discover("ships")
    source.close()
    assert table.schema.get("cargo").type == JSON  # type: ignore[union-attr]
    assert peer.read("ships")["cargo"].str.json_decode(pl.Struct({"tea": pl.List(pl.Int64)})).to_list()[0] == {
        "tea": [1, 2]
    }


def test_upsert_changes_what_is_there_and_adds_the_rest(database_peer: Peer) -> None:
    peer = database_peer
    peer.write("ships", SHIPS)
    changes = pl.DataFrame({"id": [2, 6, 6], "ship": ["Rose II", "Wren", "Wren II"]})
    for _ in range(2):  # twice is as once
        peer.write("ships", changes, "upsert", ("id",))
    found = {row[0]: row[1:] for row in peer.read("ships").rows()}
    assert found[2] == ("Rose II", -2.25)
    assert found[6] == ("Wren II", None)  # of two with the same key the later one
    assert len(found) == 6


def test_upsert_makes_the_table_with_its_key(database_peer: Peer) -> None:
    database_peer.write("harbours", pl.DataFrame({"code": ["a", "b", "a"], "n": [1, 2, 3]}), "upsert", ("code",))
    assert by_id(database_peer.read("harbours")) == [("a", 3), ("b", 2)]
    [table] = database_peer.open().discover("harbours")
    assert table.keys == ("code",)


def test_upsert_of_keys_alone_adds_what_is_missing(database_peer: Peer) -> None:
    database_peer.write("codes", pl.DataFrame({"code": [1]}), "upsert", ("code",))
    database_peer.write("codes", pl.DataFrame({"code": [1, 2]}), "upsert", ("code",))
    assert by_id(database_peer.read("codes")) == [(1,), (2,)]


def test_update_and_delete_find_rows_by_key(database_peer: Peer) -> None:
    peer = database_peer
    peer.write("ships", SHIPS)
    result = peer.write("ships", pl.DataFrame({"id": [1, 99], "ship": ["Mary II", "nobody"]}), "update", ("id",))
    assert result.affected == 1
    result = peer.write("ships", pl.DataFrame({"id": [2, 3, 99]}), "delete", ("id",))
    assert result.affected == 2
    assert [row[:2] for row in by_id(peer.read("ships"))] == [(1, "Mary II"), (4, "Été 船 🚢"), (5, "")]


@pytest.mark.parametrize("mode", ["update", "upsert", "delete"])
def test_rows_without_a_key_are_refused(database_peer: Peer, mode: str) -> None:
    peer = database_peer
    peer.write("ships", SHIPS)
    frame = pl.DataFrame({"id": [1, None], "ship": ["a", "b"]})
    for keys, code in (((), "missing_keys"), (("nothing",), "unknown_column"), (("id",), "null_key")):
        with pytest.raises(ConnectorError) as error:
            peer.write("ships", frame, mode, keys)
        assert error.value.code == code
    assert by_id(peer.read("ships")) == by_id(SHIPS)


@pytest.mark.parametrize("mode", ["update", "delete"])
def test_what_is_not_there_cannot_be_changed(database_peer: Peer, mode: str) -> None:
    with pytest.raises(ConnectorError) as error:
        database_peer.write("nowhere", SHIPS, mode, ("id",))
    assert error.value.code in ("unknown_table", "unknown_database")


def test_modes_that_a_type_lacks_are_refused(make_peer: Callable[[str], Peer]) -> None:
    for label in LABELS:
        peer = make_peer(label)
        for mode in set(WriteMode) - peer.kind.capabilities.write_modes:
            with pytest.raises(ConnectorError) as error:
                peer.write("ships", SHIPS, mode, ("id",))
            assert error.value.code == "unsupported"


def test_t30_names_of_any_kind_are_only_names(database_peer: Peer) -> None:
    peer = database_peer
    names = ['a"b', "select", "x; DROP TABLE ships", "Été", "with space", "per%cent", "a'b"]
    frame = pl.DataFrame({name: [1] for name in names})
    peer.write('"odd ""table"""', frame)
    assert peer.read('"odd ""table"""').columns == names
    peer.write('"odd ""table"""', frame, "upsert", ('a"b',))
    assert peer.read('"odd ""table"""').height == 1


@pytest.mark.parametrize(
    "query", ["SELECT 1; SELECT 2", "DROP TABLE ships", "DELETE FROM ships", "INSERT INTO ships (id) VALUES (9) RETURNING id",  # noqa: E501
              "UPDATE ships SET id = 9 RETURNING id", "CREATE TABLE more AS SELECT 1", "ATTACH 'x.db' AS x", "",
              "WITH gone AS (DELETE FROM ships RETURNING id) SELECT * FROM gone"],
)  # fmt: skip
def test_t32_reading_is_one_statement_that_changes_nothing(database_peer: Peer, query: str) -> None:
    peer = database_peer
    peer.write("ships", SHIPS)
    with pytest.raises(ConnectorError) as error:
        peer.read(query=query)
    assert error.value.code in ("invalid_query", "write_not_allowed", "permission_denied", "unknown_table")
    assert by_id(peer.read("ships")) == by_id(SHIPS)


def test_t30_parameters_are_bound(database_peer: Peer) -> None:
    peer = database_peer
    peer.write("ships", SHIPS)
    hostile = "x' OR '1'='1"
    assert peer.read(query="SELECT id FROM ships WHERE ship = :ship", parameters={"ship": hostile}).height == 0
    found = peer.read(
        query="SELECT id, ship FROM ships WHERE id > {{ least }} AND ship = :ship -- a comment",
        parameters={"least": 1, "ship": "Rose"},
    )
    assert found.rows() == [(2, "Rose")]
    listed = peer.read(query="SELECT id FROM ships WHERE id = $2 OR ship = $1 ORDER BY id", parameters=["Mary", 3])
    assert listed.rows() == [(1,), (3,)]


def test_a_query_tells_its_columns(database_peer: Peer) -> None:
    peer = database_peer
    peer.write("ships", SHIPS)
    source = peer.open()
    table = source.query_schema(ReadRequest(query="SELECT id AS n, upper(ship) AS loud FROM ships"))
    source.close()
    assert [(column.name, str(column.type)) for column in table.schema] == [("n", "int64"), ("loud", "string")]
    with pytest.raises(ConnectorError) as error:
        peer.read(query="SELECT id, id FROM ships")
    assert error.value.code == "duplicate_column"


def test_t23_secrets_are_never_in_errors(database_peer: Peer) -> None:
    source = database_peer.open()
    if SECRET not in source.config.secrets().values():
        return  # this peer is reached without one
    for request in (ReadRequest(table="nowhere"), ReadRequest(query=f"SELECT '{SECRET}' FROM nowhere")):
        with pytest.raises(ConnectorError) as error:
            source.read(request).collect()
        assert SECRET not in str(error.value)
        assert SECRET not in repr(error.value.__cause__)
