"""Chains within one PostgreSQL: pushed as `INSERT … SELECT`, whatever else happens to its tables meanwhile."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from apps.connectors.nodes import moving
from tests.connectors.conftest import Database, Peer
from tests.connectors.moving import HERE, SHIPS, THERE, Harbour, Run, read, rows, taking, transform, write


@pytest.fixture
def harbour(postgresql: Peer, database: Database, tmp_path: Path) -> Harbour:
    with database.connect() as connection:
        connection.execute(SHIPS)
    return Harbour({HERE: postgresql.open, THERE: postgresql.open}, tmp_path)


def test_replacing_and_appending_arrive(harbour: Harbour, database: Database) -> None:
    for mode, wanted in (("replace", 500), ("replace", 500), ("append", 1000)):
        with taking("pushed"):
            run = Run(harbour, read(), write(mode=mode))
        assert (run.outcome.status, run.how) == ("success", "pushed"), run.said
        assert rows(database, "SELECT count(*) FROM fleet") == [(wanted,)]


def test_a_table_replaced_by_its_own_rows_keeps_them(harbour: Harbour, database: Database) -> None:
    with taking("pushed"):
        run = Run(harbour, read(), transform("filter", expression="id <= 10"), write("ships"))
    assert run.outcome.status == "success", run.error
    assert rows(database, "SELECT count(*), max(id) FROM ships") == [(10, 10)]


def test_a_view_of_the_target_gives_the_rows_of_before(harbour: Harbour, database: Database) -> None:
    with database.connect() as connection:
        connection.execute("CREATE VIEW odd AS SELECT * FROM ships WHERE id % 2 = 1")
    with taking("pushed"):
        run = Run(harbour, read("odd"), write("ships"))
    assert run.outcome.status == "success", run.error
    assert rows(database, "SELECT count(*) FROM ships") == [(250,)]


@pytest.mark.parametrize(
    ("kind", "value"), [("date", "infinity"), ("timestamptz", "0044-03-15 12:00 BC"), ("numeric(6,2)", "NaN")]
)
@pytest.mark.parametrize("mode", ["replace", "append"])
def test_a_value_that_only_postgresql_knows_is_refused_wherever_it_lies(
    harbour: Harbour, database: Database, monkeypatch: pytest.MonkeyPatch, kind: str, value: str, mode: str
) -> None:
    """Far behind the first rows, which are read in any case."""
    monkeypatch.setattr(moving, "_LEAST", 10)
    with database.connect() as connection:
        connection.execute(f"CREATE TABLE log (id int, entry {kind}); CREATE TABLE fleet (id int, entry {kind})")  # type: ignore[arg-type]
        connection.execute("INSERT INTO log (id) SELECT generate_series(1, 300)")
        connection.execute(f"UPDATE log SET entry = '{value}' WHERE id = 200; INSERT INTO fleet VALUES (7)")  # type: ignore[arg-type]
    with taking("pushed"):
        run = Run(harbour, read("log"), transform("filter", expression="id < 250"), write(mode=mode))
        spared = Run(harbour, read("log"), transform("filter", expression="id < 150"), write(mode="append"))
    assert run.error == ("read", "value_out_of_range")
    assert (spared.outcome.status, spared.how) == ("success", "pushed")
    assert rows(database, "SELECT count(*) FROM fleet") == [(150,)]


def test_one_who_waited_for_the_same_write_finds_it_done(harbour: Harbour, database: Database) -> None:
    """What it sees was fixed before the other one committed."""

    def appended() -> Run:
        with taking("pushed"):
            return Run(harbour, read(), write(mode="append"), id="execution-7")

    appended()
    with ThreadPoolExecutor(1) as pool, database.connect() as other:
        other.execute("BEGIN; CREATE TEMP TABLE marks AS TABLE uzo_stage_commits; DELETE FROM uzo_stage_commits")
        other.execute("INSERT INTO uzo_stage_commits TABLE marks")
        late = pool.submit(appended)
        until = time.monotonic() + 20
        while not rows(database, "SELECT FROM pg_locks WHERE locktype = 'transactionid' AND NOT granted"):
            assert time.monotonic() < until
            time.sleep(0.02)
        other.execute("COMMIT")
        run = late.result(timeout=30)
    assert run.outcome.status == "success", run.error
    assert "nothing is doubled" in run.said
    assert rows(database, "SELECT count(*) FROM fleet") == [(500,)]


def test_rows_that_fall_with_the_replaced_ones_still_arrive(harbour: Harbour, database: Database) -> None:
    with database.connect() as connection:
        connection.execute("CREATE TABLE fleet (id bigint PRIMARY KEY); INSERT INTO fleet SELECT id FROM ships")
        connection.execute("ALTER TABLE ships ADD FOREIGN KEY (id) REFERENCES fleet ON DELETE CASCADE")
    with taking("pushed"):
        run = Run(harbour, read(columns=["id"]), write())
    assert run.outcome.status in ("success", "failed")
    if run.outcome.status == "success":
        assert rows(database, "SELECT count(*) FROM fleet") == [(500,)]
    else:
        assert run.error == ("write", "busy")


def test_t32_a_query_that_would_write_is_refused(harbour: Harbour, database: Database) -> None:
    with database.connect() as connection:
        connection.execute("CREATE FUNCTION sink() RETURNS bigint LANGUAGE sql AS 'DELETE FROM ships RETURNING id'; ")
    with taking("pushed"):
        run = Run(harbour, read(table=None, query="SELECT sink() AS id"), write())
    assert run.error is not None
    assert run.error[0] == "read"
    assert rows(database, "SELECT count(*) FROM ships") == [(500,)]
