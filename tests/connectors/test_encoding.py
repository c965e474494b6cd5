# ruff: noqa: DTZ001 — time stamps without a zone are a type of their own
"""Rows into PostgreSQL by two encoders: whichever writes them, the same lies there."""

from __future__ import annotations

import math
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

import polars as pl
import pytest

from apps.connectors.catalog.postgresql import encoding
from apps.connectors.sdk.batches import arrow_schema
from apps.connectors.sdk.errors import ConnectorError
from apps.nodes.columns import DataType, Schema
from tests.connectors.conftest import Database, Peer

HARD: dict[str, tuple[pl.DataType, list[Any]]] = {
    "active": (pl.Boolean(), [True, False]),
    "tiny": (pl.Int8(), [-128, 127, 0]),
    "small": (pl.Int16(), [-(2**15), 2**15 - 1]),
    "middle": (pl.Int32(), [-(2**31), 2**31 - 1]),
    "large": (pl.Int64(), [-(2**63), 2**63 - 1]),
    "unsigned": (pl.UInt64(), [0, 2**64 - 1, 10_000]),
    "rate": (pl.Float32(), [0.1, -0.0, math.nan, math.inf]),
    "price": (pl.Float64(), [5e-324, 1.7e308, math.nan, -math.inf]),
    "fee": (pl.Decimal(12, 2), [Decimal(each) for each in ("0.00", "-0.01", "9999999999.99", "100.00", "10000.10")]),
    "exact": (pl.Decimal(38, 10), [Decimal("9" * 28 + "." + "9" * 10), Decimal("-0.0000000001"), Decimal("3.5")]),
    "whole": (pl.Decimal(38, 0), [Decimal("9" * 38), Decimal(10) ** 37, Decimal(-1)]),
    "share": (pl.Decimal(38, 38), [Decimal("0." + "9" * 38), Decimal("-0." + "0" * 37 + "1")]),
    "name": (pl.String(), ["", "Ærøskøbing 😀", "tab\tnew\nline\\", "x" * 70_000]),
    "seal": (pl.Binary(), [b"", b"\x00\xff", b"y" * 70_000]),
    "built": (pl.Date(), [date(1, 1, 1), date(9999, 12, 31), date(1970, 1, 1)]),
    "logged": (pl.Datetime("us"), [datetime(1, 1, 1), datetime(9999, 12, 31, 23, 59, 59, 999999)]),
    "seen": (pl.Datetime("us", "UTC"), [datetime(1969, 12, 31, 23, 59, 59, 1, tzinfo=UTC)]),
    "tide": (pl.Time(), [time(0), time(23, 59, 59, 999999)]),
    "spell": (pl.Duration("us"), [timedelta(days=-400, microseconds=1), timedelta(0), timedelta(days=100_000)]),
    "holds": (pl.List(pl.Int64()), [[], [1, None, -3]]),
    "crew": (pl.List(pl.String()), [["Ada", None, ""], []]),
}  # fmt: skip


@pytest.fixture(params=["pgpq", "adbc"])
def encoder(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    if request.param == "adbc":
        monkeypatch.setattr(encoding, "encodable", lambda types: False)  # noqa: ARG005
    return str(request.param)


@pytest.mark.usefixtures("encoder")
@pytest.mark.parametrize("name", HARD)
def test_values_of_every_type_arrive_as_they_are(postgresql: Peer, name: str) -> None:
    dtype, values = HARD[name]
    frame = pl.DataFrame({"place": range(len(values) + 1), name: pl.Series([None, *values], dtype=dtype)})
    postgresql.write("hulls", frame, mode="replace")
    found = postgresql.read("hulls").sort("place")[name].to_list()
    for one, other in zip(found, frame[name].to_list(), strict=True):
        assert one == other or (isinstance(other, float) and math.isnan(one) and math.isnan(other))


def test_what_both_encoders_write_is_the_same_text(
    postgresql: Peer, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = max(len(values) for _, values in HARD.values())
    frame = pl.DataFrame({
        name: pl.Series([*values, *[None] * (rows - len(values))], dtype=dtype)
        for name, (dtype, values) in HARD.items()
    })  # fmt: skip
    assert encoding.encodable(arrow_schema(Schema.from_polars(dict(frame.drop("unsigned").schema))))
    postgresql.write("one", frame, mode="replace")
    monkeypatch.setattr(encoding, "encodable", lambda types: False)  # noqa: ARG005
    postgresql.write("other", frame, mode="replace")
    with database.connect() as connection:
        one, other = (connection.execute(f"SELECT t::text FROM {table} t").fetchall() for table in ("one", "other"))  # type: ignore[arg-type]
    assert one == other
    assert len(one) == rows


def test_batches_larger_than_a_piece_and_rows_larger_still_arrive_in_order(
    postgresql: Peer, database: Database
) -> None:
    sizes = [*range(3000), 3_000_000, *range(3000)]
    frame = pl.DataFrame({"place": range(len(sizes)), "load": ["x" * size for size in sizes]})
    postgresql.write("holds", frame)
    with database.connect() as connection:
        found = connection.execute("SELECT place, length(load) FROM holds").fetchall()
    assert found == list(enumerate(sizes))


def test_arrays_of_moments_are_left_to_the_driver_that_knows_zones(postgresql: Peer) -> None:
    kind = DataType("list", inner=DataType("datetime", zone="UTC"))
    moments = [[datetime(2024, 3, 31, 1, tzinfo=UTC), None]]
    frame = pl.DataFrame({"tides": pl.Series(moments, dtype=kind.to_polars())})
    assert not encoding.encodable(arrow_schema(Schema.from_polars(dict(frame.schema))))
    postgresql.write("tables", frame)
    assert postgresql.read("tables")["tides"].to_list() == moments


@pytest.mark.usefixtures("encoder")
def test_a_value_that_does_not_fit_leaves_nothing_behind(postgresql: Peer, database: Database) -> None:
    with database.connect() as connection:
        connection.execute("CREATE TABLE hulls (id smallint)")
    with pytest.raises(ConnectorError) as caught:
        postgresql.write("hulls", pl.DataFrame({"id": [1, 2, 3, 40_000]}))
    assert caught.value.code == "value_out_of_range"
    with database.connect() as connection:
        assert connection.execute("SELECT count(*) FROM hulls").fetchone() == (0,)
