"""A text file that cannot be scanned (bad lines, another encoding, too large to be looked through) is read into the
store first: what is made of it is the same."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

import apps.connectors.nodes
import apps.transforms.nodes
from apps.connectors.catalog.files import Files, csv_read
from apps.connectors.sdk import ConnectorContext, EgressPolicy, ReadRequest, Storage
from apps.executions.core.engine import Execution
from apps.executions.core.store import RunStore
from apps.executions.core.testing import FakeHost
from apps.nodes.columns import Schema
from apps.nodes.registry import load
from apps.workflows.core.analysis import analyse
from apps.workflows.core.plan import Plan, compile_plan
from tests.unit.harbour import diagram, node

load(apps.transforms.nodes)
load(apps.connectors.nodes)
SHIPS = "ship,crew,port\nMary,12,Kiel\nAnna,7,Oslo\nIda,30,Kiel\n"


class Known:
    def __init__(self, connector: Files) -> None:
        self._connector = connector

    def columns(self, connector_id: str, config: Mapping[str, Any]) -> Schema:
        return self._connector.query_schema(
            ReadRequest(table=config["table"], format=config.get("format") or {})
        ).schema

    def target_columns(self, connector_id: str, table: str) -> Schema | None:
        raise AssertionError("nothing is written here")

    def connector_type(self, connector_id: str) -> str:
        return "files"


@pytest.mark.parametrize(
    ("content", "format", "looked_through"),
    [
        (SHIPS.encode(), {}, True),
        (SHIPS.encode(), {}, False),
        (SHIPS.encode() + b"Lost\n", {"onBadLine": "quarantine"}, True),
        (SHIPS.encode() + b"Lost,-,Riga\n", {"nullValues": ["-"]}, True),
        (SHIPS.replace("Oslo", "Malmö").encode("latin-1"), {"encoding": "latin-1"}, True),
    ],
    ids=["clean", "large", "short line", "null values", "latin-1"],
)
def test_what_follows_the_read_of_a_file_sees_all_columns_that_it_uses(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: bytes, format: dict[str, Any], looked_through: bool
) -> None:
    if not looked_through:
        monkeypatch.setattr(csv_read, "_PROFILED_BYTES", 1)
    storage = Storage(tmp_path / "files")
    storage.put("ships.csv", [content])
    files = Files(Files.Config(), context=ConnectorContext(EgressPolicy(""), storage))
    reading = node("read", "read", category="connector", table="ships.csv", format=format)
    reading["data"]["connectorId"] = "quay"
    drawn = diagram(
        [
            reading,
            node("large", "filter", category="transform", expression="crew > 10"),
            node("sums", "aggregate", category="transform", groupBy=["port"], aggregations={"crew": "sum"}),
        ],
        "read -> large",
        "large -> sums",
    )
    analysis = analyse(drawn, catalog=Known(files), connectors={"quay"})
    plan = Plan.from_json(compile_plan(analysis).as_json())
    store = RunStore(tmp_path / "runs").of_execution("harbour", "run-1")
    execution = Execution(plan, host=FakeHost(connectors={"quay": files}), store=store)
    assert execution.run_all().status == "success", execution.outcome
    assert execution.states["large"].rows_out == 2
    [dataset] = [
        each for stage in execution.results.values() for (_, port), each in stage.datasets.items() if port == "output"
        and each.schema.names == ("port", "crew_sum")
    ]  # fmt: skip
    assert store.scan(dataset).collect().rows() == [("Kiel", 42)]
