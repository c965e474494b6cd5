"""Chains from one PostgreSQL to another: pushed, pulled, piped or step by step, the same rows arrive."""

from __future__ import annotations

import gc
from pathlib import Path

import pytest

from apps.connectors.nodes import streaming
from tests.connectors.conftest import Database, Peer
from tests.connectors.moving import HERE, SHIPS, THERE, Harbour, Run, read, rows, taking, transform, write

WAYS = ("pushed", "pulled", "piped", "step by step")


@pytest.fixture
def harbour(postgresql: Peer, database: Database, there: Database, tmp_path: Path) -> Harbour:
    with database.connect() as connection:
        connection.execute(SHIPS)
    return Harbour({HERE: postgresql.open, THERE: lambda: postgresql.open(database=there.name)}, tmp_path)


WORK = (
    transform("filter", expression="afloat AND length / kind > 10 AND port IS NOT NULL"),
    transform("derive", expressions={"tons": "crew * kind - 5", "half": "length / 2", "tag": "port || ':' || name"}),
    transform("rename", mapping={"fee": "price"}),
    transform("drop", columns=["log"]),
)


@pytest.mark.parametrize("way", WAYS)
def test_the_same_rows_arrive_whichever_way_they_take(harbour: Harbour, there: Database, way: str) -> None:
    with taking("step by step"):
        wanted = Run(harbour, read(), *WORK, write("wanted"))
    with taking(way):
        run = Run(harbour, read(), *WORK, write())
    assert (run.outcome.status, run.how) == ("success", way), run.said
    query = "SELECT * FROM {} ORDER BY id"
    assert rows(there, query.format("fleet")) == rows(there, query.format("wanted")) != []
    assert run.node("write").rows_out == wanted.node("write").rows_out == len(rows(there, "SELECT 1 FROM fleet"))
    types = (
        "SELECT attname, atttypid::regtype::text, atttypmod FROM pg_attribute "
        "WHERE attnum > 0 AND attrelid = '{}'::regclass"
    )
    assert rows(there, types.format("fleet")) == rows(there, types.format("wanted"))


def test_rows_shorter_and_longer_than_any_buffer_pass_whole(
    harbour: Harbour, database: Database, there: Database
) -> None:
    """Some megabytes of rows, each from nothing to two megabytes long, and many short ones behind them."""
    with database.connect() as connection:
        connection.execute("CREATE TABLE holds (id bigint, load text)")
        connection.execute(
            "INSERT INTO holds SELECT g, repeat(md5(g::text), CASE WHEN g <= 17 THEN 1 << (g - 1)::int ELSE g::int % 9 "
            "END) FROM generate_series(1, 60000) g"
        )
    with taking("pushed"):
        run = Run(harbour, read("holds"), write())
    assert (run.outcome.status, run.how) == ("success", "pushed"), run.error
    told = "SELECT count(*), sum(length(load)), md5(string_agg(md5(load), '' ORDER BY id)) FROM {}"
    assert rows(there, told.format("fleet")) == rows(database, told.format("holds"))
    assert run.node("write").rows_out == 60_000


def test_a_pushed_chain_says_so_and_counts_what_arrived(harbour: Harbour) -> None:
    with taking("pushed"):
        run = Run(harbour, read(), *WORK, write())
    assert "pushed: read > filter > derive > rename > drop > write" in run.plan.describe()
    assert (run.node("filter").rows_out, run.node("filter").pushed_down) == (None, True)
    assert run.node("write").rows_in == run.node("write").rows_out > 0


def test_a_piped_chain_counts_rows_at_every_node(harbour: Harbour) -> None:
    alike = transform("filter", expression="length * 2 > 900")  # nothing that a source could leave out beforehand
    with taking("step by step"):
        wanted = Run(harbour, read(), alike, *WORK[1:], write())
    with taking("piped"):
        run = Run(harbour, read(), alike, *WORK[1:], write())
    assert 0 < wanted.node("filter").rows_out < wanted.node("read").rows_out
    for node_id in run.plan.nodes:
        assert run.node(node_id).rows_out == wanted.node(node_id).rows_out
        assert run.node(node_id).rows_in == wanted.node(node_id).rows_in
        assert not run.node(node_id).pushed_down


def test_nothing_of_a_piped_chain_stays_in_memory(harbour: Harbour) -> None:
    with taking("piped"):
        assert Run(harbour, read(), *WORK, write()).how == "piped"
    gc.collect()
    # `isinstance` would ask each object for its class, which a proxy of something long gone cannot answer
    assert not [each for each in gc.get_objects() if issubclass(type(each), streaming._Flow)]


