"""Filters of the lists of workflows. They narrow what the viewer sees and never look beyond it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.utils.dateparse import parse_datetime
from drf_spectacular.types import OpenApiTypes

from apps.workflows.models import Workflow, WorkflowNode
from apps.workspaces.models import Folder, Job

Workflows = QuerySet[Workflow]


def _in_workspace(found: Workflows, value: str) -> Workflows:
    return found.filter(job__in=Job.objects.filter(folder__workspace_id=UUID(value)).values("pk"))


def _in_folder(found: Workflows, value: str) -> Workflows:
    folders = Folder.objects.filter(path__contains=[UUID(value)]).values("pk")
    return found.filter(job__in=Job.objects.filter(folder__in=folders).values("pk"))


def _with_node_type(found: Workflows, value: str) -> Workflows:
    category, _, operation = value.partition(".")
    nodes = WorkflowNode.objects.filter(node_type=category, **({"operation": operation} if operation else {}))
    return found.filter(pk__in=nodes.values("workflow_id"))


def _with_connector(found: Workflows, value: str) -> Workflows:
    return found.filter(pk__in=WorkflowNode.objects.filter(connector_id=UUID(value)).values("workflow_id"))


def _moment(value: str) -> Any:
    moment = parse_datetime(value)
    if moment is None or moment.tzinfo is None:
        raise ValueError(value)
    return moment


IN_JOB: dict[str, Any] = {
    "name": "name",
    "node_type": _with_node_type,
    "connector_id": _with_connector,
    "updated_after": lambda found, value: found.filter(updated_at__gte=_moment(value)),
    "updated_before": lambda found, value: found.filter(updated_at__lt=_moment(value)),
}
EVERYWHERE: dict[str, Any] = {
    "workspace_id": _in_workspace,
    "folder_id": _in_folder,
    "job_id": "job_id",
    **IN_JOB,
}
TYPES = {
    **dict.fromkeys(("workspace_id", "folder_id", "job_id", "connector_id"), OpenApiTypes.UUID),
    **dict.fromkeys(("updated_after", "updated_before"), OpenApiTypes.DATETIME),
}
SEARCH = ("name", "description")
ORDERING = ("name", "created_at", "updated_at")
ORDERING_IN_JOB = (*ORDERING, "place")
