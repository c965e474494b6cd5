"""Tells the Prefect server, behind the work, what PostgreSQL knows: runs, their states, their stages.

Executions never wait for it. While the server cannot be reached nothing is lost: `prefect_state` says
what each run was told last, and the rest follows when it is back. Several hosts may tell at once:
a run is created under an idempotency key, and telling a state twice changes nothing.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import httpx
from django.db import DatabaseError, close_old_connections, connection
from django_tenants.utils import schema_context
from psycopg import sql

from apps.executions.models import StageResult, WorkflowExecution
from apps.executions.tenancy import active_schemas

logger = logging.getLogger(__name__)
FLOW_NAME = "run-execution"
_POLL_SECONDS = 0.5
_LONGEST_PAUSE = 30.0
_MAX_TASKS = 100
_MANY = 200
_REST, _REST_AT_WORK = 1, 9
"""Rests after a telling, in times of what it took: it costs Prefect's server as much as running a small execution
costs us, and thousands may have to be told."""
_STATES = {
    "queued": ("PENDING", "Pending"),
    "running": ("RUNNING", "Running"),
    "paused": ("PAUSED", "Paused"),
    "success": ("COMPLETED", "Completed"),
    "failed": ("FAILED", "Failed"),
    "cancelled": ("CANCELLED", "Cancelled"),
}


@dataclass(frozen=True, slots=True)
class Untold:
    schema: str
    execution_id: UUID


class Reporter:
    """`serve` runs in a thread until `stop`."""

    def __init__(self, api_url: str) -> None:
        self._api = httpx.Client(base_url=api_url.rstrip("/") + "/", timeout=10)
        self._stop = threading.Event()
        self._flow_id: str | None = None

    def serve(self, at_work: Callable[[], bool] = lambda: False) -> None:
        """Tell what is untold, again and again; with growing pauses while the server is away, and little while
        `at_work` says that executions need the processors."""
        pause = _POLL_SECONDS
        while not self._stop.wait(pause):
            try:
                self.tell_all(at_work)
                pause = _POLL_SECONDS
            except httpx.HTTPError as error:
                pause = min(pause * 2, _LONGEST_PAUSE)
                logger.info("Prefect is told later: %s", error or type(error).__name__)
            except DatabaseError as error:
                logger.warning("Prefect is told later: %s", error)
        self._api.close()
        connection.close()

    def stop(self) -> None:
        self._stop.set()

    def tell_all(self, at_work: Callable[[], bool], *, limit: int = _MANY) -> None:
        """Tell the oldest untold states, with a rest after each. Raises httpx.HTTPError."""
        close_old_connections()
        for each in find_untold(active_schemas(), limit=limit):
            began = time.monotonic()
            with schema_context(each.schema):
                self.tell(each.schema, each.execution_id)
            took = time.monotonic() - began
            if self._stop.wait(took * (_REST_AT_WORK if at_work() else _REST)):
                return

    def tell(self, schema: str, execution_id: UUID) -> None:
        """Make Prefect's view of one execution that of PostgreSQL. Call it in the tenant's schema."""
        execution = WorkflowExecution.objects.select_related("workflow").defer("plan").get(id=execution_id)
        state = _state(execution)
        run_id = execution.prefect_flow_run_id
        told = False
        if run_id is None:
            run_id, told = self._create_run(schema, execution, state)
        if execution.is_over:
            self._tell_stages(run_id, execution)
        if not told:
            self._post(f"flow_runs/{run_id}/set_state", {"state": state, "force": True})
        WorkflowExecution.objects.filter(id=execution_id).update(
            prefect_flow_run_id=run_id, prefect_state=execution.status
        )

    def _create_run(self, schema: str, execution: WorkflowExecution, state: dict[str, Any]) -> tuple[UUID, bool]:
        """A run in that state, which most small executions are over in; False where it was there already, since
        somebody told of it who could not write that down, and may be in another."""
        if self._flow_id is None:
            self._flow_id = self._post("flows/", {"name": FLOW_NAME})["id"]
        created = self._post(
            "flow_runs/",
            {
                "flow_id": self._flow_id,
                "name": f"{execution.workflow.name[:80]} {str(execution.id)[-8:]}",
                "parameters": {"execution_id": str(execution.id), "tenant_schema": schema},
                "tags": [f"tenant:{schema}", f"workflow:{execution.workflow_id}"],
                "idempotency_key": f"{schema}:{execution.id}",
                "state": state,
            },
        )
        return UUID(created["id"]), created["state"]["type"] == state["type"]

    def _tell_stages(self, run_id: UUID, execution: WorkflowExecution) -> None:
        for stage in StageResult.objects.filter(execution=execution)[:_MAX_TASKS]:
            self._post(
                "task_runs/",
                {
                    "flow_run_id": str(run_id),
                    "task_key": "run_stage",
                    "dynamic_key": stage.stage_id,
                    "name": _stage_name(stage),
                    "state": {"type": "FAILED", "name": "Failed"}
                    if stage.failed
                    else {"type": "COMPLETED", "name": "Completed"},
                },
            )

    def _post(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        answer = self._api.post(path, json=body)
        answer.raise_for_status()
        known: dict[str, Any] = answer.json()
        return known


def _state(execution: WorkflowExecution) -> dict[str, Any]:
    type_, name = _STATES[execution.status]
    message = (execution.error or {}).get("message")
    return {"type": type_, "name": name, "message": message}


def _stage_name(stage: StageResult) -> str:
    nodes = ", ".join(node["node_id"] for node in stage.result["nodes"])
    return f"{stage.stage_id}: {nodes}"[:150]


def find_untold(schemas: list[str], *, limit: int) -> list[Untold]:
    """Runs whose present status Prefect does not know, oldest first, in all the tenants' schemas."""
    found: list[Untold] = []
    for start in range(0, len(schemas), 100):
        parts = [
            sql.SQL(
                "(select {name}, id, created_at from {table} where kind = 'run' and prefect_state <> status"
                " and status <> 'queued' order by created_at limit {limit})"
            ).format(
                name=sql.Literal(schema),
                table=sql.Identifier(schema, WorkflowExecution._meta.db_table),
                limit=sql.Literal(limit),
            )
            for schema in schemas[start : start + 100]
        ]
        with connection.cursor() as cursor:
            cursor.execute(
                sql.SQL("select * from ({}) as found order by 3 limit {}").format(
                    sql.SQL(" union all ").join(parts), limit
                )
            )
            found += [Untold(schema, id) for schema, id, _ in cursor.fetchall()]
    return found[:limit]
