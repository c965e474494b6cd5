"""Checked out: one person works, the others see who and since when, and cannot save."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from apps.kernel.clock import now
from tests.db.diagrams import ferries


@pytest.fixture
def path(api: Any, owner: Any, place: Any) -> str:
    body = {"name": "Late ferries", "workflow_diagram": ferries()}
    return f"/api/v1/workflows/{api(owner).post(f'/api/v1/jobs/{place.job.pk}/workflows', body).json()['id']}"


@pytest.fixture
def edgar(api: Any, editor: Any, place: Any, grant: Any) -> Any:
    grant(editor, place.job, "write")
    return api(editor)


def check_out(client: Any, path: str, **body: Any) -> Any:
    version = client.get(path).json()["version_id"]
    return client.post(f"/api/v1/versions/{version}/checkout", body)


def check_in(client: Any, path: str, **body: Any) -> Any:
    version = client.get(path).json()["version_id"]
    return client.post(f"/api/v1/versions/{version}/checkin", body)


def edit(client: Any, path: str, edges: int = 0) -> Any:
    return client.patch(path, {"workflow_diagram": {**ferries(), "edges": ferries()["edges"][:edges]}})


def expire() -> None:
    from apps.workflows.models import WorkflowLock

    WorkflowLock.objects.update(expires_at=now() - timedelta(seconds=1))


def test_others_see_who_holds_it_and_cannot_save(api: Any, owner: Any, editor: Any, edgar: Any, path: str) -> None:
    taken = check_out(edgar, path)
    assert taken.status_code == 200, taken.content
    olive = api(owner)
    seen = olive.get(path).json()["lock"]
    assert seen["holder"] == {"id": str(editor.pk), "name": editor.name or editor.email}
    assert seen["since"] == taken.json()["since"]
    refused = edit(olive, path)
    assert (refused.status_code, refused.json()["code"]) == (409, "checked_out")
    assert refused.json()["holder"]["id"] == str(editor.pk)
    assert refused.json()["remedy"]
    assert edit(edgar, path).status_code == 200


def test_names_rollbacks_and_new_versions_wait_as_well(api: Any, owner: Any, edgar: Any, path: str) -> None:
    edit(edgar, path)
    olive = api(owner)
    [_, first] = olive.get(f"{path}/versions").json()["results"]
    check_out(edgar, path)
    attempts = (
        olive.patch(path, {"name": "Mine"}),
        olive.post(f"/api/v1/versions/{first['id']}/rollback"),
        olive.post(f"{path}/versions", {"name": "Mine"}),
        check_out(olive, path),
    )
    assert {(each.status_code, each.json()["code"]) for each in attempts} == {(409, "checked_out")}
    assert olive.get(path).json()["version"] == 2


def test_checking_in_lets_others_save_and_names_what_was_done(api: Any, owner: Any, edgar: Any, path: str) -> None:
    check_out(edgar, path)
    edit(edgar, path)
    answer = check_in(edgar, path, name="Without the edges", comment="They were wrong")
    assert answer.status_code == 200, answer.content
    assert (answer.json()["number"], answer.json()["name"]) == (2, "Without the edges")
    assert api(owner).get(path).json()["lock"] is None
    assert edit(api(owner), path, edges=1).status_code == 200
    again = check_in(edgar, path)
    assert (again.status_code, again.json()["code"]) == (409, "not_checked_out")


def test_only_admins_take_over_and_break(api: Any, owner: Any, edgar: Any, path: str) -> None:
    olive = api(owner)
    check_out(olive, path)
    assert check_out(edgar, path, take_over=True).status_code == 403
    assert edgar.delete(f"{path}/lock").status_code == 403
    assert check_in(edgar, path).json()["code"] == "checked_out"
    assert olive.delete(f"{path}/lock").status_code == 204
    check_out(edgar, path)
    taken = check_out(olive, path, take_over=True)
    assert (taken.status_code, taken.json()["holder"]["id"]) == (200, str(owner.pk))
    assert edit(edgar, path).json()["code"] == "checked_out"


def test_a_lock_expires_and_each_save_of_its_holder_puts_that_off(api: Any, owner: Any, edgar: Any, path: str) -> None:
    from apps.workflows.models import WorkflowLock

    first = check_out(edgar, path).json()["expires_at"]
    WorkflowLock.objects.update(expires_at=now() + timedelta(minutes=1))
    edit(edgar, path)
    assert edgar.get(path).json()["lock"]["expires_at"] >= first
    expire()
    assert api(owner).get(path).json()["lock"] is None
    assert edit(api(owner), path, edges=1).status_code == 200
    assert check_in(edgar, path).json()["code"] == "not_checked_out"


def test_an_old_version_is_not_checked_out(edgar: Any, path: str) -> None:
    first = edgar.get(path).json()["version_id"]
    edit(edgar, path)
    refused = edgar.post(f"/api/v1/versions/{first}/checkout", {})
    assert (refused.status_code, refused.json()["code"], refused.json()["version"]) == (409, "version_conflict", 2)


def test_taking_over_is_in_the_audit_with_both_names(api: Any, owner: Any, editor: Any, edgar: Any, path: str) -> None:
    from apps.audit.models import AuditEntry

    check_out(edgar, path)
    check_out(api(owner), path, take_over=True)
    entry = AuditEntry.objects.filter(action="workflow_checked_out").order_by("-at").first()
    assert entry is not None
    assert (entry.actor_id, entry.details["taken_from"]) == (owner.pk, str(editor.pk))
