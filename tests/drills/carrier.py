"""`python -m tests.drills.carrier <folder> <way> <config>`: a process of its own that carries the rows of a large CSV
file somewhere, and tells as JSON how many arrived and how much memory it held at most.

In a process of its own, since memory that a process once held is not given back.
"""

from __future__ import annotations

import json
import os
import sys
import threading
import time
from itertools import pairwise
from pathlib import Path
from typing import Any

import uzo.settings  # noqa: F401  # what UZO tells Polars

import polars as pl  # isort: skip

import apps.connectors.nodes
import apps.transforms.nodes
from apps.connectors.sdk import ConnectorContext, EgressPolicy, Storage, registry
from apps.executions.core.engine import Execution
from apps.executions.core.store import RunStore
from apps.executions.core.testing import FakeHost
from apps.executions.flows.memory import held_bytes
from apps.nodes.registry import load
from apps.workflows.core.analysis import analyse
from apps.workflows.core.plan import compile_plan
from tests.connectors.moving import Harbour
from tests.e2e.client import diagram, edge, node

FILE = "arrivals.csv"
FILES, DATABASE = "files", "database"
SOME = node("some", "transform", "filter", expression="tons >= 0")


def nodes(way: str) -> list[dict[str, Any]]:
    read = node("read", "connector", "read", connector=FILES, table=FILE)
    if way == "sums":
        counted = {"ships": {"function": "count"}, "tons": ["sum", "max"]}
        return [read, SOME, node("sums", "transform", "aggregate", groupBy=["quay"], aggregations=counted)]
    connector, table = {
        "csv": (FILES, "copy.csv"), "parquet": (FILES, "copy.parquet"), "postgresql": (DATABASE, "copy"),
    }[way]  # fmt: skip
    return [read, SOME, node("write", "connector", "write", connector=connector, table=table, mode="replace")]


class _Host(FakeHost):
    def __init__(self, harbour: Harbour) -> None:
        super().__init__()
        self._harbour = harbour

    def connector(self, connector_id: str) -> Any:
        return self._harbour.open_by_id[connector_id]()


def harbour(folder: Path, config: dict[str, Any]) -> Harbour:
    context = ConnectorContext(
        EgressPolicy(f"{config['host']}:{config['port']}"), Storage(folder / "files", quota=2**40)
    )
    kinds = {FILES: ("files", {}), DATABASE: ("postgresql", config)}
    opened = {}
    for name, (type_, given) in kinds.items():
        kind = registry.find(type_)
        assert kind is not None
        opened[name] = lambda kind=kind, given=given: kind(
            kind.Config.model_validate_json(json.dumps(given)), context=context
        )
    return Harbour(opened, folder)


def main(folder: Path, way: str, config: dict[str, Any]) -> dict[str, Any]:
    load(apps.transforms.nodes)
    load(apps.connectors.nodes)
    pl.LazyFrame({"n": [1, 2]}).group_by("n").len().collect(engine="streaming")
    sea = harbour(folder, config)
    drawn = nodes(way)
    analysis = analyse(
        diagram(drawn, [edge(one["id"], other["id"]) for one, other in pairwise(drawn)]),
        catalog=sea, connectors={FILES, DATABASE},
    )  # fmt: skip
    assert analysis.executable, analysis.problems
    plan = compile_plan(analysis)
    execution = Execution(plan, host=_Host(sea), store=RunStore(folder / "runs", "sea/one"))
    peak = [0]

    def watch() -> None:
        while True:
            peak[0] = max(peak[0], held_bytes(os.getpid()))
            time.sleep(0.005)

    threading.Thread(target=watch, daemon=True).start()
    began = time.monotonic()
    outcome = execution.run_all()
    return {
        "status": outcome.status, "error": str(outcome.error), "held": peak[0],
        "rows": {id: state.rows_out for id, state in execution.states.items()},
        "seconds": round(time.monotonic() - began, 1),
    }  # fmt: skip


if __name__ == "__main__":
    sys.stdout.write(json.dumps(main(Path(sys.argv[1]), sys.argv[2], json.loads(sys.argv[3]))))
