"""A text file several times as large as what a reader of it may hold: it is read in parts, and carried on in parts.

In a process of its own, since memory that a process once held is not given back.
"""

from __future__ import annotations

import itertools
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from apps.connectors.sdk import Storage
from tests.connectors.conftest import Database, database  # noqa: F401
from tests.drills import carrier

pytestmark = pytest.mark.slow
ROWS = 8_000_000
CARRIED_MB = int(os.environ.get("UZO_DRILL_TEXT_MB", "1300"))
"""How large a file is carried on: `UZO_DRILL_TEXT_MB=4000` makes it eight times what may be held."""
MOST_MB = 512
"""What a process may hold in all that reads a file of any size and writes its rows elsewhere."""
BLOCK = 100_000
TIMES = 3
"""How many times larger the file is than what may be held beside what an idle process holds."""
DAY = "".join(f"{n},{n / 3:.6f},{n % 97},the good ship number {n % 1000}\n" for n in range(BLOCK)).encode()

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
    path = tmp_path_factory.mktemp("arrivals") / "arrivals.csv"
    with path.open("wb") as file:
        file.write(b"ship,tons,quay,name\n")
        for _ in range(ROWS // BLOCK):
            file.write(DAY)
    return path


@pytest.mark.parametrize(("way", "times"), [("scan", TIMES), ("read", 1)])
def test_a_csv_file_is_read_in_parts(arrivals: Path, tmp_path: Path, way: str, times: int) -> None:
    """The way of a file that was looked through whole, and that of one which was too large for it."""
    command = [sys.executable, "-c", READER, str(arrivals), way, str(tmp_path)]
    told = subprocess.run(command, check=True, capture_output=True, text=True, timeout=600)
    found = json.loads(told.stdout)
    assert found["rows"] == ROWS
    assert found["held"] * times < found["size"], found


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, int]]:
    """A folder of a connector's files with the arrivals of many days, and how many these are."""
    folder = tmp_path_factory.mktemp("carried")
    days = CARRIED_MB * 2**20 // len(DAY) + 1
    parts = itertools.chain([b"ship,tons,quay,name\n"], itertools.repeat(DAY, days))
    Storage(folder / "files", quota=2**40).put(carrier.FILE, parts)
    yield folder, days * BLOCK
    shutil.rmtree(folder)


@pytest.mark.parametrize("way", ["sums", "csv", "parquet", "postgresql"])
def test_the_rows_of_a_large_csv_file_are_carried_on_in_bounded_memory(
    files: tuple[Path, int],
    database: Database,  # noqa: F811
    way: str,
) -> None:
    folder, rows = files
    command = [sys.executable, "-m", "tests.drills.carrier", str(folder), way, json.dumps(database.config)]
    told = subprocess.run(command, check=True, capture_output=True, text=True, timeout=3000)
    found = json.loads(told.stdout)
    assert found["status"] == "success", found
    assert (found["rows"]["read"], found["rows"]["some"]) == (rows, rows), found
    assert found["rows"].get("write", rows) == rows, found
    assert found["held"] <= MOST_MB * 2**20, found
    shutil.rmtree(folder / "runs")
