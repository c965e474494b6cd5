"""A read of a database asks it for what is used, and for nothing else."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

import apps.connectors.nodes
import apps.transforms.nodes
from apps.connectors.catalog.sqlite import Sqlite
from apps.connectors.sdk import BatchStream, ConnectorContext, EgressPolicy, ReadRequest, Storage
from apps.executions.core.engine import Execution
from apps.executions.core.store import RunStore
from apps.executions.core.testing import FakeHost
from apps.nodes.columns import Schema
from apps.nodes.registry import load
from apps.workflows.core.analysis import analyse
from apps.workflows.core.plan import Plan, compile_plan
from tests.unit.harbour import diagram, node, rows

load(apps.transforms.nodes)
load(apps.connectors.nodes)
SHIPS = [(1, "Mary", "Kiel", 12), (2, "Anna", "Oslo", 7), (3, "Ida", "Kiel", 30)]


class Observed(Sqlite):
    """SQLite that remembers the columns it was asked for."""

    asked: tuple[str, ...] | None = ()

    def read(self, request: ReadRequest) -> BatchStream:
        self.asked = request.columns
        return super().read(request)


@pytest.fixture
def ships(tmp_path: Path) -> Observed:
    storage = Storage(tmp_path / "files", quota=2**20)
    with sqlite3.connect(tmp_path / "ships.sqlite") as connection:
        connection.execute("CREATE TABLE ships (id INTEGER, ship TEXT, port TEXT, crew INTEGER)")
        connection.executemany("INSERT INTO ships VALUES (?, ?, ?, ?)", SHIPS)
    connection.close()
    storage.put("ships.sqlite", [(tmp_path / "ships.sqlite").read_bytes()])
    return Observed(Sqlite.Config(file="ships.sqlite"), context=ConnectorContext(EgressPolicy(""), storage))


class Known:
    """A catalog that knows the one connector."""

    def __init__(self, connector: Observed) -> None:
        self._connector = connector

    def columns(self, connector_id: str, config: Mapping[str, Any]) -> Schema:
        return self._connector.discover(config["table"])[0].schema

    def target_columns(self, connector_id: str, table: str) -> Schema | None:
        raise AssertionError("nothing is written here")

    def connector_type(self, connector_id: str) -> str:
        return "sqlite"


def run(ships: Observed, folder: Path, read: dict[str, Any], then: dict[str, Any], **more: Any) -> tuple[Any, RunStore]:
    reading = node("read", "read", category="connector", table="ships", **read)
    reading["data"]["connectorId"] = "quay"
    drawn = diagram([reading, node("then", category="transform", **then)], "read -> then")
    analysis = analyse(drawn, catalog=Known(ships), connectors={"quay"})
    assert [problem for problem in analysis.problems if problem.severity == "error"] == []
    plan = Plan.from_json(compile_plan(analysis).as_json())
    store = RunStore(folder / "runs").of_execution("harbour", "run-1")
    execution = Execution(plan, host=FakeHost(connectors={"quay": ships}), store=store, **more)
    assert execution.run_all().status == "success", execution.outcome
    return execution, store


COUNTED = {"operation": "aggregate", "groupBy": ["port"], "aggregations": {"n": {"function": "count"}}}


@pytest.mark.parametrize(
    ("read", "then", "asked"),
    [
        ({}, {"operation": "select", "columns": ["id"]}, ("id",)),
        ({}, COUNTED, ("port",)),
        ({"filters": "crew > 10"}, COUNTED, ("port", "crew")),
        ({"columns": ["id", "port"]}, COUNTED, ("port",)),
        ({}, {"operation": "sort", "by": ["crew"]}, ("id", "ship", "port", "crew")),
        ({"columns": ["id", "ship"]}, {"operation": "sort", "by": ["id"]}, ("id", "ship")),
        ({"keepOutput": True}, COUNTED, None),
        ({"keepOutput": True, "columns": ["id", "port"]}, COUNTED, ("id", "port")),
        ({}, {"operation": "aggregate", "aggregations": {"n": {"function": "count"}}}, ("id",)),
    ],
)
def test_only_used_columns_are_asked_for(
    ships: Observed, tmp_path: Path, read: dict[str, Any], then: dict[str, Any], asked: tuple[str, ...] | None
) -> None:
    execution, _ = run(ships, tmp_path, read, then)
    assert ships.asked == asked
    assert execution.states["read"].rows_out == (2 if "filters" in read else 3)


def test_rows_are_the_same_with_and_without_what_nobody_uses(ships: Observed, tmp_path: Path) -> None:
    pruned, store = run(ships, tmp_path / "a", {"filters": "crew > 10"}, COUNTED)
    whole, other = run(ships, tmp_path / "b", {"filters": "crew > 10", "keepOutput": True}, COUNTED)
    assert rows(pruned, store, "then") == rows(whole, other, "then")


def test_a_sample_for_previews_has_all_columns(ships: Observed, tmp_path: Path) -> None:
    run(ships, tmp_path, {}, COUNTED, sample=2)
    assert ships.asked is None
