"""Environments: named values and connectors of a workspace, for runs of its workflows."""

from __future__ import annotations

from typing import Any

import pytest

from apps.accounts.access import Level
from apps.connectors.services.connectors import create_connector
from apps.executions import services
from apps.kernel.errors import Invalid, Unprocessable
from apps.workflows.services.saving import create_workflow
from tests.db.diagrams import diagram, node


@pytest.fixture
def path(place: Any) -> str:
    return f"/api/v1/workspaces/{place.workspace.pk}/environments"


def make(client: Any, path: str, **body: Any) -> Any:
    return client.post(path, {"name": "production", **body}, format="json")


def test_an_environment_is_made_read_changed_and_deleted(api: Any, owner: Any, path: str) -> None:
    made = make(api(owner), path, parameters={"region": "EU", "limit": 5})
    assert made.status_code == 201
    one = f"/api/v1/environments/{made.json()['id']}"
    assert api(owner).get(path).json()["results"] == [made.json()]
    changed = api(owner).patch(one, {"parameters": {"region": "US"}}, format="json").json()
    assert (changed["name"], changed["parameters"]) == ("production", {"region": "US"})
    assert api(owner).delete(one).status_code == 204
    assert api(owner).get(one).status_code == 404


def test_a_name_is_there_once_in_a_workspace(api: Any, owner: Any, path: str) -> None:
    make(api(owner), path)
    again = make(api(owner), path)
    assert (again.status_code, again.json()["code"]) == (409, "name_taken")


def test_it_is_read_and_written_with_its_workspace(
    api: Any, owner: Any, viewer: Any, path: str, place: Any, grant: Any
) -> None:
    one = f"/api/v1/environments/{make(api(owner), path).json()['id']}"
    assert api(viewer).get(one).status_code == 404
    grant(viewer, place.workspace, "read")
    assert api(viewer).get(one).status_code == 200
    assert api(viewer).patch(one, {"name": "x"}, format="json").status_code == 403
    assert make(api(viewer), path).status_code == 403


@pytest.mark.parametrize(
    ("connectors", "code"),
    [
        ({"abc": "def"}, "invalid"),
        ({"01234567-89ab-4def-8123-456789abcdef": "01234567-89ab-4def-8123-456789abcdef"}, "not_found"),
    ],
)
def test_a_connector_that_one_may_not_use_cannot_stand_in(
    api: Any, owner: Any, path: str, connectors: Any, code: str
) -> None:
    answer = make(api(owner), path, connectors=connectors)
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["code"] == code


def test_what_the_call_says_goes_before_the_environment_and_this_before_defaults(
    api: Any, owner: Any, path: str, place: Any
) -> None:
    make(api(owner), path, parameters={"a": "environment", "b": "environment", "extra": 1})
    declared = {name: {"type": "string", "default": "default"} for name in "abc"}
    drawn = diagram([node("say", "control", operation="fail", message="{{ a }} {{ b }} {{ c }} {{ extra }}")])
    workflow = create_workflow(job=place.job, by=owner, name="Say", diagram=drawn, parameters=declared).workflow
    run = f"/api/v1/workflows/{workflow.pk}/execute"
    answer = api(owner).post(run, {"environment": "production", "parameters": {"a": "call"}}, format="json")
    assert answer.status_code == 202
    assert answer.json()["parameters"] == {"a": "call", "b": "environment", "extra": 1}
    assert answer.json()["environment_id"] is not None
    unknown = api(owner).post(run, {"environment": "moon"}, format="json")
    assert unknown.status_code == 400
    assert unknown.json()["errors"][0] == {
        "field": "environment",
        "code": "not_found",
        "message": "the workspace of the workflow has no environment of that name or id",
    }


def test_connectors_stand_in_by_the_right_of_the_author(
    owner: Any, editor: Any, place: Any, grant: Any, settings: Any, tmp_path: Any, api: Any, path: str
) -> None:
    settings.TENANT_STORAGE = tmp_path / "tenants"
    staging, production = (
        create_connector(viewer=owner, name=name, connector_type="sqlite", config={"file": f"{name}.sqlite"})
        for name in ("staging", "production")
    )
    make(api(owner), path, connectors={str(staging.pk): str(production.pk)})
    grant(editor, place.workspace, Level.WRITE.value)
    grant(editor, staging, Level.EXECUTE.value)
    write = node("put", "connector", operation="execute", query="select 1", connectorId=str(staging.pk))
    workflow = create_workflow(job=place.job, by=editor, name="Put", diagram=diagram([write])).workflow
    assert services.start_execution(viewer=owner, workflow_id=workflow.pk)
    with pytest.raises(Unprocessable) as refused:
        services.start_execution(viewer=owner, workflow_id=workflow.pk, environment="production")
    assert refused.value.extra["problems"][0]["code"] == "missing_connector"
    grant(editor, production, Level.EXECUTE.value)
    execution = services.start_execution(viewer=owner, workflow_id=workflow.pk, environment="production")
    assert [each["connector_id"] for each in execution.plan["nodes"]] == [str(production.pk)]
    with pytest.raises(Invalid):
        services.start_execution(viewer=owner, workflow_id=workflow.pk, environment=str(staging.pk))
