"""Rows of a write whose rows passed without being kept: the first of those that were written stay."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl
import pytest

from apps.connectors.nodes import chains
from apps.connectors.sdk import FirstRows
from tests.connectors.conftest import Database, Peer
from tests.connectors.moving import HERE, THERE, Harbour, Run, read, taking, transform, write

FLEET = """
    CREATE TABLE ships (id bigint PRIMARY KEY, crew int4, port varchar(20), fee numeric(10,2), seen timestamptz,
        afloat boolean, log jsonb, mark uuid, length float8);
    INSERT INTO ships SELECT g, g % 300, (ARRAY['Oslo','Kiel',NULL])[1 + g % 3], g * 1.25,
        timestamptz '2024-03-31 00:30+01' + g * interval '13 minutes', g % 2 = 0, jsonb_build_object('g', g),
        md5(g::text)::uuid, g * 1.5 FROM generate_series(1, 5000) g;
"""
STEPS = (
    transform("filter", expression="afloat"),
    transform("derive", expressions={"tag": "port || ':' || id", "fees": "fee + fee"}),
)


@pytest.fixture
def harbour(postgresql: Peer, database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Harbour:
    """Here is there: one database under two connectors, of which the second has another account's name."""
    with database.connect() as connection:
        connection.execute(FLEET)
        connection.execute("DROP ROLE IF EXISTS mate; CREATE ROLE mate LOGIN SUPERUSER PASSWORD 'rope'")
    monkeypatch.setattr(chains, "KEPT", 700)
    for name in ("moving", "streaming"):
        monkeypatch.setattr(f"apps.connectors.nodes.{name}.KEPT", 700)
    return Harbour({HERE: postgresql.open, THERE: lambda: postgresql.open(username="mate", password="rope")}, tmp_path)


@pytest.fixture
def one(harbour: Harbour) -> Harbour:
    """Both connectors are the same account in the same database: rows pass by INSERT … SELECT."""
    harbour.open_by_id[THERE] = harbour.open_by_id[HERE]
    return harbour


def kept(run: Run) -> tuple[Any, pl.DataFrame]:
    [(port, dataset)] = run.execution.results[run.plan.stages[-1].id].datasets.items()
    assert port == ("write", "output")
    return dataset, run.store.scan(dataset).collect()


def written(harbour: Harbour, *nodes: dict[str, Any]) -> pl.DataFrame:
    """All rows of the write, as the steps one by one keep them."""
    with taking("step by step"):
        run = Run(harbour, *nodes[:-1], write("wanted"))
    return kept(run)[1]


@pytest.mark.parametrize("way", ["pushed", "piped"])
@pytest.mark.parametrize("mode", ["replace", "append", "upsert"])
def test_the_first_rows_of_what_passed_stay(harbour: Harbour, way: str, mode: str) -> None:
    keys = {"keys": ["id"]} if mode == "upsert" else {}
    with taking(way):
        run = Run(harbour, read(), *STEPS, write(mode=mode, **keys))
    assert (run.outcome.status, run.how) == ("success", way), run.said
    dataset, frame = kept(run)
    assert (dataset.rows, dataset.of, run.node("write").rows_out) == (700, 2500, 2500)
    assert run.node("write").bytes == dataset.bytes
    everything = written(harbour, read(), *STEPS, write())
    assert frame.schema == everything.schema
    assert frame.join(everything, on=frame.columns, how="semi", nulls_equal=True).height == 700
    assert frame["id"].n_unique() == 700


@pytest.mark.parametrize("step", [None, transform("limit", n=2000)], ids=["all", "limited"])
@pytest.mark.parametrize("mode", ["replace", "append"])
def test_within_one_database_they_are_of_the_statement_that_wrote(
    one: Harbour, database: Database, step: dict[str, Any] | None, mode: str
) -> None:
    """A limit without an order may choose other rows each time: what is kept was chosen by the same one."""
    steps = STEPS if step is None else (*STEPS, step)
    with taking("pushed"):
        run = Run(one, read(), *steps, write(mode=mode))
    assert (run.outcome.status, run.how) == ("success", "pushed"), run.said
    dataset, frame = kept(run)
    assert (dataset.rows, dataset.of) == (700, 2500 if step is None else 2000)
    with database.connect() as connection:
        there = {row[0] for row in connection.execute("SELECT id FROM fleet").fetchall()}
    assert set(frame["id"]) <= there
    assert len(there) == dataset.of


