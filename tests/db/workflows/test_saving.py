"""Saving diagrams: versions, conflicts, drafts, limits."""

from __future__ import annotations

import json
from typing import Any
from uuid import uuid4

import pytest

from tests.db.diagrams import diagram, ferries, node


def make(client: Any, job: Any, **body: Any) -> Any:
    said = {"name": "Late ferries", "workflow_diagram": ferries(), **body}
    return client.post(f"/api/v1/jobs/{job.pk}/workflows", said)


def codes(body: Any) -> set[str]:
    return {problem["code"] for problem in body["problems"]}


def test_a_new_workflow_answers_with_its_diagram_dependencies_and_problems(api: Any, owner: Any, place: Any) -> None:
    answer = make(api(owner), place.job)
    assert answer.status_code == 201, answer.content
    body = answer.json()
    assert body["workflow_diagram"] == ferries()
    assert body["dependencies"]["execution_order"] == ["ferries", "late", "first"]
    assert body["dependencies"]["levels"] == [["ferries"], ["late"], ["first"]]
    assert (body["version"], body["node_count"], answer["ETag"]) == (1, 3, '"1"')
    assert set(body["dependencies"]) == {"adjacency", "execution_order", "levels", "node_count", "edge_count"}
    assert all(set(each) >= {"node_id", "field", "code", "message", "severity"} for each in body["problems"])


def test_a_draft_with_problems_is_saved(api: Any, owner: Any, place: Any) -> None:
    broken = diagram(
        [node("guess", "transform", operation="divine")],
        [{"id": "loose", "source": "guess", "target": "nowhere"}],
    )
    answer = make(api(owner), place.job, workflow_diagram=broken)
    assert answer.status_code == 201
    assert codes(answer.json()) >= {"unknown_operation", "dangling_edge"}
    assert api(owner).get(f"/api/v1/workflows/{answer.json()['id']}").json()["workflow_diagram"] == broken


def test_unknown_keys_and_the_order_of_keys_survive(api: Any, owner: Any, place: Any) -> None:
    derive = node("derived", "transform", operation="derive", expressions={"zulu": "1", "alpha": "2", "mike": "3"})
    derive["data"]["madeWith"] = {"z": 1, "a": [True, None, 1.0, 1, -0.0, "ü"]}
    drawn = {"viewport": {"zoom": 1.5, "x": 0, "y": -3}, "nodes": [derive], "edges": [], "astray": {"b": 1, "a": 2}}
    made = make(api(owner), place.job, workflow_diagram=drawn).json()
    read = api(owner).get(f"/api/v1/workflows/{made['id']}").content
    assert json.dumps(json.loads(read)["workflow_diagram"]) == json.dumps(drawn)


def test_only_a_change_of_diagram_or_parameters_is_a_version(api: Any, owner: Any, place: Any) -> None:
    from apps.workflows.models import WorkflowVersion

    olive = api(owner)
    path = f"/api/v1/workflows/{make(olive, place.job).json()['id']}"
    assert olive.patch(path, {"name": "Later ferries"}).json()["version"] == 1
    assert olive.patch(path, {"workflow_diagram": ferries()}).json()["version"] == 1
    turned = ferries()
    turned["nodes"].reverse()
    assert olive.patch(path, {"workflow_diagram": turned}).json()["version"] == 2
    assert olive.patch(path, {"parameters": {"port": {"type": "string", "default": "Oban"}}}).json()["version"] == 3
    versions = WorkflowVersion.objects.order_by("number")
    assert [each.diagram for each in versions] == [ferries(), turned, turned]
    assert {each.author_id for each in versions} == {owner.pk}


def test_the_order_of_keys_alone_makes_a_version(api: Any, owner: Any, place: Any) -> None:
    olive = api(owner)
    one = diagram([node("d", "transform", operation="derive", expressions={"a": "1", "b": "2"})])
    other = diagram([node("d", "transform", operation="derive", expressions={"b": "2", "a": "1"})])
    path = f"/api/v1/workflows/{make(olive, place.job, workflow_diagram=one).json()['id']}"
    assert olive.patch(path, {"workflow_diagram": other}).json()["version"] == 2


def test_a_version_belongs_to_whoever_saved_it(api: Any, owner: Any, editor: Any, place: Any, grant: Any) -> None:
    from apps.workflows.selectors import version_for_execution

    grant(editor, place.job, "write")
    made = make(api(owner), place.job).json()
    turned = {**ferries(), "edges": []}
    api(editor).patch(f"/api/v1/workflows/{made['id']}", {"workflow_diagram": turned})
    version = version_for_execution(owner, made["id"])
    assert (version.author, version.number, version.diagram) == (editor, 2, turned)


