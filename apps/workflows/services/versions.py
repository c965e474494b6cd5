"""Versions: kept, named, published, brought back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import transaction

from apps.accounts.models import User
from apps.kernel.clock import now
from apps.kernel.events import publish
from apps.workflows.events import (
    VersionNamed,
    VersionPublished,
    VersionRolledBack,
    VersionUnpublished,
)
from apps.workflows.models import Workflow, WorkflowLock, WorkflowVersion
from apps.workflows.selectors import current_version
from apps.workflows.services import checkout
from apps.workflows.services.locking import locked
from apps.workflows.services.saving import Saved, save_workflow


def keep_version(version: WorkflowVersion) -> WorkflowVersion:
    """Close a version, since something is about to refer to its state. An autosave that was faster has made it
    another state under the same id: that is answered then, and kept."""
    while version.open:
        as_read = WorkflowVersion.objects.filter(pk=version.pk, number=version.number)
        if as_read.update(open=False):
            version.open = False
        else:
            version = WorkflowVersion.objects.select_related("author").get(pk=version.pk)
    return version


@transaction.atomic
def create_version(
    *,
    workflow: Workflow,
    by: User,
    name: str = "",
    comment: str = "",
    diagram: Mapping[str, Any] | None = None,
    parameters: Mapping[str, Any] | None = None,
    expected_version: int | None = None,
) -> WorkflowVersion:
    """A new version of the state that is given, else of the current one. Raises what saving raises."""
    saved = save_workflow(
        workflow=workflow,
        by=by,
        changes={},
        diagram=diagram,
        parameters=parameters,
        expected_version=expected_version,
        anew=True,
    )
    return _named(saved.version, by=by, name=name, comment=comment)


@transaction.atomic
def name_version(
    *, version: WorkflowVersion, by: User, name: str | None = None, comment: str | None = None
) -> WorkflowVersion:
    """Give a version a name or a comment; what is None stays. Autosaves do not take its place any more."""
    version = keep_version(version)
    return _named(
        version,
        by=by,
        name=version.name if name is None else name,
        comment=version.comment if comment is None else comment,
    )


def check_out_version(*, version: WorkflowVersion, by: User, take_over: bool = False) -> WorkflowLock:
    """Check the workflow out at this version, which must be the current one. Raises what checking out raises."""
    return checkout.check_out(workflow=version.workflow, by=by, version=version.number, take_over=take_over)


@transaction.atomic
def check_in_version(*, version: WorkflowVersion, by: User, name: str = "", comment: str = "") -> WorkflowVersion:
    """Let go of the workflow; its current version is kept, with a name and a comment where they are given.

    Raises Conflict `not_checked_out` where the workflow is not held, `checked_out` where another holds it.
    """
    workflow = locked(version.workflow)
    checkout.require_held(workflow, by)
    current = name_version(version=current_version(workflow), by=by, name=name or None, comment=comment or None)
    checkout.release(workflow=workflow, by=by)
    return current


@transaction.atomic
def publish_version(*, version: WorkflowVersion, by: User) -> WorkflowVersion:
    """From now on this version runs when the workflow starts by itself; the one before it is published no more."""
    workflow = locked(version.workflow)
    version = keep_version(version)
    if version.published_at is None:
        others = WorkflowVersion.objects.filter(workflow=workflow, published_at__isnull=False)
        others.update(published_at=None, published_by=None)
        version.published_at, version.published_by = now(), by
        version.save(update_fields=["published_at", "published_by"])
        publish(VersionPublished(**_told(version, by)))
    return version


@transaction.atomic
def unpublish_version(*, version: WorkflowVersion, by: User) -> WorkflowVersion:
    """The current version runs again when the workflow starts by itself."""
    locked(version.workflow)
    if version.published_at is not None:
        version.published_at = version.published_by = None
        version.save(update_fields=["published_at", "published_by"])
        publish(VersionUnpublished(**_told(version, by)))
    return version


@transaction.atomic
def roll_back(*, version: WorkflowVersion, by: User, expected_version: int | None = None) -> Saved:
    """Make the state of a version the current one again, as a new version: nothing is lost. Raises what saving
    raises."""
    saved = save_workflow(
        workflow=version.workflow,
        by=by,
        changes={},
        diagram=version.diagram,
        parameters=version.parameters,
        expected_version=expected_version,
    )
    publish(VersionRolledBack(**_told(version, by)))
    return saved


def _named(version: WorkflowVersion, *, by: User, name: str, comment: str) -> WorkflowVersion:
    if (name, comment) != (version.name, version.comment):
        version.name, version.comment = name, comment
        version.save(update_fields=["name", "comment"])
        publish(VersionNamed(**_told(version, by), version_name=name))
    return version


def _told(version: WorkflowVersion, by: User) -> dict[str, Any]:
    """What every event of a version says."""
    workflow = version.workflow
    return {
        "workflow_id": workflow.pk,
        "workspace_id": workflow.job.folder.workspace_id,
        "name": workflow.name,
        "version_id": version.pk,
        "version": version.number,
        "by": by.pk,
    }
