"""Rows are told while they move, whichever way they take."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from apps.connectors.catalog.postgresql import partitions, raw_rows, reading
from apps.connectors.nodes.write import Rows
from apps.connectors.sdk import ReadRequest
from apps.executions.core import rows_so_far
from apps.executions.core.records import NodeState
from apps.executions.core.states import NodeStatus
from apps.executions.core.testing import FakeHost
from tests.connectors.conftest import Database, Peer
from tests.connectors.moving import HERE, THERE, Harbour, Run, read, taking, transform, write

ROWS = 40_000
HERRINGS = f"""
    CREATE TABLE herrings (id bigint, port text);
    INSERT INTO herrings SELECT g, repeat('port ' || g % 11, 9) FROM generate_series(1, {ROWS}) g;
    ANALYZE herrings;
"""
EVEN = transform("filter", expression="id % 2 = 0")


@pytest.fixture
def harbour(postgresql: Peer, database: Database, tmp_path: Path) -> Harbour:
    with database.connect() as connection:
        connection.execute(HERRINGS)
    return Harbour({HERE: lambda: postgresql.open(read_connections=2), THERE: postgresql.open}, tmp_path)


@pytest.fixture
def heard(monkeypatch: pytest.MonkeyPatch) -> threading.Event:
    """Set once rows have been told of a node that runs."""
    event = threading.Event()
    tell = FakeHost.nodes_changed

    def telling(host: FakeHost, states: Sequence[NodeState]) -> None:
        tell(host, states)
        if any(told_of(state) for state in states):
            event.set()

    monkeypatch.setattr(FakeHost, "nodes_changed", telling)
    monkeypatch.setattr(rows_so_far, "PROGRESS_SECONDS", 0)
    return event


@pytest.fixture
def read_in_pieces(monkeypatch: pytest.MonkeyPatch, heard: threading.Event) -> None:
    """A third piece of the table comes once somebody has been told of the first two."""
    read_all = partitions.read

    def waiting(*args: Any, **options: Any) -> Iterator[Any]:
        for number, frames in enumerate(read_all(*args, **options)):
            if number == 2:
                heard.wait(20)
            yield frames

    monkeypatch.setattr(partitions, "FEWEST_PAGES", 8)
    monkeypatch.setattr(partitions, "PIECE_PAGES", 60)
    monkeypatch.setattr(partitions, "read", waiting)


def told_of(state: NodeState) -> bool:
    return state.status is NodeStatus.RUNNING and (state.rows_in or state.rows_out or 0) > 0


def first_told(run: Run, node_id: str) -> NodeState:
    """The first that was told of a node's rows while it ran."""
    return next(state for state in run.host.told if state.node_id == node_id and told_of(state))


@pytest.mark.usefixtures("read_in_pieces")
def test_a_piped_chain_tells_the_rows_of_each_node_and_how_much_of_the_table_has_been_read(harbour: Harbour) -> None:
    with taking("piped"):
        run = Run(harbour, read("herrings"), transform("derive", expressions={"odd": "id * 2"}), EVEN, write())
    assert (run.outcome.status, run.how) == ("success", "piped"), run.error
    seen = first_told(run, "filter")
    assert seen.rows_out is not None
    assert 0 < seen.rows_out < run.node("filter").rows_out == ROWS // 2
    assert seen.part is not None
    assert 0 < seen.part < 0.99
    assert 0 < (first_told(run, "read").rows_out or 0) < ROWS
    assert run.node("write").part is None


@pytest.mark.usefixtures("read_in_pieces")
def test_a_fused_stage_tells_what_arrives(harbour: Harbour) -> None:
    steps = (EVEN, transform("aggregate", groupBy=["port"], aggregations={"id": "max"}))
    run = Run(harbour, read("herrings"), *steps)
    assert run.outcome.status == "success", run.error
    seen = first_told(run, "read")
    assert 0 < (seen.rows_out or 0) < ROWS
    assert 0 < (seen.part or 0) < 0.99


@pytest.mark.usefixtures("read_in_pieces")
def test_a_read_into_the_store_tells_how_far_it_is(harbour: Harbour) -> None:
    with taking("step by step"):
        run = Run(harbour, read("herrings"), write())
    assert run.outcome.status == "success", run.error
    seen = first_told(run, "read")
    assert 0 < (seen.rows_out or 0) < ROWS
    assert 0 < (seen.part or 0) < 0.99


def test_a_write_of_stored_rows_tells_how_many_are_left(
    harbour: Harbour, heard: threading.Event, monkeypatch: pytest.MonkeyPatch
) -> None:
    passing = Rows.__iter__

    def slowly(rows: Rows) -> Iterator[Any]:
        heard.clear()
        for number, batch in enumerate(passing(rows)):
            if number == 2:
                heard.wait(20)
            yield batch

    monkeypatch.setattr(Rows, "__iter__", slowly)
    with taking("step by step"):
        run = Run(harbour, read("herrings"), write(batchSize=5_000))
    assert run.outcome.status == "success", run.error
    seen = first_told(run, "write")
    assert 0 < (seen.rows_in or 0) < ROWS
    assert seen.part == pytest.approx((seen.rows_in or 0) / ROWS, abs=0.001)


def test_a_chain_pushed_from_database_to_database_tells_what_was_written(
    harbour: Harbour, postgresql: Peer, there: Database, heard: threading.Event, monkeypatch: pytest.MonkeyPatch
) -> None:
    copied = raw_rows.copied

    def slowly(*args: Any, **how: Any) -> Iterator[raw_rows.Piece]:
        for number, piece in enumerate(copied(*args, **how)):
            if number == 3:
                heard.wait(20)
            yield piece

    monkeypatch.setattr(raw_rows, "copied", slowly)
    harbour.open_by_id[THERE] = lambda: postgresql.open(database=there.name)
    with taking("pushed"):
        run = Run(harbour, read("herrings"), EVEN, write())
    assert (run.outcome.status, run.how) == ("success", "pushed"), run.error
    seen = first_told(run, "write")
    assert 0 < (seen.rows_in or 0) < run.node("write").rows_in == ROWS // 2
    assert 0 < (seen.part or 0) < 1


def test_a_large_table_read_over_one_connection_tells_its_part_by_the_rows_that_were_expected(
    postgresql: Peer, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    with database.connect() as connection:
        connection.execute(HERRINGS)
    monkeypatch.setattr(partitions, "FEWEST_PAGES", 8)
    monkeypatch.setattr(reading, "_BATCH_BYTES", 2**18)
    with postgresql.open().read(ReadRequest(table="herrings")) as stream:
        parts = [stream.part for _ in stream]
    assert parts[0] is None
    assert stream.part == pytest.approx(1, abs=0.01)
    assert len(set(parts)) > 1


def test_a_small_table_is_not_asked_how_much_it_holds(postgresql: Peer, database: Database) -> None:
    with database.connect() as connection:
        connection.execute(HERRINGS)
    with postgresql.open().read(ReadRequest(table="herrings")) as stream:
        rows = sum(batch.num_rows for batch in stream)
    assert (rows, stream.part) == (ROWS, None)
