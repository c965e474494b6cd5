"""Golden workflows: a diagram, its input tables, and the SQL by which DuckDB computes the same rows.

A folder holds `diagram.json` (React Flow), `input.<table>.json` (`{columns, rows}`) or `input.<table>.csv`,
`expected.sql` over those tables, and perhaps `parameters.json`. Read nodes name the table. The rows compared are those
of the one node on which nothing hangs. Where the first line of the SQL is `-- ordered`, so is the comparison.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from graphlib import TopologicalSorter
from pathlib import Path
from typing import Any

import duckdb
import polars as pl

from apps.nodes.columns import Column, Schema
from apps.nodes.registry import find
from apps.nodes.types import InferContext, LazyNodeType
from apps.transforms.expressions.values import types_of

HERE = Path(__file__).parent


@dataclass(frozen=True)
class Golden:
    """One golden workflow. `tables` are its inputs by name, `parameters` values by name."""

    name: str
    diagram: Mapping[str, Any]
    tables: Mapping[str, pl.DataFrame]
    sql: str
    parameters: Mapping[str, Any] = field(default_factory=dict)

    @property
    def ordered(self) -> bool:
        return self.sql.startswith("-- ordered")

    @property
    def last(self) -> str:
        """The node on which nothing hangs."""
        sources = {edge["source"] for edge in self.diagram["edges"]}
        [last] = [node["id"] for node in self.diagram["nodes"] if node["id"] not in sources]
        return str(last)

    @property
    def operations(self) -> set[str]:
        return {node["data"]["config"]["operation"] for node in self.diagram["nodes"]}


def all_names() -> list[str]:
    return sorted(path.parent.name for path in HERE.glob("*/diagram.json"))


def load_golden(name: str) -> Golden:
    folder = HERE / name
    parameters = folder / "parameters.json"
    return Golden(
        name,
        json.loads((folder / "diagram.json").read_text()),
        {path.name.split(".")[1]: _table(path) for path in sorted(folder.glob("input.*"))},
        (folder / "expected.sql").read_text(),
        json.loads(parameters.read_text()) if parameters.exists() else {},
    )


def _table(path: Path) -> pl.DataFrame:
    if path.suffix == ".csv":
        return pl.read_csv(path, try_parse_dates=True)
    content = json.loads(path.read_text())
    schema = Schema.of(Column.from_json(each) for each in content["columns"])
    columns = list(zip(*content["rows"], strict=True)) or [()] * len(schema)
    return pl.DataFrame([_series(column, values) for column, values in zip(schema, columns, strict=True)])


def _series(column: Column, values: Sequence[Any]) -> pl.Series:
    kind = column.type.to_polars()
    if column.type.is_float:
        return pl.Series(column.name, [None if each is None else float(each) for each in values], dtype=kind)
    if column.type.name == "decimal":
        return pl.Series(column.name, [None if each is None else Decimal(each) for each in values], dtype=kind)
    if column.type.name == "date":
        return pl.Series(column.name, values, dtype=pl.String).str.to_date()
    if column.type.name == "datetime":
        stamps = pl.Series(column.name, values, dtype=pl.String).str.to_datetime(time_unit="us", time_zone=None)
        return stamps.dt.replace_time_zone(column.type.zone)
    return pl.Series(column.name, values, dtype=kind)


@dataclass(frozen=True)
class _Values:
    parameters: Mapping[str, Any]


def run_directly(golden: Golden) -> pl.DataFrame:
    """The rows by UZO's transforms alone: each node inferred and lowered in order, the last one collected."""
    nodes = {node["id"]: node["data"] for node in golden.diagram["nodes"]}
    edges = golden.diagram["edges"]
    order = TopologicalSorter(
        {node_id: [edge["source"] for edge in edges if edge["target"] == node_id] for node_id in nodes}
    )
    frames: dict[tuple[str, str], pl.LazyFrame] = {}
    schemas: dict[tuple[str, str], Schema] = {}
    context = InferContext(types_of(golden.parameters), open_parameters=False)
    for node_id in order.static_order():
        config = nodes[node_id]["config"]
        if nodes[node_id]["nodeType"] == "connector":
            frames[node_id, "output"] = golden.tables[config["table"]].lazy()
            schemas[node_id, "output"] = Schema.from_polars(golden.tables[config["table"]].schema)
            continue
        node_type = find("transform", config["operation"])
        assert isinstance(node_type, LazyNodeType), config["operation"]
        parsed = node_type.Config.model_validate(config)
        ends = [(edge["targetHandle"], (edge["source"], edge["sourceHandle"])) for edge in edges
                if edge["target"] == node_id]  # fmt: skip
        ports = dict.fromkeys(port for port, _ in ends)
        inference = node_type.infer(
            parsed, {port: [schemas[end] for at, end in ends if at == port] for port in ports}, context
        )
        assert inference.problems == (), (node_id, inference.problems)
        lowered = node_type.lower(
            parsed, {port: [frames[end] for at, end in ends if at == port] for port in ports},
            _Values(golden.parameters),
        )  # fmt: skip
        for port, frame in lowered.items():
            frames[node_id, port] = frame
            schemas[node_id, port] = inference.outputs[port]
    result = frames[golden.last, "output"].collect(engine="streaming")
    promised = schemas[golden.last, "output"]
    if not promised.dynamic:
        assert tuple(result.columns) == promised.names
    return result


def expected(golden: Golden) -> tuple[list[str], list[tuple[Any, ...]]]:
    """The names and rows by DuckDB."""
    with duckdb.connect(":memory:") as connection:
        connection.execute("SET TimeZone = 'UTC'")
        for name, table in golden.tables.items():
            connection.register(f"arrow_{name}", table.to_arrow(compat_level=pl.CompatLevel.oldest()))
            connection.execute(f'CREATE TABLE "{name}" AS SELECT * FROM "arrow_{name}"')
        for name, value in golden.parameters.items():
            connection.execute(f"SET VARIABLE {name} = ?", [value])
        cursor = connection.execute(golden.sql)
        return [each[0] for each in cursor.description], cursor.fetchall()


def assert_same_rows(golden: Golden, result: pl.DataFrame) -> None:
    """The result is what DuckDB says: names in order, rows in order or as a bag, floats to 12 digits."""
    names, rows = expected(golden)
    assert result.columns == names
    found = [_plain(row) for row in result.rows()]
    wanted = [_plain(row) for row in rows]
    if not golden.ordered:
        found, wanted = sorted(found, key=_key), sorted(wanted, key=_key)
    assert found == wanted


def _plain(row: Iterable[Any]) -> tuple[Any, ...]:
    return tuple(_value(each) for each in row)


def _value(value: Any) -> Any:
    if isinstance(value, Decimal):
        return ("number", format(value.normalize(), "f") if value else "0")
    if isinstance(value, bool) or value is None:
        return value
    if isinstance(value, int):
        return ("number", str(value))
    if isinstance(value, float):
        if math.isnan(value) or math.isinf(value):
            return ("number", str(value))
        return ("number", format(Decimal(f"{value:.12g}").normalize(), "f") if value else "0")
    if isinstance(value, list):
        return [_value(each) for each in value]
    return value


def _key(row: tuple[Any, ...]) -> str:
    return repr(row)
