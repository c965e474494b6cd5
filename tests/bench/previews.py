"""How long a person waits for the preview of a node."""

from __future__ import annotations

import time
from datetime import datetime
from itertools import pairwise

from tests.bench.harness import Measurement, figure, percentile
from tests.bench.stack import Bench
from tests.e2e.client import diagram, edge, node

NODES = 20
RUNS = 60
WARM_UP = 5
ROWS = 5_000


@figure("preview_p95_ms", unit="ms", goal=300, better="lower")
def preview(bench: Bench) -> Measurement:
    """The call → its sample is there, for transforms all along a chain of twenty nodes whose source has been
    sampled once."""
    files = bench.owner.post("connectors", {"name": "Sizes", "connector_type": "files", "config": {}})["id"]
    lines = "\n".join(f"{number},{number % 7}" for number in range(ROWS))
    answer = bench.owner.http.post(
        f"connectors/{files}/files", files={"file": ("sizes.csv", f"n,kind\n{lines}\n".encode())}
    )
    assert answer.status_code == 201, answer.text
    steps = [node("read", "connector", "read", connector=files, table="sizes.csv")]
    for number in range(1, NODES):
        kind = [("derive", {"expressions": {f"c{number}": f"n * {number}"}}), ("filter", {"expression": "n > 2"})]
        operation, config = kind[number % 2]
        steps.append(node(f"step{number}", "transform", operation, **config))
    drawn = diagram(steps, [edge(one["id"], other["id"]) for one, other in pairwise(steps)])
    workflow = bench.workflow("Preview", drawn)
    took = []
    for run in range(WARM_UP + RUNS):
        node_id = f"step{1 + run * 7 % (NODES - 1)}"
        called = time.time()
        execution = bench.owner.post(f"workflows/{workflow}/nodes/{node_id}/execute", {}, expect=202)
        over = bench.owner.wait(execution["execution_id"])
        assert over["status"] == "success", over
        shown = bench.owner.get(f"workflows/{workflow}/nodes/{node_id}/preview")
        assert shown["row_count"] > 0
        took.append(1000 * (datetime.fromisoformat(over["finished_at"]).timestamp() - called))
    warm = took[WARM_UP:]
    return Measurement(percentile(warm, 0.95), note=f"p50 {percentile(warm, 0.5):.0f} ms, {RUNS} previews")
