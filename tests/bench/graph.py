"""A workflow of ten thousand nodes: compiled, then run from its first node to its last."""

from __future__ import annotations

import statistics
import time
from collections.abc import Mapping
from importlib import import_module
from typing import Any

from tests.bench.harness import Measurement, figure, seconds
from tests.bench.stack import Bench
from tests.e2e.client import diagram, edge, node

NODES = 10_000
LANES = 100
ROUNDS = 5
RUN_SECONDS = 900
ROWS = 1_000


@figure("graph_10k_compile_s", unit="s", goal=1, better="lower")
def graph(bench: Bench) -> Measurement:
    """From the saved diagram to its plan, without a database; then the same workflow is executed through the
    API, and every node of it must have succeeded."""
    from apps.nodes.registry import load
    from apps.workflows.core.analysis import analyse
    from apps.workflows.core.plan import compile_plan

    for room in ("apps.transforms.nodes", "apps.executions.nodes", "apps.connectors.nodes"):
        load(import_module(room))
    files = bench.owner.post("connectors", {"name": "Numbers", "connector_type": "files", "config": {}})["id"]
    content = "n\n" + "\n".join(map(str, range(ROWS))) + "\n"
    answer = bench.owner.http.post(f"connectors/{files}/files", files={"file": ("numbers.csv", content.encode())})
    assert answer.status_code == 201, answer.text
    drawn = thousands(files)

    def compile_all() -> None:
        analysis = analyse(drawn, values={}, catalog=Numbers())  # type: ignore[arg-type]
        assert analysis.executable, analysis.problems[:3]
        assert len(compile_plan(analysis).nodes) == NODES

    compile_all()
    compiled = statistics.median(seconds(compile_all) for _ in range(ROUNDS))
    workflow = bench.workflow("Ten thousand", drawn)
    execution = bench.owner.post(f"workflows/{workflow}/execute", {"parameters": {}}, expect=202)
    ran = seconds(lambda: _until_over(bench, execution["id"]))
    return Measurement(compiled, note=f"median of {ROUNDS}; it then ran through in {ran:.0f} s")


def _until_over(bench: Bench, execution_id: str) -> None:
    end = time.monotonic() + RUN_SECONDS
    while time.monotonic() < end:
        found = bench.owner.get(f"executions/{execution_id}")
        if found["status"] not in ("queued", "running"):
            assert found["status"] == "success", found["error"]
            assert found["progress"] == 1
            return
        time.sleep(2)
    raise AssertionError(f"it did not end within {RUN_SECONDS} s")


class Numbers:
    """The columns of the one file that is read."""

    def columns(self, connector_id: str, config: Mapping[str, Any]) -> Any:
        from apps.nodes.columns import INT64, Column, Schema

        return Schema((Column("n", INT64),))

    def target_columns(self, connector_id: str, table: str) -> None:
        return None

    def connector_type(self, connector_id: str) -> str:
        return "files"


def thousands(files: str) -> dict[str, Any]:
    """Lanes of transforms behind one read, as wide as they are long."""
    nodes = [node("read", "connector", "read", connector=files, table="numbers.csv")]
    edges: list[dict[str, Any]] = []
    for number in range(NODES - 1):
        lane, place = number % LANES, number // LANES
        name = f"lane{lane}_{place}"
        nodes.append(_step(name, place))
        edges.append(edge(f"lane{lane}_{place - 1}" if place else "read", name))
    return diagram(nodes, edges)


def _step(name: str, place: int) -> dict[str, Any]:
    kinds: list[tuple[str, dict[str, Any]]] = [
        ("derive", {"expressions": {"n": "n + 1"}}),
        ("filter", {"expression": f"n > {place}"}),
        ("derive", {"expressions": {"n": "n * 1"}}),
        ("sort", {"by": ["n"]}),
    ]
    operation, config = kinds[place % 4]
    return node(name, "transform", operation, **config)
