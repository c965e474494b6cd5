"""The run store, in a folder and in a bucket alike: whole datasets or none, named by their content."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import polars as pl
import pyarrow as pa
import pytest

from apps.executions.core.dataset import Dataset
from apps.executions.core.objects import Objects
from apps.executions.core.store import RunStore
from apps.kernel import clock
from apps.kernel.errors import Gone, NodeError
from apps.nodes.columns import INT64, JSON, STRING, Column, Schema


@pytest.fixture
def store(files: Objects) -> RunStore:
    return RunStore(files).of_execution("harbour", "run-1")


def left(store: RunStore) -> list[str]:
    """All files of the store, and those that are still being written."""
    half = [path.name for path in store.objects.scratch.rglob("*.part")]
    return sorted([entry.name for entry in store.objects.entries("harbour") if not entry.name.endswith(".part")] + half)


def test_a_dataset_knows_rows_bytes_and_types_that_arrow_does_not(store: RunStore) -> None:
    schema = Schema((Column("n", INT64, nullable=False), Column("body", JSON)))
    dataset = store.write_frame(pl.LazyFrame({"n": [1, 2], "body": ["{}", None]}), schema)
    assert (dataset.rows, dataset.schema) == (2, schema)
    [entry] = store.objects.entries("harbour")
    assert (dataset.path, dataset.bytes) == (entry.name, entry.bytes)
    assert dataset.digest in dataset.path
    assert Dataset.from_json(dataset.as_json()) == dataset
    assert store.scan(dataset).collect().rows() == [(1, "{}"), (2, None)]


def test_equal_content_is_stored_once_for_all_executions_of_a_tenant(store: RunStore, files: Objects) -> None:
    other = RunStore(files).of_execution("harbour", "run-2")
    rival = RunStore(files).of_execution("rival", "run-1")
    first = store.write_frame(pl.LazyFrame({"n": [1, 2]}))
    assert other.write_frame(pl.LazyFrame({"n": [1, 2]})) == first
    assert other.write_frame(pl.LazyFrame({"n": [1, 3]})) != first
    assert len(left(store)) == 2
    assert rival.write_frame(pl.LazyFrame({"n": [1, 2]})).path.startswith("rival/"), "never between tenants"


def test_a_name_is_given_on_its_day_only(store: RunStore, monkeypatch: pytest.MonkeyPatch) -> None:
    first = store.write_frame(pl.LazyFrame({"n": [1, 2]}))
    tomorrow = clock.now() + timedelta(days=1)
    monkeypatch.setattr(clock, "now", lambda: tomorrow)
    later = store.write_frame(pl.LazyFrame({"n": [1, 2]}))
    assert later.digest == first.digest
    assert later.path != first.path


def test_what_is_shared_is_taken_over_where_it_lies_and_the_rest_is_copied(store: RunStore, files: Objects) -> None:
    other = RunStore(files).of_execution("harbour", "run-2")
    shared, aside = store.write_frame(pl.LazyFrame({"n": [1]})), store.below("chains", "s1")
    assert other.take_over(shared) == shared
    own = aside.write_frame(pl.LazyFrame({"n": [2]}))
    taken = store.take_over(own)
    aside.clear()
    assert other.below("loops").take_over(shared).path.startswith("harbour/run-2/loops/")
    assert store.scan(taken).collect().item() == 2
    with pytest.raises(Gone):
        store.scan(own)
    with pytest.raises(Gone):
        other.below("loops").take_over(own)


def test_no_room_in_the_plan_is_a_clean_refusal(files: Objects) -> None:
    def refuse(size: int) -> None:
        assert size > 0
        raise NodeError("full", code="limit_reached")

    store = RunStore(files, room=refuse).of_execution("harbour", "run-1")
    for part in (store, store.below("loops")):
        with pytest.raises(NodeError) as failed:
            part.write_frame(pl.LazyFrame({"n": [1]}))
        assert failed.value.code == "limit_reached"
    assert left(store) == []


def test_record_batches_are_cast_to_the_schema_as_they_come(store: RunStore) -> None:
    schema = Schema((Column("n", INT64), Column("name", STRING)))

    def batches() -> Iterator[pa.RecordBatch]:
        yield pa.record_batch({"n": pa.array([1], pa.int32()), "name": pa.array(["Ida"], pa.string())})
        yield pa.record_batch({"name": pa.array(["Anna"], pa.large_string()), "n": pa.array([None], pa.int64())})

    dataset = store.write_batches(batches(), schema)
    assert store.scan(dataset).collect().rows() == [(1, "Ida"), (None, "Anna")]
    assert store.write_batches(iter(()), schema).rows == 0


def test_a_slice_gives_the_rows_asked_for(store: RunStore) -> None:
    dataset = store.write_frame(pl.LazyFrame({"n": range(1000)}))
    assert store.slice(dataset, offset=998, limit=10).get_column("n").to_list() == [998, 999]
    assert store.slice(dataset, offset=2000, limit=10).height == 0


def test_a_source_that_breaks_off_leaves_nothing(store: RunStore) -> None:
    def batches() -> Iterator[pa.RecordBatch]:
        yield pa.record_batch({"n": pa.array([1], pa.int64())})
        raise ConnectionResetError("the line went dead")

    with pytest.raises(ConnectionResetError):
        store.write_batches(batches(), Schema((Column("n", INT64),)))
    assert left(store) == []


def test_f11_no_room_while_rows_come_in_is_a_clean_node_error(store: RunStore) -> None:
    def batches() -> Iterator[pa.RecordBatch]:
        yield pa.record_batch({"n": pa.array([1], pa.int64())})
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with pytest.raises(NodeError) as failed:
        store.write_batches(batches(), Schema((Column("n", INT64),)))
    assert failed.value.code == "disk_full"
    assert failed.value.remedy
    assert left(store) == []


def test_what_an_execution_alone_had_goes_with_it_and_what_it_shared_stays(store: RunStore, files: Objects) -> None:
    other = RunStore(files).of_execution("harbour", "run-2").below("loops")
    mine, theirs = (each.write_frame(pl.LazyFrame({"n": [1]})) for each in (store.below("loops"), other))
    shared = store.write_frame(pl.LazyFrame({"n": [1]}))
    store.delete_execution("harbour", "run-1")
    with pytest.raises(Gone):
        store.scan(mine)
    assert store.scan(theirs).collect().item() == store.scan(shared).collect().item() == 1
    store.delete_execution("harbour", "run-1")


@pytest.mark.parametrize("name", ["..", "a/b", "", ".hidden", "a\0b", "/etc"])
def test_t43_names_that_would_leave_the_store_are_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(ValueError, match="cannot name"):
        RunStore(tmp_path).of_execution(name, "run-1")
    with pytest.raises(ValueError, match="cannot name"):
        RunStore(tmp_path).delete_execution("harbour", name)


def test_what_a_killed_writer_left_goes_with_its_execution(store: RunStore) -> None:
    pending = store.pending()
    pending.path.write_bytes(b"half")
    kept = store.write_frame(pl.LazyFrame({"n": [1]}))
    store.delete_execution("harbour", "run-1")
    assert left(store) == [kept.path]
