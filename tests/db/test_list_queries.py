"""Every list of the OpenAPI document asks the database as often for a whole page as for a single row."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from apps.accounts.access import Level
from apps.accounts.models import Group, Membership, User
from apps.accounts.services.api_keys import create as create_key
from apps.accounts.services.permissions import grant
from apps.connectors.services.connectors import create_connector
from apps.executions.models import Approval, ExecutionLog, JobRun, LoopIteration, WorkflowExecution
from apps.kernel.api.schema_views import document
from apps.notifications.models import Notification
from apps.schedules.models import Backfill, Fire, HookEvent, HookRefusal, TriggerFire
from apps.schedules.services.hooks import create_hook
from apps.schedules.services.schedules import create_schedule
from apps.schedules.services.triggers import create_trigger
from apps.workflows.core.analysis import analyse
from apps.workflows.core.plan import compile_plan
from apps.workflows.services.environments import create_environment
from apps.workflows.services.saving import create_workflow, save_workflow
from apps.workspaces.services.deletion import delete
from apps.workspaces.services.folders import create_folder
from apps.workspaces.services.job_packages import create_job_package
from apps.workspaces.services.jobs import create_job
from apps.workspaces.services.workspaces import create_workspace
from tests.db.counting import counted
from tests.db.diagrams import diagram, node

FEW = 4
DAY = datetime(2026, 1, 1, tzinfo=UTC)
DIAGRAM: dict[str, Any] = {"nodes": [], "edges": []}
NO_ROWS = {
    "/api/v1/capabilities",
    "/api/v1/connector-types",
    "/api/v1/connectors/{id}/files",
    "/api/v1/expression-functions",
    "/api/v1/features/enabled",
    "/api/v1/node-types",
    "/api/v1/templates",
}
"""Of what the code or a folder holds."""
QUERY = {
    "/api/v1/audit/logs": "action=job_created",
    "/api/v1/permissions": "object_type=workspace&object_id={workspace}",
    "/api/v1/permissions/access": "object_type=workspace&object_id={workspace}",
    "/api/v1/permissions/subjects": "object_type=workspace&object_id={workspace}",
    "/api/v1/tree/search": "search=Hourly",
    "/api/v1/users/{id}/access": "object_type=workspace",
    "/api/v1/workspaces/{id}/tree": "parent_id={folder}",
}
LISTS = sorted(
    path
    for path, methods in document("uzo.urls")["paths"].items()
    if any(each["name"] == "page_size" for each in methods.get("get", {}).get("parameters", ()))
)


@pytest.fixture
def ids(owner: User) -> dict[str, Any]:
    """A few of everything that is listed, by different people; the ids of those that hold the others."""
    crew = [User.objects.create_user(f"mate{number}@harbour.example") for number in range(FEW)]
    pilots = Group.objects.create(name="Pilots")
    workspaces = [create_workspace(by=owner, name=f"Harbour {number}") for number in range(FEW)]
    workspace = workspaces[0]
    folder = create_folder(by=owner, workspace=workspace, name="Arrivals")
    job = create_job(by=owner, folder=folder, name="Nightly")
    package = create_job_package(workspace=workspace, by=owner, name="All", job_ids=[job.pk])
    workflow = create_workflow(job=job, by=owner, name="Tides", diagram=DIAGRAM).workflow
    connector = create_connector(viewer=owner, name="Files", connector_type="files", config={})
    plan = compile_plan(analyse(diagram([node("flights", "control", operation="merge")]))).as_json()
    for number, mate in enumerate(crew):
        Group.objects.create(name=f"Crew {number}")
        Membership.objects.create(group=pilots, user=mate)
        create_key(user=owner, name=f"Key {number}")
        grant(obj=workspaces[number], to=crew[0], level=Level.READ)
        grant(obj=workspace, to=mate, level=Level.WRITE)
        create_connector(viewer=owner, name=f"Files {number}", connector_type="files", config={})
        create_environment(workspace=workspace, by=owner, name=f"production {number}")
        create_folder(by=owner, workspace=workspace, name=f"Pier {number}")
        inner = create_folder(by=owner, workspace=workspace, name=f"Ferries {number}", parent=folder)
        create_job(by=owner, folder=folder, name=f"Hourly {number}")
        create_job_package(workspace=workspace, by=owner, name=f"Some {number}", job_ids=[job.pk])
        create_workflow(job=job, by=owner, name=f"Tides {number}", diagram=DIAGRAM)
        workflow.refresh_from_db()
        save_workflow(workflow=workflow, by=owner, changes={}, diagram={**DIAGRAM, "number": number})
        delete(inner, object_type="folder", workspace_id=workspace.pk, by=owner)
    version = workflow.versions.order_by("number").first()
    schedule, hook = create_schedule(target=job, by=owner, cron="@daily"), create_hook(target=workflow, by=owner)[0]
    trigger = create_trigger(target=job, by=owner, kind="file_arrived", connector_id=connector.pk)
    execution = None
    for number, mate in enumerate(crew):
        execution = WorkflowExecution.objects.create(workflow=workflow, version=version, triggered_by=mate, plan=plan)
        run = JobRun.objects.create(job=job, triggered_by=mate)
        for target in (job, package):
            create_schedule(target=target, by=owner, cron="@daily")
        for target in (job, workflow):
            create_hook(target=target, by=owner)
            create_trigger(target=target, by=owner, kind="file_arrived", connector_id=connector.pk)
        moment = DAY + timedelta(days=number)
        Backfill.objects.create(schedule=schedule, begin=DAY, end=moment + timedelta(days=1), created_by=mate)
        Fire.objects.create(schedule=schedule, scheduled_at=moment, window_start=moment, job_run=run)
        TriggerFire.objects.create(trigger=trigger, event=f"file {number}", execution=execution)
        HookEvent.objects.create(hook=hook, event_id=str(number), job_run=run)
        HookRefusal.objects.create(
            hook=hook, day=date(2026, 1, 1 + number), code="wrong", count=1, first_at=DAY, last_at=DAY
        )
        Approval.objects.create(execution=execution, node_id="ask", key="1", anyone=True)
        Notification.objects.create(
            user=owner, kind="execution_failed", about=execution.pk, execution_id=execution.pk, workflow=workflow
        )
    for number in range(FEW):
        ExecutionLog.objects.create(execution=execution, message=f"line {number}", at=DAY)
        LoopIteration.objects.create(
            execution=execution, node_id="flights", number=number, fingerprint="f", status="success"
        )
    return {
        "workspace": workspace.pk, "folder": folder.pk, "job": job.pk, "package": package.pk, "workflow": workflow.pk,
        "execution": execution.pk if execution else None, "group": pilots.pk, "user": crew[0].pk, "hook": hook.pk,
        "schedule": schedule.pk, "trigger": trigger.pk,
    }  # fmt: skip


def address(path: str, ids: dict[str, Any]) -> str:
    kind = re.sub(r"^/api/v1/([\w-]+?)s?/.*", r"\1", path).removeprefix("job-")
    found = path.replace("{id}", str(ids.get(kind))).replace("{node_id}", "flights")
    return f"{found}?{QUERY.get(path, '').format(**ids)}"


def test_every_list_of_the_document_is_counted() -> None:
    assert len(LISTS) > 40
    assert set(LISTS) > NO_ROWS | QUERY.keys()


def test_no_list_asks_more_often_for_more_rows(api: Any, owner: User, ids: dict[str, Any]) -> None:
    client, wrong = api(owner), []
    for path in LISTS:
        if path in NO_ROWS:
            continue
        counts = []
        for size in (1, 200):
            with counted() as captured:
                answer = client.get(f"{address(path, ids)}&page_size={size}")
            assert answer.status_code == 200, (path, answer.content)
            counts.append(len(captured))
        if len(answer.json()["results"]) < FEW or counts[0] != counts[1]:
            wrong.append((path, len(answer.json()["results"]), counts))
    assert not wrong, wrong
