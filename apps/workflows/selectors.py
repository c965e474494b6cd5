"""Reads of workflows, from what the viewer may see."""

from __future__ import annotations

from functools import cache
from uuid import UUID

from django.contrib.postgres.fields import ArrayField
from django.db.models import F, Func, IntegerField, Q, QuerySet, UUIDField, Value

from apps.accounts import access
from apps.accounts.access import Level
from apps.accounts.models import User
from apps.kernel.clock import now
from apps.kernel.errors import Forbidden, NotFound
from apps.workflows.models import Workflow, WorkflowLock, WorkflowVersion
from apps.workspaces.models import Job


def workflows(viewer: User) -> QuerySet[Workflow]:
    """All that the viewer may read, without what lists do not show."""
    return access.visible(viewer, "workflow").select_related(None)


def workflows_in(viewer: User, job: Job) -> QuerySet[Workflow]:
    """Those of a living job. Who may read the job may read all in it: then nothing else needs to be asked."""
    if access.allowed(viewer, job, Level.READ):
        return Workflow.objects.filter(job=job, deleted_at=None)
    return workflows(viewer).filter(job=job)


def with_places(found: QuerySet[Workflow], job: Job) -> QuerySet[Workflow]:
    """The job's workflows with their `place` in the order that it names; null, which sorts last, for the others."""
    order = Value(job.workflow_order, output_field=ArrayField(UUIDField()))
    place = Func(order, F("pk"), function="array_position", output_field=IntegerField())
    return found.annotate(place=place)


def current_version(workflow: Workflow) -> WorkflowVersion:
    """What is shown, and run by hand."""
    return WorkflowVersion.objects.select_related("author").get(workflow=workflow, number=workflow.version)


def standing_version(workflow: Workflow) -> WorkflowVersion:
    """What runs by itself: the published version, or the current one where none is published."""
    either = Q(published_at__isnull=False) | Q(number=workflow.version)
    found = _published_first().filter(either, workflow_id=workflow.pk)
    version = next(iter(found[:1]), None)
    return current_version(workflow) if version is None else version


@cache
def _published_first() -> QuerySet[WorkflowVersion]:
    """Versions with their authors; built once, since every start by itself asks for one."""
    return WorkflowVersion.objects.select_related("author").order_by(F("published_at").asc(nulls_last=True))


def version_for_execution(viewer: User, workflow_id: UUID, *, by_itself: bool = False) -> WorkflowVersion:
    """The version that runs when the viewer executes the workflow, or it starts by itself in their name,
    with its author.

    Raises NotFound without read on the workflow, Forbidden without execute.
    """
    workflow = access.get_visible(viewer, "workflow", workflow_id, Level.EXECUTE)
    return standing_version(workflow) if by_itself else current_version(workflow)


def versions_of(workflow: Workflow) -> QuerySet[WorkflowVersion]:
    """Those of a workflow that was found by its own rule, without what lists do not show."""
    found = WorkflowVersion.objects.filter(workflow=workflow).select_related("author", "published_by", "workflow")
    return found.defer("diagram", "parameters")


def get_version(viewer: User, id: UUID, level: Level = Level.READ) -> WorkflowVersion:
    """Raises NotFound where its workflow may not be read, Forbidden below the level on it."""
    found = WorkflowVersion.objects.select_related("author", "published_by", "workflow__job__folder")
    version = found.filter(pk=id).first()
    try:
        if version is not None:
            access.get_visible(viewer, "workflow", version.workflow_id, level)
            return version
    except Forbidden:
        raise
    except NotFound:
        pass
    raise NotFound(f"There is no version {id}")


def lock_of(workflow: Workflow) -> WorkflowLock | None:
    """Who has checked it out; None where nobody has, or the time is over."""
    return WorkflowLock.objects.select_related("holder").filter(workflow=workflow, expires_at__gt=now()).first()


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
    return None if found is None else standing_version(found)
