"""Reads of workflows, from what the viewer may see."""

from __future__ import annotations

from uuid import UUID

from django.db.models import QuerySet

from apps.accounts import access
from apps.accounts.access import Level
from apps.accounts.models import User
from apps.workflows.models import Workflow, WorkflowVersion
from apps.workspaces.models import Job


def workflows(viewer: User) -> QuerySet[Workflow]:
    """All that the viewer may read, without what lists do not show."""
    return access.visible(viewer, "workflow").select_related(None)


def workflows_in(viewer: User, job: Job) -> QuerySet[Workflow]:
    """Those of a living job. Who may read the job may read all in it: then nothing else needs to be asked."""
    if access.allowed(viewer, job, Level.READ):
        return Workflow.objects.filter(job=job, deleted_at=None)
    return workflows(viewer).filter(job=job)


def current_version(workflow: Workflow) -> WorkflowVersion:
    """What is shown and run."""
    return WorkflowVersion.objects.select_related("author").get(workflow=workflow, number=workflow.version)


def version_for_execution(viewer: User, workflow_id: UUID) -> WorkflowVersion:
    """The version that runs when the viewer executes the workflow, with its author.

    Raises NotFound without read on the workflow, Forbidden without execute.
    """
    return current_version(access.get_visible(viewer, "workflow", workflow_id, Level.EXECUTE))


def workflows_to_run(job: Job) -> list[Workflow]:
    """The living workflows of a job that was found by its own rule, as the job orders them: those that it
    names first, then the others by age."""
    named = {id: place for place, id in enumerate(job.workflow_order)}
    found = Workflow.objects.living().filter(job=job).order_by("created_at", "pk")
    return sorted(found, key=lambda workflow: named.get(workflow.pk, len(named)))


def is_living(workflow: Workflow) -> bool:
    """Whether neither it nor anything above it is deleted."""
    return Workflow.objects.living().filter(pk=workflow.pk).exists()


def version_on_failure(workflow_id: UUID) -> WorkflowVersion | None:
    """The version to run when a run of the workflow fails; None where none is named, or it was deleted."""
    named = Workflow.objects.filter(pk=workflow_id, on_failure_workflow__isnull=False)
    found = Workflow.objects.living().filter(pk__in=named.values("on_failure_workflow")).first()
    return None if found is None else current_version(found)