def test_two_people_who_change_the_same_version_do_not_overwrite_each_other(api: Any, owner: Any, place: Any) -> None:
    olive = api(owner)
    path = f"/api/v1/workflows/{make(olive, place.job).json()['id']}"
    first = olive.patch(path, {"workflow_diagram": {**ferries(), "edges": []}, "version": 1})
    assert (first.status_code, first.json()["version"]) == (200, 2)
    second = olive.patch(path, {"workflow_diagram": ferries(), "version": 1})
    assert (second.status_code, second.json()["code"]) == (409, "version_conflict")
    assert second.json()["version"] == 2
    assert second.json()["remedy"]
    by_header = olive.patch(path, {"name": "Mine"}, HTTP_IF_MATCH='"1"')
    assert by_header.status_code == 409
    assert olive.patch(path, {"name": "Mine"}, HTTP_IF_MATCH='"2"').status_code == 200
    assert olive.patch(path, {"name": "Mine"}, HTTP_IF_MATCH="nonsense").status_code == 400
    assert olive.get(path).json()["workflow_diagram"]["edges"] == []


def test_t11_a_connector_that_one_may_not_use_is_missing(
    api: Any, owner: Any, editor: Any, place: Any, grant: Any
) -> None:
    from apps.connectors.models import Connector

    harbour = Connector.objects.create(name="Harbour files", connector_type="files", config={})
    grant(editor, place.job, "write")
    edgar = api(editor)

    def problems() -> set[str]:
        body = make(edgar, place.job, workflow_diagram=ferries(str(harbour.pk))).json()
        return {each["node_id"] for each in body["problems"] if each["code"] == "missing_connector"}

    assert problems() == {"ferries"}
    grant(editor, harbour, "read")
    assert problems() == {"ferries"}
    grant(editor, harbour, "execute")
    assert problems() == set()


def test_t11_a_connector_that_never_was_is_missing_and_the_draft_is_saved(api: Any, owner: Any, place: Any) -> None:
    for connector_id in (str(uuid4()), "nonsense"):
        answer = make(api(owner), place.job, workflow_diagram=ferries(connector_id))
        assert answer.status_code == 201
        assert "missing_connector" in codes(answer.json())


def test_twenty_thousand_nodes_are_enough(api: Any, owner: Any, place: Any) -> None:
    from apps.workflows.models import Workflow

    drawn = diagram([{"id": f"n{number}"} for number in range(20_001)])
    refused = make(api(owner), place.job, workflow_diagram=drawn)
    assert (refused.status_code, refused.json()["code"]) == (422, "too_complex")
    assert Workflow.objects.count() == 0


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"workflow_diagram": []}, "workflow_diagram"),
        ({"workflow_diagram": {"nodes": {}}}, "workflow_diagram.nodes"),
        ({"workflow_diagram": {"nodes": [{"id": 7}], "edges": []}}, "workflow_diagram.nodes.0.id"),
        ({"parameters": "port"}, "parameters"),
        ({"name": ""}, "name"),
        ({"name": "x" * 201}, "name"),
    ],
)
def test_what_is_no_workflow_is_refused_with_its_field(
    api: Any, owner: Any, place: Any, body: dict[str, Any], field: str
) -> None:
    from apps.workflows.models import Workflow

    answer = make(api(owner), place.job, **body)
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid")
    assert field in {error["field"] for error in answer.json()["errors"]}
    assert Workflow.objects.count() == 0


def test_nul_and_numbers_beyond_a_double_never_reach_the_database(api: Any, owner: Any, place: Any) -> None:
    text = json.dumps({"name": "Ferries", "workflow_diagram": ferries()})
    for spoilt in (text.replace("Ferries", "Fer\\u0000ries"), text.replace('"y": 40', '"y": 1e999')):
        answer = api(owner).post(f"/api/v1/jobs/{place.job.pk}/workflows", data=spoilt, content_type="application/json")
        assert answer.status_code == 400, answer.content


def test_a_failed_patch_leaves_everything_as_it_was(api: Any, owner: Any, place: Any) -> None:
    olive = api(owner)
    path = f"/api/v1/workflows/{make(olive, place.job).json()['id']}"
    before = olive.get(path).json()
    assert olive.patch(path, {"name": "New", "workflow_diagram": {"nodes": 1}}).status_code == 400
    assert olive.get(path).json() == before


def test_the_plan_limits_the_number_of_workflows(api: Any, owner: Any, place: Any, tenant: Any) -> None:
    from apps.tenants.models import Feature, FeatureOverride

    FeatureOverride.objects.create(subscription=tenant, feature=Feature.objects.get(key="workflows"), limit=1)
    olive = api(owner)
    made = make(olive, place.job)
    refused = make(olive, place.job)
    assert (made.status_code, refused.status_code, refused.json()["code"]) == (201, 402, "limit_reached")
    olive.delete(f"/api/v1/workflows/{made.json()['id']}")
    assert make(olive, place.job).status_code == 201
    assert olive.post(f"/api/v1/workflows/{made.json()['id']}/restore").status_code == 402


def test_saving_analyses_once(api: Any, owner: Any, place: Any, monkeypatch: Any) -> None:
    from apps.workflows import analysis

    calls: list[Any] = []

    def counted(*args: Any, **kwargs: Any) -> Any:
        calls.append(args)
        return original(*args, **kwargs)

    original = analysis.analyse
    monkeypatch.setattr(analysis, "analyse", counted)
    made = make(api(owner), place.job).json()
    assert len(calls) == 1
    api(owner).patch(f"/api/v1/workflows/{made['id']}", {"workflow_diagram": {**ferries(), "edges": []}})
    assert len(calls) == 2
