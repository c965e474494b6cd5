"""The run store: whole datasets or none, named by their content."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from pathlib import Path

import polars as pl
import pyarrow as pa
import pytest

from apps.executions.core.dataset import Dataset
from apps.executions.core.store import RunStore
from apps.kernel.errors import Gone, NodeError
from apps.nodes.columns import INT64, JSON, STRING, Column, Schema


@pytest.fixture
def store(tmp_path: Path) -> RunStore:
    return RunStore(tmp_path).of_execution("harbour", "run-1")


def files(store: RunStore) -> list[str]:
    return sorted(path.name for path in store.root.rglob("*") if path.is_file())


def test_a_dataset_knows_rows_bytes_and_types_that_arrow_does_not(store: RunStore) -> None:
    schema = Schema((Column("n", INT64, nullable=False), Column("body", JSON)))
    dataset = store.write_frame(pl.LazyFrame({"n": [1, 2], "body": ["{}", None]}), schema)
    assert (dataset.rows, dataset.schema) == (2, schema)
    assert dataset.bytes == store.path(dataset).stat().st_size == store.size()
    assert store.path(dataset).name.startswith(dataset.digest[:40])
    assert Dataset.from_json(dataset.as_json()) == dataset
    assert store.scan(dataset).collect().rows() == [(1, "{}"), (2, None)]


def test_equal_content_is_stored_once(store: RunStore) -> None:
    first = store.write_frame(pl.LazyFrame({"n": [1, 2]}))
    assert store.write_frame(pl.LazyFrame({"n": [1, 2]})) == first
    assert store.write_frame(pl.LazyFrame({"n": [1, 3]})) != first
    assert len(files(store)) == 2


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
    assert files(store) == []


def test_f11_no_room_while_rows_come_in_is_a_clean_node_error(store: RunStore) -> None:
    def batches() -> Iterator[pa.RecordBatch]:
        yield pa.record_batch({"n": pa.array([1], pa.int64())})
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with pytest.raises(NodeError) as failed:
        store.write_batches(batches(), Schema((Column("n", INT64),)))
    assert failed.value.code == "disk_full"
    assert failed.value.remedy
    assert files(store) == []


def test_what_was_deleted_is_gone_and_other_executions_stay(store: RunStore, tmp_path: Path) -> None:
    other = RunStore(tmp_path).of_execution("harbour", "run-2")
    mine, theirs = store.write_frame(pl.LazyFrame({"n": [1]})), other.write_frame(pl.LazyFrame({"n": [2]}))
    store.delete_execution("harbour", "run-1")
    with pytest.raises(Gone):
        store.scan(mine)
    assert store.scan(theirs).collect().item() == 2
    store.delete_execution("harbour", "run-1")


@pytest.mark.parametrize("name", ["..", "a/b", "", ".hidden", "a\0b", "/etc"])
def test_t43_names_that_would_leave_the_store_are_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(ValueError, match="cannot name"):
        RunStore(tmp_path).of_execution(name, "run-1")
    with pytest.raises(ValueError, match="cannot name"):
        RunStore(tmp_path).delete_execution("harbour", name)


def test_what_a_killed_writer_left_is_cleared_away(store: RunStore) -> None:
    pending = store.pending()
    pending.path.write_bytes(b"half")
    kept = store.write_frame(pl.LazyFrame({"n": [1]}))
    store.clear_unfinished()
    assert files(store) == [store.path(kept).name]
