"""Rows from PostgreSQL to PostgreSQL: against PostgreSQL's own COPY and INSERT … SELECT of the same rows.

`UZO_BENCH_ROWS` (3,000,000 unless set) rows of 16 columns, of which a filter leaves nine tenths; two columns are
computed. Each round empties the target first. What is compared takes turns.
"""

from __future__ import annotations

import os
import shutil
import statistics
import subprocess
import threading
import time
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from itertools import pairwise
from typing import Any
from urllib.parse import unquote, urlsplit

import psutil
import psycopg

from tests.bench import peers
from tests.bench.harness import Measurement, figure, interleaved, seconds
from tests.bench.stack import Bench
from tests.e2e.client import diagram, edge, node
from uzo.local.postgres import wheel_binaries

ROWS = int(os.environ.get("UZO_BENCH_ROWS", "3000000"))
ROUNDS = 5
FEW_ROUNDS = 3
FEW = 100_000
SEVERAL = 300_000
SOURCE, TARGET = "bench_source", "bench_target"
COLUMNS = """id bigint, customer integer, kind smallint, amount numeric(12,2), price double precision, rate real,
    quantity integer, name text, city text, code varchar(20), active boolean, born date, made timestamp,
    seen timestamptz, note text, score bigint"""
FILL = """
    SELECT g, g * 7919 % 100000, g % 50, (g * 31 % 1000000) / 100.0, g % 9973 * 1.25, g % 101 * 0.5, g % 1000,
        'name ' || g % 5000, (ARRAY['Oslo', 'Bergen', 'Kiel', 'Hamburg', 'Riga'])[1 + g % 5], 'C-' || g % 99999,
        g % 3 = 0, date '2020-01-01' + (g % 2000)::int, timestamp '2021-01-01' + g % 100000 * interval '1 minute',
        timestamptz '2022-01-01 00:00+00' + g % 100000 * interval '37 second',
        CASE WHEN g % 10 <> 0 THEN 'a note of moderate length ' || g END, g * 13
    FROM generate_series(1::bigint, {rows}) g
"""
FILTER = "kind < 45"
DERIVED = {"price": "price * 1.1", "score": "score + quantity"}
SELECT = """SELECT id, customer, kind, amount, price * 1.1::float8 AS price, rate, quantity, name, city, {code} AS code,
    active, born, made, seen, note, score + quantity AS score FROM {table} WHERE kind < 45"""
IN_POLARS = {"code": "replace(code, 'C', 'D')"}
"""What PostgreSQL is not trusted to say as Polars does, and so keeps the transform in Polars."""


@dataclass(frozen=True)
class Ground:
    """Two databases on the bench's server, one filled, and connectors to them."""

    bench: Bench

    def url(self, database: str) -> str:
        return self.bench.database_url.rpartition("/")[0] + f"/{database}"

    @cached_property
    def psql(self) -> str:
        own = wheel_binaries() / "bin" / "psql"
        return str(own) if own.exists() else str(shutil.which("psql"))

    def config(self, database: str) -> dict[str, Any]:
        parts = urlsplit(self.url(database))
        return {
            "host": parts.hostname, "port": parts.port, "database": database, "username": unquote(parts.username or ""),
            "password": unquote(parts.password or ""), "sslmode": "disable",
        }  # fmt: skip

    def connector(self, database: str) -> str:
        body = {"name": database, "connector_type": "postgresql", "config": self.config(database)}
        return str(self.bench.owner.post("connectors", body)["id"])

    def empty(self, database: str, table: str = "moved") -> None:
        """With nothing left to write or to tidy of the round before: a checkpoint comes after every second round by
        itself and would meet the same one of two that take turns, the tidying of tables any of them."""
        with psycopg.connect(self.url(database), autocommit=True) as connection:
            connection.execute(f"DROP TABLE IF EXISTS {table}")
            connection.execute(f"CREATE TABLE {table} ({COLUMNS}) WITH (autovacuum_enabled = false)")
            connection.execute("CHECKPOINT")

    def workflow(self, source: str, target: str, name: str, derived: dict[str, str], table: str = "goods") -> str:
        nodes = [
            node("read", "connector", "read", connector=source, table=table),
            node("filter", "transform", "filter", expression=FILTER),
            node("derive", "transform", "derive", expressions=derived),
            node("write", "connector", "write", connector=target, table="moved", mode="append"),
        ]
        return self.bench.workflow(name, diagram(nodes, [edge(a["id"], b["id"]) for a, b in pairwise(nodes)]))

    def run(self, workflow: str) -> float:
        """Seconds from the start to the end of an execution."""
        execution = self.bench.owner.post(f"workflows/{workflow}/execute", {"parameters": {}}, expect=202)
        # Each question is work for the same two cores.
        execution = self.bench.owner.wait(execution["id"], seconds=600, every=1)
        assert execution["status"] == "success", execution
        begin, end = (datetime.fromisoformat(execution[key]) for key in ("started_at", "finished_at"))
        return (end - begin).total_seconds()

    def piped_copy(self, code: str) -> None:
        """`COPY … TO STDOUT (FORMAT binary) | COPY … FROM STDIN`."""
        select = SELECT.format(code=code, table="goods")
        giving = [self.psql, self.url(SOURCE), "-qc", f"COPY ({select}) TO STDOUT (FORMAT binary)"]
        taking = [self.psql, self.url(TARGET), "-qc", "COPY moved FROM STDIN (FORMAT binary)"]
        with subprocess.Popen(giving, stdout=subprocess.PIPE) as source:
            subprocess.run(taking, stdin=source.stdout, check=True)
        assert source.returncode == 0


