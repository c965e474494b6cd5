"""The sample workflow against what a person would write by hand in lazy Polars."""

from __future__ import annotations

import io
import tempfile
import time
from datetime import datetime
from pathlib import Path

import polars as pl
import psycopg

from tests.bench.harness import Measurement, figure, interleaved, seconds
from tests.bench.stack import DATA_DIR, Bench
from uzo.local.demo import databases, flights
from uzo.local.state import embedded

ROUNDS = 7


@figure("sample_vs_polars", unit="ratio", goal=1.3, better="lower")
def sample(bench: Bench) -> Measurement:
    """Start to end of the execution, against the same in one script: reading and writing included."""
    workflow = bench.demo["workflow_id"]
    source = _source_url()

    def ours() -> float:
        execution = bench.owner.post(f"workflows/{workflow}/execute", {"parameters": {}}, expect=202)
        execution = bench.owner.wait(execution["id"], every=0.3)  # each question is work for the same two cores
        assert execution["status"] == "success", execution
        begin, end = (datetime.fromisoformat(execution[key]) for key in ("started_at", "finished_at"))
        time.sleep(0.2)
        return (end - begin).total_seconds()

    with tempfile.TemporaryDirectory() as folder:
        airports = Path(folder) / "airports.csv"
        airports.write_bytes(flights.files()["airports.csv"])

        def by_hand() -> float:
            return seconds(lambda: write(query(source, airports), bench.demo["sink_dsn"], Path(folder)))

        value, baseline = interleaved(ours, by_hand, rounds=ROUNDS)
    return Measurement.against(value, baseline, f"seconds, medians of {ROUNDS}")


def _source_url() -> str:
    """The demo's source, as its connector reads it."""
    from uzo.local.databases import Databases

    known = embedded(DATA_DIR)
    admin = known.database_url.rpartition("/")[0] + "/postgres"
    return databases.source(Databases(known.database_url, known.redis_url, admin, ""), DATA_DIR).url


def query(source: str, airports: Path) -> pl.LazyFrame:
    """The sample workflow as one would write it: columns and filters already where they belong."""
    flown = pl.read_database_uri(
        "SELECT carrier, flight, tailnum, dest, arr_delay, air_time, distance FROM flights "
        "WHERE arr_delay IS NOT NULL AND distance >= 200",
        source,
        engine="connectorx",
    ).lazy()
    planes = pl.read_database_uri("SELECT tailnum, seats FROM planes", source, engine="connectorx").lazy()
    names = pl.scan_csv(airports).select("faa", "name")
    return (
        flown.with_columns(
            speed_mph=pl.col("distance") / (pl.col("air_time") / 60),
            late=pl.when(pl.col("arr_delay") > 15).then(1).otherwise(0),
        )
        .join(planes, on="tailnum", how="left")
        .join(names, left_on="dest", right_on="faa")
        .group_by("dest", "name", "carrier")
        .agg(
            flights=pl.col("flight").count(),
            mean_delay=pl.col("arr_delay").mean(),
            late_share=pl.col("late").mean(),
            mean_speed_mph=pl.col("speed_mph").mean(),
            seats=pl.col("seats").sum(),
        )
        .with_columns(place=pl.struct("mean_delay", "carrier").rank("min").over("dest"))
        .sort("dest", "place", "carrier")
    )


def write(frame: pl.LazyFrame, sink: str, folder: Path) -> None:
    """A table and a Parquet file."""
    rows = frame.collect(engine="streaming")
    rows.write_parquet(folder / "by_hand.parquet")
    buffer = io.BytesIO()
    rows.write_csv(buffer)
    with psycopg.connect(sink) as connection:
        connection.execute("DROP TABLE IF EXISTS by_hand")
        connection.execute(
            "CREATE TABLE by_hand (dest text, name text, carrier text, flights bigint, mean_delay float8, "
            "late_share float8, mean_speed_mph float8, seats bigint, place bigint)"
        )
        with connection.cursor().copy("COPY by_hand FROM STDIN (FORMAT csv, HEADER)") as copy:
            copy.write(buffer.getvalue())
