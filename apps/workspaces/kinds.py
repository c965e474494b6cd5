"""The kinds of objects here that can be granted on, and where each lies."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from uuid import UUID

from django.db.models import Q

from apps.accounts.access import ObjectKind, register_kind
from apps.workspaces.models import Folder, Job, JobPackage, Workspace


def _above_folder(folder: Folder) -> Iterator[tuple[str, UUID]]:
    for folder_id in reversed(folder.path):
        yield "folder", folder_id
    yield "workspace", folder.workspace_id


def above_job(job: Job) -> Iterator[tuple[str, UUID]]:
    """(kind, id) of a job and of everything above it, nearest first."""
    yield "job", job.pk
    yield from _above_folder(job.folder)


def _jobs_in_workspaces(ids: Collection[UUID]) -> Q:
    return Q(folder_id__in=Folder.objects.filter(workspace_id__in=ids).values("pk"))


def _jobs_in_folders(ids: Collection[UUID]) -> Q:
    return Q(folder_id__in=Folder.objects.filter(path__overlap=list(ids)).values("pk"))


KINDS = (
    ObjectKind(
        name="workspace",
        model=Workspace,
        living=Workspace.objects.living(),
        containers={},
        ancestors=lambda workspace: (("workspace", workspace.pk),),
    ),
    ObjectKind(
        name="folder",
        model=Folder,
        living=Folder.objects.living(),
        containers={
            "workspace": lambda ids: Q(workspace_id__in=ids),
            "folder": lambda ids: Q(path__overlap=list(ids)),
        },
        ancestors=_above_folder,
    ),
    ObjectKind(
        name="job",
        model=Job,
        living=Job.objects.living().select_related("folder"),
        containers={"workspace": _jobs_in_workspaces, "folder": _jobs_in_folders},
        ancestors=above_job,
    ),
    ObjectKind(
        name="job_package",
        model=JobPackage,
        living=JobPackage.objects.living(),
        containers={"workspace": lambda ids: Q(workspace_id__in=ids)},
        ancestors=lambda package: (("job_package", package.pk), ("workspace", package.workspace_id)),
    ),
)


def register() -> None:
    for kind in KINDS:
        register_kind(kind)