_GROUNDS: dict[int, Ground] = {}


def ground(bench: Bench) -> Ground:
    """The databases, made the first time they are asked for."""
    found = _GROUNDS.get(id(bench))
    if found is not None:
        return found
    made = _GROUNDS[id(bench)] = Ground(bench)
    assert bench.demo
    with psycopg.connect(bench.database_url, autocommit=True) as connection:
        for name in (SOURCE, TARGET):
            if connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone() is None:
                connection.execute(f"CREATE DATABASE {name} TEMPLATE template0")
    with psycopg.connect(made.url(SOURCE), autocommit=True) as connection:
        for table, rows in (("goods", ROWS), ("several", SEVERAL), ("few", FEW)):
            known = connection.execute("SELECT to_regclass(%s)", [table]).fetchone()
            if known != (None,) and connection.execute(f"SELECT count(*) FROM {table}").fetchone() == (rows,):
                continue
            connection.execute(f"DROP TABLE IF EXISTS {table}; CREATE TABLE {table} ({COLUMNS})")
            connection.execute(f"INSERT INTO {table} {FILL.format(rows=rows)}")
            connection.execute(f"VACUUM ANALYZE {table}")
    return made


def _against_copy(bench: Bench, name: str, derived: dict[str, str], code: str) -> Measurement:
    here = ground(bench)
    workflow = here.workflow(here.connector(SOURCE), here.connector(TARGET), name, derived)

    def ours() -> float:
        here.empty(TARGET)
        return here.run(workflow)

    def copied() -> float:
        here.empty(TARGET)
        return seconds(lambda: here.piped_copy(code))

    one, other = interleaved(ours, copied, rounds=ROUNDS)
    rows = ROWS * 0.9
    return Measurement.against(rows / one, rows / other, f"rows/s, medians of {ROUNDS}, {ROWS:,} rows × 16 columns")


@figure("el_vs_copy", unit="ratio", goal=0.9, better="higher")
def el(bench: Bench) -> Measurement:
    """PostgreSQL → filter, derive → another PostgreSQL database."""
    return _against_copy(bench, "Goods", DERIVED, "code")


@figure("el_polars_vs_copy", unit="ratio", goal=0.75, better="higher")
def el_polars(bench: Bench) -> Measurement:
    """The same with the transform in Polars."""
    return _against_copy(bench, "Goods in Polars", DERIVED | IN_POLARS, "replace(code, 'C', 'D')")


@figure("el_same_db_vs_insert", unit="ratio", goal=0.9, better="higher")
def el_same_database(bench: Bench) -> Measurement:
    """The same within one database, against INSERT … SELECT."""
    here = ground(bench)
    source = here.connector(SOURCE)
    workflow = here.workflow(source, source, "Goods at home", DERIVED)
    insert = f"INSERT INTO moved {SELECT.format(code='code', table='goods')}"

    def ours() -> float:
        here.empty(SOURCE)
        return here.run(workflow)

    def inserted() -> float:
        here.empty(SOURCE)
        with psycopg.connect(here.url(SOURCE), autocommit=True) as connection:
            return seconds(lambda: connection.execute(insert))

    one, other = interleaved(ours, inserted, rounds=ROUNDS)
    rows = ROWS * 0.9
    return Measurement.against(rows / one, rows / other, f"rows/s, medians of {ROUNDS}")


