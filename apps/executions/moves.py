"""The one door through which a status changes: nothing else writes `status` of executions or their nodes
(`tests/unit/executions/test_one_writer.py`). The table of allowed moves is in `core.states`."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet

from apps.executions.core.states import EXECUTION_MOVES, NODE_MOVES, ExecutionStatus, NodeStatus, transition
from apps.executions.models import NodeExecution, WorkflowExecution


def move(execution: WorkflowExecution, to: ExecutionStatus) -> None:
    """Move an execution whose row is locked; the caller saves it.

    Raises Conflict, `already_finished` if it is over.
    """
    execution.status = transition(ExecutionStatus(execution.status), to).value


def move_all(executions: QuerySet[WorkflowExecution], to: ExecutionStatus, **columns: Any) -> int:
    """Move those of the executions that may go there, in one statement without locks before; answers how many."""
    sources = [each for each, targets in EXECUTION_MOVES.items() if to in targets]
    return executions.filter(status__in=sources).update(status=to, **columns)


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
