"""The run of the sample workflow, and the table that a person sees of it."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any

from uzo.local.demo.client import Client
from uzo.local.errors import LocalError

FINAL = ("success", "failed", "cancelled")
RUN_SECONDS = 180
LONGEST_PAUSE = 0.4
"""Seconds between two looks at the run: whoever asks all the time slows down what it waits for."""


def run(client: Client, workflow_id: str) -> dict[str, Any]:
    """Execute the workflow and wait for its end. Raises LocalError unless it succeeds."""
    execution: dict[str, Any] = client.post(f"workflows/{workflow_id}/execute", {"parameters": {}}, status=202)
    end, pause = time.monotonic() + RUN_SECONDS, 0.1
    while execution["status"] not in FINAL:
        if time.monotonic() > end:
            raise LocalError(
                f"The sample workflow is {execution['status']} since {RUN_SECONDS} s.",
                remedy="Look at workers.log in the folder `logs` of the data folder.",
            )
        time.sleep(pause)
        pause = min(pause * 1.2, LONGEST_PAUSE)
        execution = client.get(f"executions/{execution['id']}")
    if execution["status"] != "success":
        failed = [f"{node['node_id']}: {node['error']['message']}" for node in execution["nodes"] if node["error"]]
        raise LocalError(
            f"The sample workflow ended as {execution['status']}: {'; '.join(failed) or execution['error']}",
            remedy="Open it in the studio, or look at workers.log in the folder `logs` of the data folder.",
        )
    return execution


def number(value: int | None) -> str:
    return "–" if value is None else f"{value:,}"


def node_table(nodes: Sequence[dict[str, Any]], labels: dict[str, str]) -> str:
    """The nodes of an execution as a text table: what they are, how they ended, rows, milliseconds."""
    head = ("node", "status", "rows in", "rows out", "ms")
    rows = [
        (
            labels.get(node["node_id"], node["node_id"]),
            node["status"],
            number(node["rows_in"]),
            number(node["rows_out"]),
            number(node["duration_ms"]),
        )
        for node in nodes
    ]
    widths = [max(len(row[index]) for row in [head, *rows]) for index in range(len(head))]
    lines = []
    for row in [head, tuple("─" * width for width in widths), *rows]:
        left = [cell.ljust(width) for cell, width in zip(row[:2], widths[:2], strict=True)]
        right = [cell.rjust(width) for cell, width in zip(row[2:], widths[2:], strict=True)]
        lines.append("  " + "  ".join([*left, *right]).rstrip())
    if any(node["pushed_down"] for node in nodes):
        lines.append(f"  {number(None)}: the database filtered by itself, and sent only what was left")
    return "\n".join(lines)