@figure("el_vs_dlt", unit="ratio", goal=1, better="higher")
def el_beside_dlt(bench: Bench) -> Measurement:
    """Fewer rows by the Polars path, beside dlt with connectorx and Parquet, its fastest, which only copies them."""
    here = ground(bench)
    workflow = here.workflow(
        here.connector(SOURCE), here.connector(TARGET), "Several goods", DERIVED | IN_POLARS, "several"
    )
    source = here.url(SOURCE).replace("postgresql:", "postgresql+psycopg2:", 1)
    asked = {"SOURCE": source, "TARGET": here.url(TARGET), "TABLE": "several", "RUNTIME__DLTHUB_TELEMETRY": "false"}

    def ours() -> float:
        here.empty(TARGET)
        return here.run(workflow)

    one, other = interleaved(ours, lambda: peers.measured("dlt_pipeline", asked), rounds=FEW_ROUNDS)
    note = f"rows/s, medians of {FEW_ROUNDS}, of {SEVERAL:,} rows × 16 columns"
    return Measurement.against(SEVERAL / one, SEVERAL / other, note)


@figure("el_peak_mb", unit="MB", goal=512, better="lower")
def el_peak(bench: Bench) -> Measurement:
    """Resident memory of the process that runs the Polars path, at its highest."""
    here = ground(bench)
    workflow = here.workflow(here.connector(SOURCE), here.connector(TARGET), "Goods, watched", DERIVED | IN_POLARS)
    here.empty(TARGET)
    with _Watch() as watch:
        here.run(workflow)
    return Measurement(
        watch.peak / 2**20, note=f"{ROWS:,} rows × 16 columns; {watch.grown / 2**20:.0f} MB more than before"
    )


class _Watch:
    """The highest resident memory of the one Python process below us that grows most."""

    def __init__(self) -> None:
        self._before = self._sizes()
        self._peaks = dict(self._before)
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)

    @staticmethod
    def _sizes() -> dict[int, int]:
        sizes = {}
        for process in psutil.Process().children(recursive=True):
            try:
                if "python" in process.name():
                    sizes[process.pid] = process.memory_info().rss
            except psutil.Error:
                continue  # it has ended meanwhile
        return sizes

    def _look(self) -> None:
        while not self._over.wait(0.05):
            for pid, size in self._sizes().items():
                self._peaks[pid] = max(self._peaks.get(pid, 0), size)

    def __enter__(self) -> _Watch:
        self._thread.start()
        return self

    def __exit__(self, *exception: object) -> None:
        self._over.set()
        self._thread.join()

    @property
    def _busiest(self) -> int:
        return max(self._peaks, key=lambda pid: self._peaks[pid] - self._before.get(pid, 0))

    @property
    def peak(self) -> int:
        return self._peaks[self._busiest]

    @property
    def grown(self) -> int:
        return self.peak - self._before.get(self._busiest, 0)


@figure("rows_100k_s", unit="s", goal=1, better="lower")
def rows_100k(bench: Bench) -> Measurement:
    """100k rows read → filter → summarise → insert, from the API call to the end."""
    here = ground(bench)
    source, target = here.connector(SOURCE), here.connector(TARGET)
    nodes = [
        node("read", "connector", "read", connector=source, table="few"),
        node("filter", "transform", "filter", expression="kind < 45 AND active"),
        node("sum", "transform", "aggregate", groupBy=["city", "kind"],
             aggregations={"price": ["mean", "max"], "quantity": "sum", "all": {"function": "count"}}),
        node("write", "connector", "insert", connector=target, table="summed"),
    ]  # fmt: skip
    workflow = bench.workflow("Few goods", diagram(nodes, [edge(a["id"], b["id"]) for a, b in pairwise(nodes)]))
    took = [_called(bench, workflow) for _ in range(2 + 9)][2:]
    return Measurement(statistics.median(took), note=f"slowest of {len(took)}: {max(took):.2f} s")


def _called(bench: Bench, workflow: str) -> float:
    called = time.time()
    execution = bench.owner.post(f"workflows/{workflow}/execute", {"parameters": {}}, expect=202)
    execution = bench.owner.wait(execution["id"])
    assert execution["status"] == "success", execution
    return datetime.fromisoformat(execution["finished_at"]).timestamp() - called
