"""Saved workflows as parts of others: what one may run, and which rows come of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from apps.accounts.models import User
from apps.accounts.naming import unknown_names
from apps.kernel.errors import Forbidden, NotFound
from apps.nodes.columns import UNKNOWN, Schema
from apps.nodes.problems import Problem
from apps.workflows.core.analysis import Analysis
from apps.workflows.core.answering import accepting_node, answering_node
from apps.workflows.core.graph import default_output
from apps.workflows.core.parameters import convert, declare
from apps.workflows.models import WorkflowVersion
from apps.workflows.selectors import version_for_execution

_MAX_DEPTH = 3
"""How far workflows within workflows are looked into; deeper ones have columns that only a run will tell."""
Analyse = Callable[..., Analysis]
Answer = tuple[Schema, tuple[Problem, ...]]


@dataclass(frozen=True, slots=True)
class _Look:
    """How deep we are, and what was found out on the way: two workflows may run each other a hundred times."""

    depth: int = 0
    known: dict[Any, Answer] = field(default_factory=dict)


_look: ContextVar[_Look | None] = ContextVar("sub_workflows", default=None)


class SavedWorkflows:
    """`apps.nodes.types.Workflows` by the right of a person; `analyse` analyses a saved version by the right
    of its author."""

    def __init__(self, person: User | None, analyse: Analyse) -> None:
        self._person = person
        self._analyse = analyse
        self._found: dict[str, WorkflowVersion | Problem] = {}

    def rows_of(
        self,
        workflow_id: str,
        *,
        parameters: Mapping[str, Any],
        input_node: str | None,
        output_node: str | None,
        rows: Schema,
    ) -> Answer:
        version = self._version(workflow_id)
        if isinstance(version, Problem):
            return UNKNOWN, (version,)
        wrong = _check_parameters(version, parameters)
        look = _look.get() or _Look()
        if look.depth >= _MAX_DEPTH:
            return UNKNOWN, wrong
        key = (look.depth, version.pk, input_node, output_node, rows if input_node is not None else None)
        if key not in look.known:
            token = _look.set(_Look(look.depth + 1, look.known))
            try:
                look.known[key] = self._rows_of(version, input_node, output_node, rows)
            finally:
                _look.reset(token)
        columns, problems = look.known[key]
        return columns, (*wrong, *problems)

    def _rows_of(
        self, version: WorkflowVersion, input_node: str | None, output_node: str | None, rows: Schema
    ) -> Answer:
        analysis = self._analyse(version, arriving={input_node: rows} if input_node is not None else None)
        at = "config.inputNode"
        try:
            if input_node is not None:
                accepting_node(analysis, input_node)
            at = "config.outputNode"
            answering = answering_node(analysis, output_node)
        except ValueError as error:
            return UNKNOWN, (Problem("invalid_config", str(error), at),)
        if not analysis.executable:
            [first, *_] = [each for each in analysis.problems if each.severity == "error"]
            message = f"the workflow has problems of its own: {first.node_id or 'diagram'}: {first.message}"
            return UNKNOWN, (Problem("invalid_config", message, "config.workflowId"),)
        if answering is None:
            return Schema(), ()
        node = analysis.nodes[answering]
        return node.columns(default_output(node.ports)), ()

    def unknown_people(self, names: Sequence[str]) -> Sequence[str]:
        return unknown_names(names)

    def _version(self, workflow_id: str) -> WorkflowVersion | Problem:
        if workflow_id not in self._found:
            self._found[workflow_id] = self._look_up(workflow_id)
        return self._found[workflow_id]

    def _look_up(self, workflow_id: str) -> WorkflowVersion | Problem:
        try:
            if self._person is None:
                raise NotFound
            return version_for_execution(self._person, UUID(workflow_id))
        except (NotFound, Forbidden, ValueError):
            message = "there is no such workflow, or you may not execute it"
            return Problem("invalid_config", message, "config.workflowId")


def _check_parameters(version: WorkflowVersion, parameters: Mapping[str, Any]) -> tuple[Problem, ...]:
    declared, _ = declare(version.parameters)
    problems = []
    for name, value in parameters.items():
        if name in declared:
            try:
                convert(value, declared[name].type)
            except ValueError as error:
                problems.append(Problem("type_mismatch", str(error), f"config.parameters.{name}"))
    return tuple(problems)
