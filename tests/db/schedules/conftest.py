"""A job with one workflow, and ways to let time pass: PostgreSQL's clock cannot be stopped, so cursors move."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from tests.db.executions.conftest import run_folder, work
from tests.e2e.client import diagram, node

__all__ = ["run_folder", "work"]


@pytest.fixture
def job(owner: Any) -> Any:
    from apps.workspaces.services.folders import create_folder
    from apps.workspaces.services.jobs import create_job
    from apps.workspaces.services.workspaces import create_workspace

    workspace = create_workspace(by=owner, name="Harbour office")
    return create_job(folder=create_folder(workspace=workspace, by=owner, name="Arrivals"), by=owner, name="Nightly")


@pytest.fixture
def workflow(job: Any, owner: Any) -> Any:
    return make_workflow(job, owner, "ebb")


def make_workflow(job: Any, owner: Any, name: str, *, fails: bool = False) -> Any:
    from apps.workflows.services.saving import create_workflow

    drawn = node(name, "control", "fail") if fails else node(name, "control", "wait", seconds=0)
    return create_workflow(job=job, by=owner, name=name, diagram=diagram([drawn], [])).workflow


@pytest.fixture
def grant() -> Any:
    """`grant(person, object, "write")`."""
    from apps.accounts.access import Level
    from apps.accounts.services import permissions

    return lambda person, obj, level: permissions.grant(obj=obj, to=person, level=Level(level))


@pytest.fixture
def schedule(job: Any, owner: Any, workflow: Any) -> Callable[..., Any]:
    """Makes a schedule of the job: by default every minute."""
    from apps.schedules.services.schedules import create_schedule

    def make(**fields: Any) -> Any:
        when = {} if "every_seconds" in fields else {"cron": "* * * * *"}
        return create_schedule(target=job, by=owner, **{**when, **fields})

    return make


def pass_time(schedule: Any, **how_long: float) -> None:
    """As if so long ago a scheduler had looked last."""
    from apps.schedules.clock import database_now
    from apps.schedules.models import Schedule
    from apps.schedules.services.schedules import next_fire

    row = Schedule.objects.get(pk=schedule.pk)
    row.decided_until = database_now() - timedelta(**how_long)
    row.next_fire_at = next_fire(row)
    row.save()
    schedule.refresh_from_db()