def test_rows_that_a_piped_chain_filters_away_need_not_come(harbour: Harbour, there: Database) -> None:
    steps = (
        transform("filter", expression="crew < 100 AND length / kind > 10"),
        transform("derive", expressions={"tag": "replace(name, 's', 'S')"}),
    )
    with taking("step by step"):
        wanted = Run(harbour, read(), *steps, write("wanted"))
    with taking("piped"):
        run = Run(harbour, read(), *steps, write())
    assert (run.outcome.status, run.how) == ("success", "piped"), run.said
    query = "SELECT * FROM {} ORDER BY id"
    assert rows(there, query.format("fleet")) == rows(there, query.format("wanted"))
    assert (run.node("read").rows_out, run.node("read").pushed_down) == (None, True), "the source did part of it"
    for node_id in ("filter", "derive", "write"):
        assert run.node(node_id).rows_out == wanted.node(node_id).rows_out > 0


def test_the_few_rows_that_a_source_works_many_down_to_are_kept(harbour: Harbour, there: Database) -> None:
    summed = transform("aggregate", groupBy=["kind"], aggregations={"crew": ["sum", "max"], "fee": "sum"})
    with taking("step by step"):
        wanted = Run(harbour, read(), summed, write("wanted"))
    with taking("pulled"):
        run = Run(harbour, read(), summed, write())
    assert run.how == "pulled"
    assert (run.node("read").rows_out, run.node("read").pushed_down) == (None, True)
    assert run.node("aggregate").rows_out == run.node("write").rows_out == wanted.node("write").rows_out == 7
    query = "SELECT * FROM {} ORDER BY kind"
    assert rows(there, query.format("fleet")) == rows(there, query.format("wanted"))
    [(port, dataset)] = run.execution.results["s1"].datasets.items()
    assert (port, dataset.rows) == (("write", "output"), 7)


@pytest.mark.parametrize("way", WAYS)
def test_appending_again_under_the_same_key_doubles_nothing(harbour: Harbour, there: Database, way: str) -> None:
    for _ in range(2):
        with taking(way):
            run = Run(harbour, read(), write(mode="append"), id="execution-7")
        assert run.outcome.status == "success"
        assert run.node("write").rows_out == 500
    assert "nothing is doubled" in run.said
    assert rows(there, "SELECT count(*), count(DISTINCT id) FROM fleet") == [(500, 500)]
    with taking(way):
        Run(harbour, read(), write(mode="append"), id="execution-8")
    assert rows(there, "SELECT count(*) FROM fleet") == [(1000,)]


def test_an_account_that_may_not_leave_marks_is_told_so(
    harbour: Harbour, there: Database, postgresql: Peer, database: Database
) -> None:
    with there.connect() as connection:
        connection.execute("DROP ROLE IF EXISTS deckhand")
        connection.execute("CREATE ROLE deckhand LOGIN PASSWORD 'rope'; CREATE TABLE fleet (id bigint, name text)")
        connection.execute("GRANT SELECT, INSERT ON fleet TO deckhand")
    harbour.open_by_id[THERE] = lambda: postgresql.open(database=there.name, username="deckhand", password="rope")
    try:
        with taking("pushed"):
            run = Run(harbour, read(columns=["id", "name"]), write(mode="append"))
        assert run.outcome.status == "success", run.error
        assert "after a crash rows may come twice" in run.said
    finally:
        with there.connect() as connection:
            connection.execute("DROP OWNED BY deckhand; DROP ROLE deckhand")


@pytest.mark.parametrize("way", WAYS)
def test_upsert_changes_what_is_there_and_adds_what_is_not(harbour: Harbour, there: Database, way: str) -> None:
    with there.connect() as connection:
        connection.execute("CREATE TABLE fleet (id int PRIMARY KEY, name varchar(9), fee numeric(6,1))")
        connection.execute("INSERT INTO fleet VALUES (1, 'old', 0), (900, 'stays', 0)")
    with taking(way):
        run = Run(
            harbour, read(), transform("filter", expression="id <= 3"),
            transform("select", columns=["id", "name", "fee"]), write(mode="upsert", keys=["id"]),
        )  # fmt: skip
    assert run.how == way, run.error
    assert [tuple(map(str, row)) for row in rows(there, "SELECT * FROM fleet ORDER BY id")] == [
        ("1", "ship 1", "1.3"), ("2", "ship 2", "2.5"), ("3", "ship 3", "3.8"), ("900", "stays", "0.0"),
    ]  # fmt: skip


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(
    ("expression", "node_id", "code"),
    [
        ("id + 9223372036854775800", "derive", "overflow"),
        ("CAST(id * 1000 AS int16)", "derive", "cast_failed"),
    ],
)
def test_what_does_not_fit_fails_its_own_node_and_writes_nothing(
    harbour: Harbour, there: Database, way: str, expression: str, node_id: str, code: str
) -> None:
    with taking(way):
        run = Run(harbour, read(), transform("derive", expressions={"x": expression}), write())
    assert (run.outcome.status, run.error) == ("failed", (node_id, code))
    assert rows(there, "SELECT to_regclass('fleet')") == [(None,)]


