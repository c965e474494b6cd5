"""A file of a hundred million rows, ten times as large as the memory that an execution may hold."""

from __future__ import annotations

import hashlib
import io
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import psutil
import pyarrow as pa
import pyarrow.parquet as pq

from apps.executions.flows.memory import held_bytes
from tests.bench.harness import Measurement, figure
from tests.bench.stack import ROOT, Bench
from tests.e2e.client import diagram, edge, node

LIMIT_MB = 512
TIMES = 10
ROWS = 100_000_000
GROUP = 250_000
"""Rows of a row group."""
VALUES = 6
FOLDER = ROOT / ".bench" / "small"
LARGE = ROOT / ".bench" / "large.parquet"
SECONDS = 1800


def tables(rows: int) -> Iterator[pa.Table]:
    """Rows of a number and six random values, a row group at a time."""
    luck = np.random.default_rng(7)
    base = [luck.random(GROUP) for _ in range(VALUES)]
    for start in range(0, rows, GROUP):
        turn = start // GROUP + 1
        values = {f"v{place}": np.roll(base[place], turn) for place in range(VALUES)}
        yield pa.table({"id": np.arange(start, min(start + GROUP, rows))} | {
            name: column[: min(GROUP, rows - start)] for name, column in values.items()
        })  # fmt: skip


def write(rows: int, target: Path | io.BytesIO) -> None:
    """Plain Parquet: neither compressed nor coded, so that the file is as large as its rows."""
    writer = None
    for table in tables(rows):
        writer = writer or pq.ParquetWriter(target, table.schema, compression="none", use_dictionary=False)
        writer.write_table(table, row_group_size=GROUP)
    assert writer is not None
    writer.close()


def large() -> Path:
    """The large file; made once and kept."""
    if not LARGE.exists():
        LARGE.parent.mkdir(parents=True, exist_ok=True)
        beside = LARGE.with_suffix(".part")
        write(ROWS, beside)
        beside.replace(LARGE)
    return LARGE


def put_in_place(bench: Bench, connector: str, file: Path) -> None:
    """Upload a small file of the same columns and put the large one where its content lies: an upload may
    have one gigabyte."""
    small = io.BytesIO()
    write(1000, small)
    content = small.getvalue()
    answer = bench.owner.http.post(
        f"connectors/{connector}/files", files={"file": (file.name, content, "application/octet-stream")}
    )
    answer.raise_for_status()
    digest = hashlib.sha256(content).hexdigest()
    tenants = bench.data_dir / "tenants"
    [stored] = [
        path for path in tenants.rglob("*")
        if path.is_file() and path.stat().st_size == len(content)
        and hashlib.sha256(path.read_bytes()).hexdigest() == digest
    ]  # fmt: skip
    stored.unlink()
    stored.hardlink_to(file)


@contextmanager
def watching(root: int) -> Iterator[dict[str, int]]:
    """Within: the most memory that one process below the pool's has held, as `{"peak": bytes}`."""
    over, found = threading.Event(), {"peak": 0}

    def look() -> None:
        pools = [each for each in psutil.Process(root).children(recursive=True) if "run_workers" in each.cmdline()]
        while not over.wait(0.05):
            for pool in pools:
                for child in pool.children(recursive=True):
                    found["peak"] = max(found["peak"], held_bytes(child.pid))

    thread = threading.Thread(target=look, daemon=True)
    thread.start()
    try:
        yield found
    finally:
        over.set()
        thread.join()


def chain(connector: str) -> dict[str, Any]:
    """Filter, derive, aggregate."""
    nodes = [
        node("large", "connector", "read", connector=connector, table="large.parquet"),
        node("some", "transform", "filter", expression="v0 > 0.25"),
        node("place", "transform", "derive", expressions={"place": "floor(v1 * 100)"}),
        node("sums", "transform", "aggregate", groupBy=["place"],
             aggregations={"v2": ["sum", "mean"], "v3": ["max"], "v4": ["min"], "v5": ["std"], "id": ["count"]}),
    ]  # fmt: skip
    return diagram(nodes, [edge("large", "some"), edge("some", "place"), edge("place", "sums")])


@figure("file_10x_memory", unit="MB", goal=LIMIT_MB, better="lower")
def file_10x_memory(_: Bench) -> Measurement:
    """Most memory held by the process that filters, derives and aggregates a Parquet file ten times the
    memory limit, the whole way."""
    size = large().stat().st_size / 2**20
    assert size >= TIMES * LIMIT_MB, f"the file has only {size:.0f} MB"
    with Bench(FOLDER, UZO_MEMORY_LIMIT_MB=str(LIMIT_MB), UZO_WORKERS="1") as small:
        connector = small.owner.post("connectors", {"name": "Large", "connector_type": "files", "config": {}})["id"]
        put_in_place(small, connector, large())
        workflow = small.workflow("Ten times the memory", chain(connector))
        with watching(small.pid) as seen:
            began = small.owner.post(f"workflows/{workflow}/execute", {"parameters": {}}, expect=202)
            over = small.owner.wait(began["id"], seconds=SECONDS)
        small.owner.http.delete(f"connectors/{connector}", params={"hard": "true"})
    code = "" if over["error"] is None else f" {over['error']['code']}"
    rows = {each["node_id"]: each["rows_out"] for each in over["nodes"]}
    note = f"{over['status']}{code}; {size:,.0f} MB, {ROWS / 1e6:.0f} M rows, limit {LIMIT_MB} MB; rows out {rows}"
    peak = seen["peak"] / 2**20
    if over["status"] != "success":
        assert over["error"]["code"] == "memory_limit", note
        peak = max(peak, LIMIT_MB + 1)  # it was seen by the one who ended it
    return Measurement(peak, note=note)
