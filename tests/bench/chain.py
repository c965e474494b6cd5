"""A fused chain of six nodes over ten million rows, beside what others need for the same."""

from __future__ import annotations

import statistics
import tempfile
from collections.abc import Callable
from importlib import import_module
from itertools import pairwise
from pathlib import Path

import polars as pl

from tests.bench.harness import Measurement, figure, seconds
from tests.bench.stack import Bench
from tests.e2e.client import diagram, edge, node

ROWS = 10_000_000
ROUNDS = 9


@figure("chain_vs_polars", unit="ratio", goal=1.1, better="lower")
def chain(_: Bench) -> Measurement:
    """Scan, six nodes, stored result, rows counted for every node, against one lazy Polars query of the same
    that a person would write; DuckDB and pandas in the same run, for comparison."""
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / "orders.parquet"
        fill(source)
        ours = engine(source, Path(folder))
        ways: dict[str, Callable[[], object]] = {
            "uzo": ours,
            "polars": lambda: by_hand(source, Path(folder) / "by_hand.arrow"),
            "duckdb": lambda: duckdb(source, Path(folder) / "duckdb.parquet"),
        }
        times: dict[str, list[float]] = {name: [] for name in ways}
        for way in ways.values():
            way()
        for turn in range(ROUNDS):
            for name in list(ways) if turn % 2 else list(ways)[::-1]:
                times[name].append(seconds(ways[name]))
        alone = seconds(lambda: pandas(source, Path(folder) / "pandas.parquet"))
    median = {name: statistics.median(found) for name, found in times.items()}
    beside = f"DuckDB {median['duckdb']:.2f}, pandas once {alone:.2f}"
    note = f"seconds of lazy Polars, medians of {ROUNDS}, {ROWS:,} rows; {beside}"
    return Measurement.against(median["uzo"], median["polars"], note)


def fill(path: Path) -> None:
    """Orders: ten million rows of seven columns."""
    number = pl.int_range(ROWS, eager=False)
    pl.LazyFrame().select(
        id=number,
        customer=(number * 7_919) % 100_000,
        country=((number * 31) % 50).cast(pl.String),
        amount=((number * 7_907) % 10_000).cast(pl.Float64) / 100,
        quantity=(number * 13) % 20,
        discount=((number * 17) % 30).cast(pl.Float64) / 100,
        year=2015 + (number * 3) % 10,
    ).sink_parquet(path)


def engine(source: Path, folder: Path) -> Callable[[], object]:
    """The workflow through analysis, plan and engine, as a worker runs it but for the database."""
    from apps.executions.core.engine import Execution
    from apps.executions.core.store import RunStore
    from apps.executions.core.testing import FakeHost
    from apps.nodes.registry import load
    from apps.workflows.core.analysis import analyse
    from apps.workflows.core.plan import compile_plan
    from tests.bench.scans import Scan

    load(import_module("apps.transforms.nodes"))
    steps = [
        node("orders", "bench", Scan.operation, path=str(source)),
        node("recent", "transform", "filter", expression="year >= 2017 AND quantity > 1"),
        node("priced", "transform", "derive", expressions={"revenue": "amount * quantity * (1 - discount)"}),
        node("large", "transform", "filter", expression="revenue > 20"),
        node("banded", "transform", "derive", expressions={
            "band": "CASE WHEN revenue > 500 THEN 'high' WHEN revenue > 100 THEN 'middle' ELSE 'low' END"}),
        node("summed", "transform", "aggregate", groupBy=["country", "band"], aggregations={
            "revenue": {"column": "revenue", "function": "sum"},
            "mean": {"column": "amount", "function": "mean"},
            "orders": {"function": "count"}}),
        node("ordered", "transform", "sort", by=["country", "band"]),
    ]  # fmt: skip
    names = [step["id"] for step in steps]
    drawn = diagram(steps, [edge(one, other) for one, other in pairwise(names)])
    store = RunStore(folder / "runs").of_execution("bench", "chain")

    def run() -> None:
        analysis = analyse(drawn, values={})
        execution = Execution(compile_plan(analysis), host=FakeHost(), store=store)
        outcome = execution.run_all()
        assert outcome.status == "success", outcome
        assert all(state.rows_out is not None for state in execution.states.values())

    return run


def by_hand(source: Path, target: Path) -> None:
    (
        pl.scan_parquet(source)
        .filter((pl.col("year") >= 2017) & (pl.col("quantity") > 1))
        .with_columns(revenue=pl.col("amount") * pl.col("quantity") * (1 - pl.col("discount")))
        .filter(pl.col("revenue") > 20)
        .with_columns(
            band=pl.when(pl.col("revenue") > 500)
            .then(pl.lit("high"))
            .when(pl.col("revenue") > 100)
            .then(pl.lit("middle"))
            .otherwise(pl.lit("low"))
        )
        .group_by("country", "band")
        .agg(revenue=pl.col("revenue").sum(), mean=pl.col("amount").mean(), orders=pl.len())
        .sort("country", "band")
        .sink_ipc(target, engine="streaming")
    )


def duckdb(source: Path, target: Path) -> None:
    import duckdb as driver

    driver.sql(f"""
        COPY (
            SELECT country, band, sum(revenue) AS revenue, avg(amount) AS mean, count(*) AS orders
            FROM (
                SELECT *, CASE WHEN revenue > 500 THEN 'high' WHEN revenue > 100 THEN 'middle' ELSE 'low' END AS band
                FROM (
                    SELECT *, amount * quantity * (1 - discount) AS revenue
                    FROM read_parquet('{source}') WHERE year >= 2017 AND quantity > 1
                ) WHERE revenue > 20
            ) GROUP BY country, band ORDER BY country, band
        ) TO '{target}' (FORMAT parquet)
    """)


def pandas(source: Path, target: Path) -> None:
    import pandas as pd

    rows = pd.read_parquet(source)
    rows = rows[(rows.year >= 2017) & (rows.quantity > 1)]
    rows = rows.assign(revenue=rows.amount * rows.quantity * (1 - rows.discount))
    rows = rows[rows.revenue > 20]
    band = pd.cut(rows.revenue, [-1, 100, 500, float("inf")], labels=["low", "middle", "high"]).astype(str)
    grouped = rows.assign(band=band).groupby(["country", "band"])
    summed = grouped.agg(revenue=("revenue", "sum"), mean=("amount", "mean"), orders=("amount", "size"))
    summed.reset_index().sort_values(["country", "band"]).to_parquet(target)