@pytest.mark.parametrize("way", WAYS)
def test_a_row_that_the_target_refuses_fails_the_write_whole(harbour: Harbour, there: Database, way: str) -> None:
    with there.connect() as connection:
        connection.execute("CREATE TABLE fleet (id bigint CHECK (id < 400)); INSERT INTO fleet VALUES (7)")
    with taking(way):
        run = Run(harbour, read(columns=["id"]), write())
    assert run.error == ("write", "constraint_violated")
    assert rows(there, "SELECT id FROM fleet") == [(7,)]


@pytest.mark.parametrize("way", WAYS)
def test_text_too_long_for_its_column_is_never_cut(harbour: Harbour, there: Database, way: str) -> None:
    with there.connect() as connection:
        connection.execute("CREATE TABLE fleet (name varchar(6))")
    with taking(way):
        run = Run(harbour, read(columns=["name"]), write())
    assert run.error == ("write", "value_out_of_range")
    assert rows(there, "SELECT * FROM fleet") == []


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(
    ("kind", "value"),
    [("date", "infinity"), ("timestamp", "-infinity"), ("timestamptz", "infinity"), ("date", "10000-01-01"),
     ("timestamp", "0044-03-15 12:00 BC"), ("numeric(6,2)", "NaN")],
)  # fmt: skip
def test_values_that_only_postgresql_knows_are_refused_whichever_way_they_take(
    harbour: Harbour, database: Database, there: Database, way: str, kind: str, value: str
) -> None:
    with database.connect() as connection:
        connection.execute(f"CREATE TABLE log (id int, entry {kind}); INSERT INTO log VALUES (1, '{value}'), (2, NULL)")  # type: ignore[arg-type]
    with taking(way):
        run = Run(harbour, read("log"), transform("filter", expression="id < 5"), write())
        renamed = Run(harbour, read("log"), transform("rename", mapping={"entry": "note"}), write())
    assert run.error == renamed.error == ("read", "value_out_of_range")
    assert rows(there, "SELECT to_regclass('fleet')") == [(None,)]


def test_the_last_values_that_everyone_knows_are_pushed(harbour: Harbour, database: Database, there: Database) -> None:
    with database.connect() as connection:
        connection.execute(
            "CREATE TABLE log (id int, built date, seen timestamptz, logged timestamp, fee numeric(4,2))"
        )
        connection.execute("""INSERT INTO log VALUES
            (1, '0001-01-01', '9999-12-31 23:59:59.999999+00', '9999-12-31 23:59:59.999999', 99.99),
            (2, '9999-12-31', '0001-01-01 00:00+00', '0001-01-01', NULL)""")
    with taking("pushed"):
        run = Run(harbour, read("log"), write())
    assert (run.outcome.status, run.how) == ("success", "pushed"), run.error
    text = "SELECT t::text FROM {} t ORDER BY id"
    assert rows(there, text.format("fleet")) == rows(database, text.format("log"))


@pytest.mark.parametrize("way", WAYS)
def test_whole_numbers_that_floats_do_not_hold_are_refused(harbour: Harbour, there: Database, way: str) -> None:
    with there.connect() as connection:
        connection.execute("CREATE TABLE fleet (id float8)")
    query = "SELECT (9007199254740992 + g)::int8 AS id FROM generate_series(1, 3) g"
    with taking(way):
        run = Run(harbour, read(table=None, query=query), write())
    assert run.error == ("write", "value_out_of_range")


def test_parameters_of_a_query_are_bound(harbour: Harbour, there: Database) -> None:
    query = "SELECT id, name FROM ships WHERE name = :name OR id < {{ top }}"
    hostile = "x'; DROP TABLE ships; --"
    with taking("pushed"):
        run = Run(
            harbour, read(table=None, query=query, queryParameters={"name": hostile}),
            transform("filter", expression="name <> 'it''s \\ %s $1 :name' AND id < {{ below }}"),
            write(), top=5, below=4,
        )  # fmt: skip
    assert (run.outcome.status, run.how) == ("success", "streamed"), (run.error, run.said)
    assert rows(there, "SELECT id FROM fleet ORDER BY id") == [(1,), (2,), (3,)]


@pytest.mark.parametrize(("connector_id", "node_id"), [(HERE, "read"), (THERE, "write")])
def test_a_connector_that_the_author_may_no_longer_use_fails_its_node(
    harbour: Harbour, connector_id: str, node_id: str
) -> None:
    harbour.refused.add(connector_id)
    with taking("pushed"):
        run = Run(harbour, read(), write())
    assert run.error == (node_id, "missing_connector")


def test_what_someone_reads_or_keeps_is_not_pushed(harbour: Harbour) -> None:
    with taking("pushed"):
        kept = Run(harbour, read(), transform("filter", expression="id < 5", keepOutput=True), write())
    assert "pushed" not in kept.plan.describe()
    assert kept.node("filter").rows_out == 4
