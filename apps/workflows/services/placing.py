"""Moving, restoring and copying workflows."""

from __future__ import annotations

from django.db import transaction

from apps.accounts.models import User
from apps.workflows.models import Workflow
from apps.workflows.selectors import current_version
from apps.workflows.services.limits import require_room
from apps.workflows.services.saving import Saved, create_workflow
from apps.workspaces.models import Job
from apps.workspaces.services import deletion, editing
from apps.workspaces.services.placing import require_writable
from apps.workspaces.services.restoring import require_living


@transaction.atomic
def move_workflow(*, workflow: Workflow, to: Job, by: User) -> Workflow:
    """Put a workflow into another job. Raises Forbidden without write on that job."""
    require_writable(by, to)
    before = workflow.job_id
    if before != to.pk:
        workflow.job = to
        editing.moved(
            workflow,
            object_type="workflow",
            workspace_id=to.folder.workspace_id,
            before=before,
            after=to.pk,
            by=by,
        )
    return workflow


@transaction.atomic
def restore_workflow(*, workflow: Workflow, by: User) -> Workflow:
    """Raises Conflict `parent_deleted`, Gone after 30 days, LimitReached."""
    require_living("job", workflow.job_id, "workflow")
    if workflow.deleted_at is not None:
        require_room()
    deletion.restore(workflow, object_type="workflow", workspace_id=workflow.job.folder.workspace_id, by=by)
    return workflow


def duplicate_workflow(*, workflow: Workflow, to: Job, by: User, name: str | None = None) -> Saved:
    """A new workflow with the current diagram of another; `by` is its author, so that connectors which they
    may not use become problems. Raises Forbidden without write on the job, LimitReached."""
    require_writable(by, to)
    version = current_version(workflow)
    return create_workflow(
        job=to,
        by=by,
        name=name or f"Copy of {workflow.name}"[:200],
        description=workflow.description,
        diagram=version.diagram,
        parameters=version.parameters,
    )
