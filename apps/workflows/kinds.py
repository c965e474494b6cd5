"""Workflows as a kind of object that can be granted on."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from uuid import UUID

from django.db.models import Q

from apps.accounts.access import ObjectKind, kind_named, register_kind
from apps.workflows.models import Workflow


def _above(workflow: Workflow) -> Iterator[tuple[str, UUID]]:
    yield "workflow", workflow.pk
    yield from kind_named("job").ancestors(workflow.job)


def _in_jobs_of(container: str, ids: Collection[UUID]) -> Q:
    job = kind_named("job")
    return Q(job_id__in=job.model._base_manager.filter(job.containers[container](ids)).values("pk"))


WORKFLOW = ObjectKind(
    name="workflow",
    model=Workflow,
    living=Workflow.objects.living().select_related("job__folder"),
    containers={
        "workspace": lambda ids: _in_jobs_of("workspace", ids),
        "folder": lambda ids: _in_jobs_of("folder", ids),
        "job": lambda ids: Q(job_id__in=ids),
    },
    ancestors=_above,
)


def register() -> None:
    register_kind(WORKFLOW)
