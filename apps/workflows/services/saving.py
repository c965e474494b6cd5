"""Saving diagrams: each save that changes something is a version, and knows its problems."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction

from apps.accounts.access import Level
from apps.accounts.models import User
from apps.kernel.clock import now
from apps.kernel.errors import Conflict, FieldError, Invalid
from apps.kernel.events import publish
from apps.workflows.analysis import analyse_for
from apps.workflows.core.analysis import Analysis
from apps.workflows.events import WorkflowSaved
from apps.workflows.models import Workflow, WorkflowVersion
from apps.workflows.selectors import current_version
from apps.workflows.services.checkout import require_free
from apps.workflows.services.limits import require_room
from apps.workflows.services.locking import locked
from apps.workflows.services.nodes import index_nodes
from apps.workspaces.models import Job
from apps.workspaces.services import editing
from apps.workspaces.services.placing import named_in_body

Parameters = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Saved:
    """A workflow as it stands, its current version, and what was found out about that."""

    workflow: Workflow
    version: WorkflowVersion
    analysis: Analysis


def create_workflow(
    *,
    job: Job,
    by: User,
    name: str,
    diagram: Mapping[str, Any],
    parameters: Parameters | None = None,
    description: str = "",
    on_failure_workflow_id: UUID | None = None,
    max_concurrent_executions: int | None = None,
    timeout: int | None = None,
) -> Saved:
    """A new workflow with its first version; a diagram with problems is a draft and saved as well.

    Raises LimitReached; Forbidden without execute on the workflow for failures; Invalid for what is no diagram,
    TooComplex for one too large, with nothing saved.
    """
    require_room()
    parameters = {} if parameters is None else parameters
    require_usable_on_failure(by, on_failure_workflow_id)
    analysis = analyse_for(by, diagram, parameters)
    workflow = Workflow(
        job=job,
        name=name,
        description=description,
        version=1,
        node_count=len(analysis.graph.nodes),
        updated_by=by,
        on_failure_workflow_id=on_failure_workflow_id,
        max_concurrent_executions=max_concurrent_executions,
        timeout=timeout,
    )
    with transaction.atomic():
        editing.created(workflow, object_type="workflow", workspace_id=job.folder.workspace_id, by=by)
        version = _add_version(workflow, diagram, parameters, by, analysis)
    return Saved(workflow, version, analysis)


def save_workflow(
    *,
    workflow: Workflow,
    by: User,
    changes: Mapping[str, Any],
    diagram: Mapping[str, Any] | None = None,
    parameters: Parameters | None = None,
    expected_version: int | None = None,
    autosave: bool = False,
    anew: bool = False,
) -> Saved:
    """Change name, description and the workflow for failures (`changes`), diagram, parameters; what is None stays.

    A diagram or parameters that differ from the current version make a new one; the order of keys counts. An
    autosave takes the place of the one before it while that is open: its number grows all the same. With `anew`
    there is a new version in any case.
    Raises Conflict `version_conflict` if `expected_version` is not the current one, `checked_out` where
    somebody else holds the workflow; Invalid, TooComplex.
    """
    require_usable_on_failure(by, changes.get("on_failure_workflow_id"), of=workflow)
    seen = current_version(workflow)
    if expected_version is not None and expected_version != seen.number:
        raise _changed_meanwhile(seen.number, expected_version)
    if diagram is None or parameters is None:
        expected_version = seen.number  # the half that stays is that of this version
    diagram = seen.diagram if diagram is None else diagram
    parameters = seen.parameters if parameters is None else parameters
    # Before the lock: it may wait for a source, and others must not wait for it.
    analysis = analyse_for(by, diagram, parameters)
    with transaction.atomic():
        workflow = locked(workflow)
        require_free(workflow, by)
        if expected_version is not None and expected_version != workflow.version:
            raise _changed_meanwhile(workflow.version, expected_version)
        current = seen if seen.number == workflow.version else current_version(workflow)
        differs = anew or not (same(diagram, current.diagram) and same(parameters, current.parameters))
        if differs:
            workflow.version += 1
            workflow.node_count = len(analysis.graph.nodes)
        workflow.updated_by = by
        told = editing.changed(
            workflow, changes, object_type="workflow", workspace_id=workflow.job.folder.workspace_id, by=by
        )
        if differs:
            if not told:
                editing.save(workflow, by=by)
            current = _add_version(workflow, diagram, parameters, by, analysis, after=current, autosave=autosave)
    return Saved(workflow, current, analysis)


def require_usable_on_failure(by: User, id: UUID | None, *, of: Workflow | None = None) -> None:
    """Raise Invalid for a workflow that `by` may not read or for the workflow itself, Forbidden for one that they
    may not run: whoever names it lets every failure run it."""
    if id is None:
        return
    if of is not None and id == of.pk:
        message = "a workflow cannot answer for its own failures"
        raise Invalid(errors=[FieldError("on_failure_workflow_id", "invalid", message)])
    named_in_body(by, "workflow", id, field="on_failure_workflow_id", level=Level.EXECUTE)


def same(one: Any, other: Any) -> bool:
    """Whether two JSON values are equal with the order of keys; `1`, `1.0` and `true` are three values."""
    return json.dumps(one) == json.dumps(other)


def _add_version(
    workflow: Workflow,
    diagram: Mapping[str, Any],
    parameters: Parameters,
    by: User,
    analysis: Analysis,
    *,
    after: WorkflowVersion | None = None,
    autosave: bool = False,
) -> WorkflowVersion:
    version = None
    if autosave and after is not None and _may_take_place_of(after, by, parameters):
        version = _in_place_of(after, workflow.version, diagram)
    if version is None:
        version = WorkflowVersion.objects.create(
            workflow=workflow,
            number=workflow.version,
            diagram=diagram,
            parameters=parameters,
            author=by,
            open=autosave,
        )
    index_nodes(workflow, analysis)
    errors = sum(problem.severity == "error" for problem in analysis.problems)
    publish(
        WorkflowSaved(
            workflow_id=workflow.pk,
            workspace_id=workflow.job.folder.workspace_id,
            name=workflow.name,
            version_id=version.pk,
            version=version.number,
            node_count=workflow.node_count,
            errors=errors,
            warnings=len(analysis.problems) - errors,
            by=by.pk,
        )
    )
    return version


def _may_take_place_of(version: WorkflowVersion, by: User, parameters: Parameters) -> bool:
    within = timedelta(minutes=settings.AUTOSAVE_MINUTES)
    return (
        version.open
        and version.author_id == by.pk
        and now() - version.created_at < within
        and same(parameters, version.parameters)
    )


def _in_place_of(version: WorkflowVersion, number: int, diagram: Mapping[str, Any]) -> WorkflowVersion | None:
    """The version with another state; None where it was closed meanwhile."""
    at = now()
    open_still = WorkflowVersion.objects.filter(pk=version.pk, open=True)
    if not open_still.update(number=number, diagram=diagram, saved_at=at):
        return None
    version.number, version.diagram, version.saved_at = number, diagram, at
    return version


def _changed_meanwhile(current: int, expected: int) -> Conflict:
    return Conflict(
        f"The workflow is at version {current} by now; you changed version {expected}",
        code="version_conflict",
        remedy="Read it again, put your change into what is there, and save that",
        extra={"version": current, "expected_version": expected},
    )
