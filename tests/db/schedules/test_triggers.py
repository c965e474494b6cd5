"""Triggers: a file that arrived, a workflow that ended; each event starts a thing once, and rings end."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import transaction

from apps.executions.models import JobRun, WorkflowExecution
from apps.executions.services import start_execution
from apps.schedules.looking import look
from apps.schedules.models import Trigger, TriggerFire
from apps.schedules.services.triggers import DEEPEST, workflow_finished
from tests.db.schedules.conftest import make_workflow

pytestmark = pytest.mark.django_db


@pytest.fixture
def files(owner: Any, settings: Any, tmp_path: Any) -> Any:
    from apps.connectors.services.connectors import create_connector

    settings.TENANT_STORAGE = tmp_path / "tenants"
    return create_connector(viewer=owner, name="Quays", connector_type="files", config={})


def store(owner: Any, connector: Any, name: str) -> None:
    from apps.connectors.services.files import store_file

    store_file(viewer=owner, connector=connector, name=name, chunks=[b"quay,metres\nnorth,1\n"])


def test_a_file_of_the_right_name_starts_the_job(job: Any, workflow: Any, files: Any, owner: Any, api: Any) -> None:
    body = {"kind": "file_arrived", "connector_id": str(files.pk), "pattern": "tides-*.csv", "parameters": {"pier": 3}}
    made = api(owner).post(f"/api/v1/jobs/{job.pk}/triggers", body, format="json")
    assert made.status_code == 201, made.content
    store(owner, files, "tides-monday.csv")
    store(owner, files, "ships.csv")
    look()
    look()
    execution = WorkflowExecution.objects.get()
    assert execution.parameters["file"] == "tides-monday.csv"
    assert (execution.parameters["pier"], execution.trigger) == (3, "trigger")
    [fire] = api(owner).get(f"/api/v1/triggers/{made.json()['id']}/fires").json()["results"]
    assert (fire["status"], fire["job_run_id"]) == ("started", str(execution.job_run_id))
    assert fire["run_status"] == "running"
    store(owner, files, "tides-monday.csv")  # it came again: that is another event
    look()
    assert WorkflowExecution.objects.count() == 2


@pytest.mark.parametrize(("outcome", "started"), [("success", ["good"]), ("failed", ["bad"]), ("any", ["good", "bad"])])
def test_a_workflow_that_ended_starts_another(
    job: Any, owner: Any, work: Any, api: Any, outcome: str, started: list[str]
) -> None:
    good, bad = make_workflow(job, owner, "good"), make_workflow(job, owner, "bad", fails=True)
    after = make_workflow(job, owner, "after")
    for source in (good, bad):
        body = {"kind": "workflow_finished", "source_id": str(source.pk), "outcome": outcome}
        assert api(owner).post(f"/api/v1/workflows/{after.pk}/triggers", body, format="json").status_code == 201
    runs = {work(start_execution(viewer=owner, workflow_id=each.pk)).pk: each.name for each in (good, bad)}
    runs = {str(id): name for id, name in runs.items()}
    look()
    look()
    found = WorkflowExecution.objects.filter(workflow=after)
    assert sorted(runs[each.parameters["source_execution_id"]] for each in found) == sorted(started)


def test_the_same_end_heard_twice_starts_one(job: Any, owner: Any, api: Any, workflow: Any) -> None:
    after = make_workflow(job, owner, "after")
    body = {"kind": "workflow_finished", "source_id": str(workflow.pk)}
    api(owner).post(f"/api/v1/workflows/{after.pk}/triggers", body, format="json")
    execution = start_execution(viewer=owner, workflow_id=workflow.pk)
    for _ in range(3):
        workflow_finished(execution_id=execution.pk, workflow_id=workflow.pk, status="success")
    look()
    assert WorkflowExecution.objects.filter(workflow=after).count() == 1


def test_what_was_undone_starts_nothing(job: Any, owner: Any, api: Any, workflow: Any) -> None:
    after = make_workflow(job, owner, "after")
    body = {"kind": "workflow_finished", "source_id": str(workflow.pk)}
    api(owner).post(f"/api/v1/workflows/{after.pk}/triggers", body, format="json")
    execution = start_execution(viewer=owner, workflow_id=workflow.pk)
    point = transaction.savepoint()
    workflow_finished(execution_id=execution.pk, workflow_id=workflow.pk, status="success")
    transaction.savepoint_rollback(point)
    look()
    assert not TriggerFire.objects.exists()


def test_a_ring_of_triggers_ends(job: Any, owner: Any, api: Any, work: Any, workflow: Any) -> None:
    """The job's workflow starts the job when it ends."""
    body = {"kind": "workflow_finished", "source_id": str(workflow.pk)}
    api(owner).post(f"/api/v1/jobs/{job.pk}/triggers", body, format="json")
    work(start_execution(viewer=owner, workflow_id=workflow.pk))
    for _ in range(DEEPEST + 3):
        look()
        for each in WorkflowExecution.objects.filter(status="queued"):
            work(each)
    assert JobRun.objects.count() == DEEPEST
    last = TriggerFire.objects.order_by("-depth").first()
    assert last is not None
    assert (last.status, last.error and last.error["code"], last.depth) == ("failed", "loop", DEEPEST + 1)


def test_a_workflow_may_not_wait_for_itself(api: Any, owner: Any, workflow: Any) -> None:
    body = {"kind": "workflow_finished", "source_id": str(workflow.pk)}
    answer = api(owner).post(f"/api/v1/workflows/{workflow.pk}/triggers", body, format="json")
    assert (answer.status_code, answer.json()["code"]) == (422, "loop")


def test_t11_nobody_waits_for_what_they_may_not_read(
    job: Any, files: Any, editor: Any, workflow: Any, grant: Any, api: Any
) -> None:
    grant(editor, job, "write")
    grant(editor, job, "execute")
    body = {"kind": "file_arrived", "connector_id": str(files.pk)}
    answer = api(editor).post(f"/api/v1/jobs/{job.pk}/triggers", body, format="json")
    assert (answer.status_code, answer.json()["errors"][0]) == (
        400, {"field": "connector_id", "code": "not_found", "message": f"There is no connector {files.pk}"},
    )  # fmt: skip


def test_one_that_is_switched_off_or_deleted_hears_nothing(
    job: Any, files: Any, workflow: Any, owner: Any, api: Any
) -> None:
    client = api(owner)
    body = {"kind": "file_arrived", "connector_id": str(files.pk)}
    off, gone = (client.post(f"/api/v1/jobs/{job.pk}/triggers", body, format="json").json()["id"] for _ in range(2))
    assert client.patch(f"/api/v1/triggers/{off}", {"enabled": False}, format="json").status_code == 200
    assert client.delete(f"/api/v1/triggers/{gone}").status_code == 204
    store(owner, files, "tides.csv")
    look()
    assert (TriggerFire.objects.count(), Trigger.objects.count()) == (0, 2)