def test_a_query_streams_since_asking_again_might_give_other_rows(harbour: Harbour, database: Database) -> None:
    query = "SELECT id, random() AS luck FROM ships"
    with taking("pushed"):
        run = Run(harbour, read(table=None, query=query), write())
    assert (run.outcome.status, run.how) == ("success", "streamed"), run.said
    _, frame = kept(run)
    with database.connect() as connection:
        there = dict(connection.execute("SELECT id, luck FROM fleet").fetchall())
    assert frame.height == 700
    assert {row["id"]: row["luck"] for row in frame.to_dicts()}.items() <= there.items()


@pytest.mark.parametrize("mode", ["replace", "append"])
@pytest.mark.parametrize("within", ["harbour", "one"])
def test_rows_that_come_while_others_pass_are_neither_kept_nor_written(
    request: pytest.FixtureRequest, database: Database, monkeypatch: pytest.MonkeyPatch, within: str, mode: str
) -> None:
    harbour = request.getfixturevalue(within)
    first_read = FirstRows.read

    def late(self: FirstRows, *args: Any) -> None:
        first_read(self, *args)
        with database.connect() as connection:
            connection.execute("UPDATE ships SET id = -id; INSERT INTO ships (id) VALUES (0)")

    monkeypatch.setattr(FirstRows, "read", late)
    with taking("pushed"):
        run = Run(harbour, read(columns=["id"]), write(mode=mode))
    assert (run.outcome.status, run.how) == ("success", "pushed"), run.said
    with database.connect() as connection:
        assert connection.execute("SELECT min(id), count(*) FROM fleet").fetchone() == (1, 5000)
    assert kept(run)[1]["id"].min() == 1


@pytest.mark.parametrize("way", ["pushed", "piped"])
def test_all_rows_are_kept_where_they_are_no_more_than_that(harbour: Harbour, way: str) -> None:
    few = transform("filter", expression="id <= 600")
    with taking(way):
        run = Run(harbour, read(), few, write())
    dataset, frame = kept(run)
    assert (dataset.rows, dataset.of, frame.height) == (600, None, 600)


@pytest.mark.parametrize("way", ["pushed", "piped"])
def test_a_write_of_no_rows_keeps_their_columns(harbour: Harbour, way: str) -> None:
    with taking(way):
        run = Run(harbour, read(), transform("filter", expression="id < 0"), write())
    dataset, frame = kept(run)
    assert (dataset.rows, dataset.of, frame.columns[0]) == (0, None, "id")


@pytest.mark.parametrize("way", ["pushed", "piped", "here"])
def test_long_rows_are_kept_as_far_as_there_is_room(
    harbour: Harbour, database: Database, monkeypatch: pytest.MonkeyPatch, way: str
) -> None:
    with database.connect() as connection:
        connection.execute("CREATE TABLE holds (id bigint, load text)")
        connection.execute(
            "INSERT INTO holds SELECT g, (SELECT string_agg(md5((g * i)::text), '') FROM generate_series(1, 320) i) "
            "FROM generate_series(1, 600) g"
        )
    if way == "here":
        harbour.open_by_id[THERE] = harbour.open_by_id[HERE]
    for name in ("moving", "streaming"):
        monkeypatch.setattr(f"apps.connectors.nodes.{name}.KEPT_BYTES", 1_000_000)
    with taking("piped" if way == "piped" else "pushed"):
        run = Run(harbour, read("holds"), write())
    dataset, frame = kept(run)
    assert dataset.of == 600
    assert 50 <= dataset.rows <= 120
    assert frame["load"].str.len_bytes().sum() <= 1_100_000


def test_what_an_earlier_attempt_wrote_is_not_told_from_what_is_there_now(harbour: Harbour) -> None:
    for expected in (1, 0):
        with taking("pushed"):
            run = Run(harbour, read(), write(mode="append"), id="execution-9")
        assert run.outcome.status == "success"
        assert len(run.execution.results[run.plan.stages[-1].id].datasets) == expected
