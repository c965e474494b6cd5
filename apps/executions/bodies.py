"""Executions and their nodes as clients read them: the API and the sockets say the same."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from apps.executions.models import ExecutionLog, NodeExecution, WorkflowExecution

MAX_MESSAGE = 4_000


def moment(value: datetime | None) -> str | None:
    """UTC with `Z`; fractions of a second only if there are any."""
    return None if value is None else value.isoformat().replace("+00:00", "Z")


def clip(text: str, length: int = MAX_MESSAGE) -> str:
    return text if len(text) <= length else f"{text[: length - 1]}…"


def error_body(code: str, message: str, remedy: str = "") -> dict[str, str]:
    """The error of a node or an execution, short enough for an event."""
    return {"code": code, "message": clip(message), "remedy": clip(remedy)}


def timeout_body(seconds: float) -> dict[str, str]:
    """The error of an execution on which workers worked for longer than its workflow allows."""
    return error_body(
        "timeout",
        f"The execution did not finish within {seconds:g} seconds of work",
        "Give the workflow more time, or less to do",
    )


def execution_body(execution: WorkflowExecution) -> dict[str, Any]:
    """An execution without its nodes."""
    return {
        "id": str(execution.id),
        "workflow_id": str(execution.workflow_id),
        "version_id": str(execution.version_id),
        "kind": execution.kind,
        "status": execution.status,
        "waiting_for": execution.waiting_for,
        "wake_at": moment(execution.wake_at),
        "progress": execution.progress,
        "trigger": execution.trigger,
        "retry_of": None if execution.retry_of_id is None else str(execution.retry_of_id),
        "triggered_by": None if execution.triggered_by_id is None else str(execution.triggered_by_id),
        "job_run_id": None if execution.job_run_id is None else str(execution.job_run_id),
        "parameters": execution.parameters,
        "created_at": moment(execution.created_at),
        "started_at": moment(execution.started_at),
        "finished_at": moment(execution.finished_at),
        "cancel_requested_at": moment(execution.cancel_requested_at),
        "pause_requested_at": moment(execution.pause_requested_at),
        "forecast": execution.forecast,
        "error": execution.error,
        "warnings": execution.warnings,
        "environment_id": None if execution.environment_id is None else str(execution.environment_id),
        "parent_id": None if execution.parent_id is None else str(execution.parent_id),
        "prefect_flow_run_id": None if execution.prefect_flow_run_id is None else str(execution.prefect_flow_run_id),
    }


def node_body(node: NodeExecution) -> dict[str, Any]:
    """One node, as in an execution's `nodes` and in `node_status` events."""
    return {
        "node_id": node.node_id,
        "status": node.status,
        "started_at": moment(node.started_at),
        "finished_at": moment(node.finished_at),
        "duration_ms": node.duration_ms,
        "rows_in": node.rows_in,
        "rows_out": node.rows_out,
        "pushed_down": node.pushed_down,
        "bytes": node.bytes,
        "attempt": node.attempt,
        "error": node.error,
        **({} if node.iterations is None else {"iterations": node.iterations}),
        **({"part": node.part} if node.part is not None and node.status == NodeExecution.Status.RUNNING else {}),
    }


def node_ids(plan: Mapping[str, Any]) -> list[str]:
    """The nodes that take part, in the plan's order."""
    return [node["id"] for node in plan.get("nodes", ())]


def connector_ids(plan: Mapping[str, Any]) -> list[UUID]:
    """The connectors that nodes of the plan use."""
    return sorted({UUID(id) for node in plan.get("nodes", ()) if (id := node.get("connector_id"))})


def node_bodies(execution: WorkflowExecution, nodes: Iterable[NodeExecution]) -> list[dict[str, Any]]:
    """Every node of the plan; one without a row has not begun, or never will."""
    rows = {node.node_id: node for node in nodes}
    untouched = NodeExecution.Status.PENDING
    if execution.status == WorkflowExecution.Status.CANCELLED:
        untouched = NodeExecution.Status.CANCELLED
    elif execution.is_over:
        untouched = NodeExecution.Status.SKIPPED
    ids = dict.fromkeys([*node_ids(execution.plan), *rows])
    return [node_body(rows.get(id) or NodeExecution(node_id=id, status=untouched)) for id in ids]


def log_body(line: ExecutionLog) -> dict[str, Any]:
    return {
        "node_id": line.node_id,
        "level": line.level,
        "message": line.message,
        "at": moment(line.at),
    }
