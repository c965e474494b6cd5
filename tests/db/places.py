"""The harbour office: a workspace with two nested folders and a job, and what tests do with them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest


@dataclass(frozen=True)
class Place:
    """One way down the hierarchy: Harbour office → Arrivals → Ferries → Nightly count."""

    workspace: Any
    folder: Any
    nested: Any
    job: Any


@pytest.fixture
def place(owner: Any) -> Place:
    from apps.workspaces.services.folders import create_folder
    from apps.workspaces.services.jobs import create_job
    from apps.workspaces.services.workspaces import create_workspace

    workspace = create_workspace(by=owner, name="Harbour office")
    folder = create_folder(workspace=workspace, by=owner, name="Arrivals")
    nested = create_folder(workspace=workspace, by=owner, name="Ferries", parent=folder)
    job = create_job(folder=nested, by=owner, name="Nightly count")
    return Place(workspace, folder, nested, job)


@pytest.fixture
def grant() -> Any:
    """`grant(person, object, "write")`."""
    from apps.accounts.access import Level
    from apps.accounts.services import permissions

    return lambda person, obj, level: permissions.grant(obj=obj, to=person, level=Level(level))
