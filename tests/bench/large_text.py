"""A CSV file ten times as large as the memory that an execution may hold: written, read, summed up, and carried
on into Parquet and PostgreSQL."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path
from typing import Any

from tests.bench.harness import Measurement, figure
from tests.bench.large import FOLDER, LIMIT_MB, SECONDS, TIMES, put_in_place, watching, write
from tests.bench.moving import Ground
from tests.bench.stack import ROOT, Bench
from tests.e2e.client import diagram, edge, node

ROWS = 48_000_000
SOURCE = ROOT / ".bench" / "rows.parquet"


def source() -> Path:
    """The rows as Parquet, from which UZO writes the CSV file; made once and kept."""
    if not SOURCE.exists():
        SOURCE.parent.mkdir(parents=True, exist_ok=True)
        beside = SOURCE.with_suffix(".part")
        write(ROWS, beside)
        beside.replace(SOURCE)
    return SOURCE


def chain(*nodes: dict[str, Any]) -> dict[str, Any]:
    return diagram(list(nodes), [edge(one["id"], other["id"]) for one, other in pairwise(nodes)])


def workflows(files: str, database: str) -> dict[str, dict[str, Any]]:
    """By name: the CSV file is written first, then read by each of the others."""
    read = node("read", "connector", "read", connector=files, table="large.csv")
    some = node("some", "transform", "filter", expression="v0 > 0.75")
    sums = {"v2": ["sum", "mean"], "v3": ["max"], "v4": ["min"], "id": ["count"]}

    def into(connector: str, table: str) -> dict[str, Any]:
        return node("write", "connector", "write", connector=connector, table=table, mode="replace")

    return {
        "write CSV": chain(
            node("rows", "connector", "read", connector=files, table="rows.parquet"), into(files, "large.csv")
        ),
        "sum up": chain(
            read, some, node("place", "transform", "derive", expressions={"place": "floor(v1 * 100)"}),
            node("sums", "transform", "aggregate", groupBy=["place"], aggregations=sums),
        ),
        "into Parquet": chain(read, some, into(files, "some.parquet")),
        "into PostgreSQL": chain(read, some, into(database, "some_of_large")),
    }  # fmt: skip


@figure("csv_10x_memory", unit="MB", goal=LIMIT_MB, better="lower")
def csv_10x_memory(_: Bench) -> Measurement:
    """Most memory held by the process that writes a CSV file ten times the memory limit, and that reads it."""
    worst, notes = 0.0, []
    with Bench(FOLDER, UZO_MEMORY_LIMIT_MB=str(LIMIT_MB), UZO_WORKERS="1") as small:
        files = small.owner.post("connectors", {"name": "Large", "connector_type": "files", "config": {}})["id"]
        database = Ground(small).connector("postgres")
        put_in_place(small, files, source())
        for name, drawn in workflows(files, database).items():
            workflow = small.workflow(name, drawn)
            with watching(small.pid) as seen:
                began = small.owner.post(f"workflows/{workflow}/execute", {"parameters": {}}, expect=202)
                over = small.owner.wait(began["id"], seconds=SECONDS)
            peak = seen["peak"] / 2**20
            if over["status"] != "success":
                peak = max(peak, LIMIT_MB + 1)
            worst = max(worst, peak)
            rows = [each["rows_out"] for each in over["nodes"]]
            error = "" if over["error"] is None else f" {over['error']['code']}"
            notes.append(f"{name}: {over['status']}{error}, {peak:.0f} MB, rows out {rows}")
            if name == "write CSV":
                size = max(path.stat().st_size for path in (small.data_dir / "tenants").rglob("*") if path.is_file())
                notes.append(f"{size / 2**20:,.0f} MB")
                assert over["status"] == "success", notes
                assert size >= TIMES * LIMIT_MB * 2**20, notes
        small.owner.http.delete(f"connectors/{files}", params={"hard": "true"})
    return Measurement(worst, note="; ".join(notes))
