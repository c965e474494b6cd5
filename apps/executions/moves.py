"""The one door through which a status changes: nothing else writes `status` of executions or their nodes
(`tests/unit/executions/test_one_writer.py`). The table of allowed moves is in `core.states`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, LiteralString

from django.db import connection
from django.db.models import QuerySet
from psycopg import sql
from psycopg.types.json import Jsonb

from apps.executions.core.states import EXECUTION_MOVES, NODE_MOVES, ExecutionStatus, NodeStatus, transition
from apps.executions.models import NodeExecution, WorkflowExecution

_EXECUTIONS = sql.Identifier(WorkflowExecution._meta.db_table)
_WITH_THE_END = (
    "status", "finished_at", "waiting_for", "wake_at", "error", "warnings", "lease_owner", "lease_until", "progress",
    "forecast",
)  # fmt: skip
_SAID_BY_OTHERS = ("cancel_requested_at", "pause_requested_at", "prefect_flow_run_id")
_END = (
    sql.SQL("update {table} set {columns} where id = %s and fence = %s and status = %s returning {answers}")
    .format(
        table=_EXECUTIONS,
        columns=sql.SQL(", ").join(sql.SQL("{} = %s").format(sql.Identifier(name)) for name in _WITH_THE_END),
        answers=sql.SQL(", ").join([sql.Identifier(name) for name in _SAID_BY_OTHERS]),
    )
    .as_string(None)
)


def move(execution: WorkflowExecution, to: ExecutionStatus) -> None:
    """Move an execution whose row is locked; the caller saves it.

    Raises Conflict, `already_finished` if it is over.
    """
    execution.status = transition(ExecutionStatus(execution.status), to).value


def move_all(executions: QuerySet[WorkflowExecution], to: ExecutionStatus, **columns: Any) -> int:
    """Move those of the executions that may go there, in one statement without locks before; answers how many."""
    sources = [each for each, targets in EXECUTION_MOVES.items() if to in targets]
    return executions.filter(status__in=sources).update(status=to, **columns)


def claim_statement(
    where: sql.Composable, *, columns: Mapping[str, sql.Composable], answers: Mapping[str, sql.Composable]
) -> str:
    """The statement that sets one execution running where the condition holds, and answers it as it is then.
    Condition, columns and answers call it `mine`; `answers` become attributes of it beside its fields."""
    statement = sql.SQL(
        "update {table} mine set status = 'running', {columns}"
        " where mine.status in ('queued', 'running') and {where} returning mine.*, {answers}"
    ).format(
        table=_EXECUTIONS,
        columns=_listed("{name} = {expression}", columns),
        where=where,
        answers=_listed("{expression} as {name}", answers),
    )
    return statement.as_string(None)


def _listed(form: LiteralString, expressions: Mapping[str, sql.Composable]) -> sql.Composable:
    return sql.SQL(", ").join(
        sql.SQL(form).format(name=sql.Identifier(name), expression=expression)
        for name, expression in expressions.items()
    )


def end_row(execution: WorkflowExecution, *, was: str) -> bool:
    """Save an execution that was moved to its end, and what was noted on it with that; learn what others asked of it
    or told of it meanwhile. False where it is not as the caller knew it, in status `was` and with its fencing token:
    nothing is written then."""
    values: list[Any] = [getattr(execution, name) for name in _WITH_THE_END]
    values = [Jsonb(each) if isinstance(each, dict) else each for each in values]
    with connection.cursor() as cursor:
        cursor.execute(_END, [*values, execution.id, execution.fence, was])
        row = cursor.fetchone()
    if row is None:
        return False
    for name, value in zip(_SAID_BY_OTHERS, row, strict=True):
        setattr(execution, name, value)
    return True


def move_node(node: NodeExecution, to: NodeStatus) -> None:
    """Move one node of an execution that this caller holds; the caller saves it. Raises Conflict."""
    node.status = transition(NodeStatus(node.status), to).value


def move_nodes(nodes: QuerySet[NodeExecution], to: NodeStatus, **columns: Any) -> int:
    """Move those of the nodes that may go there; answers how many."""
    sources = [each for each, targets in NODE_MOVES.items() if to in targets]
    return nodes.filter(status__in=sources).update(status=to, **columns)


def copy_node(node: NodeExecution, status: NodeStatus) -> None:
    """Give a node's row the status that the engine told: the engine made its moves, and what it tells may
    leave some out."""
    node.status = status.value
