"""A text file several times as large as what a reader of it may hold: it is read in parts.

In a process of its own, since memory that a process once held is not given back.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow
ROWS = 8_000_000
BLOCK = 100_000
TIMES = 3
"""How many times larger the file is than what may be held beside what an idle process holds."""

READER = """
import json, os, sys, threading, time
from pathlib import Path
import uzo.settings  # what UZO tells Polars
import polars as pl
from apps.connectors.catalog.files import csv_read
from apps.connectors.catalog.files.options import FileFormat
from apps.connectors.sdk.batches import Quarantine, to_batches
from apps.executions.core.store import RunStore
from apps.executions.flows.memory import held_bytes
from apps.nodes.columns import Column, DataType, Schema

path, way, folder = Path(sys.argv[1]), sys.argv[2], Path(sys.argv[3])
types = {"ship": "int64", "tons": "float64", "quay": "int64", "name": "string"}
schema = Schema(tuple(Column(name, DataType(kind)) for name, kind in types.items()))
pl.LazyFrame({"n": [1, 2]}).group_by("n").len().collect(engine="streaming")
before, peak = held_bytes(os.getpid()), [0]

def watch():
    while True:
        peak[0] = max(peak[0], held_bytes(os.getpid()))
        time.sleep(0.005)

threading.Thread(target=watch, daemon=True).start()
store = RunStore(folder).of_execution("harbour", "run-1")
if way == "scan":
    rows = csv_read.scan(path, FileFormat(), schema).group_by("quay").agg(pl.len().alias("ships"))
    kept = store.write_frame(rows)
    found = store.scan(kept).select(pl.col("ships").sum()).collect().item()
else:
    frames = csv_read.read(path, FileFormat(), schema, Quarantine())
    found = store.write_batches((b for frame in frames for b in to_batches(frame, 65_536)), schema).rows
print(json.dumps({"rows": found, "held": peak[0] - before, "size": path.stat().st_size}))
"""


@pytest.fixture(scope="module")
def arrivals(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Eight million arrivals: a block of lines, again and again."""
    block = "".join(f"{n},{n / 3:.6f},{n % 97},the good ship number {n % 1000}\n" for n in range(BLOCK)).encode()
    path = tmp_path_factory.mktemp("arrivals") / "arrivals.csv"
    with path.open("wb") as file:
        file.write(b"ship,tons,quay,name\n")
        for _ in range(ROWS // BLOCK):
            file.write(block)
    return path


@pytest.mark.parametrize(("way", "times"), [("scan", TIMES), ("read", 1)])
def test_a_csv_file_is_read_in_parts(arrivals: Path, tmp_path: Path, way: str, times: int) -> None:
    """The way of a file that was looked through whole, and that of one which was too large for it."""
    command = [sys.executable, "-c", READER, str(arrivals), way, str(tmp_path)]
    told = subprocess.run(command, check=True, capture_output=True, text=True, timeout=600)
    found = json.loads(told.stdout)
    assert found["rows"] == ROWS
    assert found["held"] * times < found["size"], found
