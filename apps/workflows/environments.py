"""Reads of environments."""

from __future__ import annotations

from uuid import UUID

from django.db.models import QuerySet

from apps.accounts import access
from apps.accounts.access import Level
from apps.accounts.models import User
from apps.kernel.errors import FieldError, Forbidden, Invalid, NotFound
from apps.workflows.analysis import as_uuid
from apps.workflows.models import Environment, Workflow
from apps.workspaces.models import Workspace


def environments_of(workspace: Workspace) -> QuerySet[Environment]:
    """Those of a workspace that was found by its own rule."""
    return Environment.objects.filter(workspace=workspace)


def get_environment(viewer: User, id: UUID, level: Level = Level.READ) -> Environment:
    """Raises NotFound where its workspace may not be read, Forbidden below the level on it."""
    environment = Environment.objects.filter(pk=id).first()
    if environment is None:
        raise NotFound(f"There is no environment {id}")
    try:
        access.get_visible(viewer, "workspace", environment.workspace_id, level)
    except Forbidden:
        raise
    except NotFound:
        raise NotFound(f"There is no environment {id}") from None
    return environment


def environment_for(workflow: Workflow, named: str) -> Environment:
    """The environment of the workflow's workspace with that name, or id. Raises Invalid `not_found`."""
    environment = _named(workflow.job.folder.workspace_id, named).first()
    if environment is None:
        message = "the workspace of the workflow has no environment of that name or id"
        raise Invalid(errors=[FieldError("environment", "not_found", message)])
    return environment


def is_environment(workspace_id: UUID, named: str) -> bool:
    """Whether the workspace has an environment with that name, or id."""
    return _named(workspace_id, named).exists()


def _named(workspace_id: UUID, named: str) -> QuerySet[Environment]:
    found = Environment.objects.filter(workspace_id=workspace_id)
    identity = as_uuid(named)
    return found.filter(pk=identity) if identity is not None else found.filter(name=named)
