"""Lists, the tree, schema, dependencies, the palette: what a viewer sees and what it costs."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest

from tests.db.counting import counted
from tests.db.diagrams import diagram, edge, ferries, node


@pytest.fixture
def make(owner: Any, place: Any) -> Any:
    """`make("Late ferries")` puts a workflow into the nightly count."""
    from apps.workflows.services.saving import create_workflow

    def made(name: str = "Late ferries", job: Any = None, drawn: Any = None, **more: Any) -> Any:
        body = ferries() if drawn is None else drawn
        return create_workflow(job=job or place.job, by=owner, name=name, diagram=body, **more).workflow

    return made


def names(answer: Any) -> list[str]:
    assert answer.status_code == 200, answer.content
    return [each["name"] for each in answer.json()["results"]]


def queries(client: Any, path: str) -> int:
    with counted() as captured:
        answer = client.get(path)
    assert answer.status_code == 200, answer.content
    return sum(query["sql"].startswith("SELECT") for query in captured.captured_queries)


def test_lists_do_not_carry_diagrams(api: Any, owner: Any, place: Any, make: Any) -> None:
    make()
    (listed,) = api(owner).get(f"/api/v1/jobs/{place.job.pk}/workflows").json()["results"]
    assert "workflow_diagram" not in listed
    assert (listed["node_count"], listed["version"], listed["job_id"]) == (3, 1, str(place.job.pk))


def test_every_list_of_workflows_takes_a_fixed_number_of_queries(
    api: Any, viewer: Any, place: Any, make: Any, grant: Any
) -> None:
    grant(viewer, place.folder, "read")
    for number in range(25):
        make(f"Ferry {number:02}")
    vera = api(viewer)
    for path, baseline in {
        "workflows": 5,
        "workflows?search=ferry": 5,
        "workflows?node_type=transform.filter&ordering=-updated_at": 5,
        f"jobs/{place.job.pk}/workflows": 6,
    }.items():
        sign = "&" if "?" in path else "?"
        few = queries(vera, f"/api/v1/{path}{sign}page_size=1")
        many = queries(vera, f"/api/v1/{path}{sign}page_size=200")
        assert few == many, path
        assert many <= baseline, (path, many)


def test_workflows_are_found_by_name_place_node_and_connector(api: Any, owner: Any, place: Any, make: Any) -> None:
    from apps.workspaces.services.folders import create_folder
    from apps.workspaces.services.jobs import create_job

    tides = create_folder(workspace=place.workspace, by=owner, name="Tides")
    hourly = create_job(folder=tides, by=owner, name="Hourly")
    connector = str(uuid4())
    make("Late ferries", drawn=ferries(connector))
    make("Tide table", job=hourly, drawn=diagram([node("top", "transform", operation="limit", n=3)]))
    olive = api(owner)

    def found(query: str) -> list[str]:
        return names(olive.get(f"/api/v1/workflows?{query}"))

    assert found("ordering=name") == ["Late ferries", "Tide table"]
    assert found("ordering=-created_at") == ["Tide table", "Late ferries"]
    assert found("search=TIDE") == ["Tide table"]
    assert found("name=Late ferries") == ["Late ferries"]
    assert found(f"job_id={hourly.pk}") == ["Tide table"]
    assert found(f"folder_id={place.folder.pk}") == ["Late ferries"]
    assert found(f"workspace_id={place.workspace.pk}") == ["Late ferries", "Tide table"]
    assert found(f"workspace_id={uuid4()}") == []
    assert found("node_type=transform") == ["Late ferries", "Tide table"]
    assert found("node_type=transform.filter") == ["Late ferries"]
    assert found(f"connector_id={connector}") == ["Late ferries"]
    assert found("updated_after=2020-01-01T00:00:00Z&updated_before=2021-01-01T00:00:00Z") == []
    assert olive.get("/api/v1/workflows?updated_after=yesterday").status_code == 400
    assert olive.get("/api/v1/workflows?connector_id=1").status_code == 400


def test_a_job_lists_its_workflows_in_the_order_in_which_it_runs_them(
    api: Any, owner: Any, place: Any, make: Any
) -> None:
    from apps.workflows.selectors import workflows_to_run

    first, second, third, fourth = (make(name) for name in ("Ebb", "Flood", "Slack", "Neap"))
    olive = api(owner)
    order = [str(fourth.pk), str(uuid4()), str(second.pk)]
    olive.patch(f"/api/v1/jobs/{place.job.pk}", {"workflow_order": order})
    path = f"/api/v1/jobs/{place.job.pk}/workflows?ordering=place,created_at"
    assert names(olive.get(path)) == ["Neap", "Flood", "Ebb", "Slack"]
    assert names(olive.get(f"{path}&page_size=2&page=2")) == ["Ebb", "Slack"]
    place.job.refresh_from_db()
    assert workflows_to_run(place.job) == [fourth, second, first, third]
    assert olive.get("/api/v1/workflows?ordering=place").status_code == 400


def test_filters_follow_the_diagram(api: Any, owner: Any, make: Any) -> None:
    olive, workflow = api(owner), make()
    path = f"/api/v1/workflows/{workflow.pk}"
    olive.patch(path, {"workflow_diagram": diagram([node("top", "transform", operation="limit", n=3)])})
    assert names(olive.get("/api/v1/workflows?node_type=transform.filter")) == []
    assert names(olive.get("/api/v1/workflows?node_type=transform.limit")) == ["Late ferries"]


@pytest.mark.parametrize("query", ["versions__diagram=1", "job__folder__name=x", "ordering=job__name", "author=1"])
def test_t31_names_that_the_list_does_not_know_are_refused(api: Any, owner: Any, query: str) -> None:
    answer = api(owner).get(f"/api/v1/workflows?{query}")
    assert (answer.status_code, answer.json()["code"]) == (400, "unknown_filter")


def test_t13_nothing_of_an_ungranted_workflow_leaks(
    api: Any, owner: Any, viewer: Any, place: Any, make: Any, grant: Any
) -> None:
    secret = make("Smugglers", drawn=ferries(str(uuid4())))
    shown = make("Late ferries")
    grant(viewer, shown, "read")
    vera = api(viewer)
    assert names(vera.get("/api/v1/workflows")) == ["Late ferries"]
    assert vera.get("/api/v1/workflows?search=Smugglers").json()["count"] == 0
    assert vera.get(f"/api/v1/workflows?job_id={place.job.pk}").json()["count"] == 1
    assert vera.get(f"/api/v1/jobs/{place.job.pk}/workflows").status_code == 404
    for path in ("", "/schema", "/dependencies"):
        assert vera.get(f"/api/v1/workflows/{secret.pk}{path}").status_code == 404
    assert vera.get(f"/api/v1/workspaces/{place.workspace.pk}/tree").status_code == 404


@pytest.mark.parametrize("granted_on", ["workspace", "folder", "nested", "job"])
def test_grants_above_reach_workflows(
    api: Any, viewer: Any, place: Any, make: Any, grant: Any, granted_on: str
) -> None:
    workflow = make()
    grant(viewer, getattr(place, granted_on), "read")
    vera = api(viewer)
    assert vera.get(f"/api/v1/workflows/{workflow.pk}").status_code == 200
    assert names(vera.get("/api/v1/workflows")) == ["Late ferries"]
    assert vera.patch(f"/api/v1/workflows/{workflow.pk}", {"name": "Mine"}).status_code == 403


def test_t05_a_rival_finds_no_workflow(api: Any, make: Any, rival: Any, rival_owner: Any) -> None:
    workflow = make()
    rosa = api(rival_owner, host="rival.example", tenant=rival)
    path = f"/api/v1/workflows/{workflow.pk}"
    answers = [rosa.get(path), rosa.patch(path, {}), rosa.delete(f"{path}?hard=true"), rosa.get(f"{path}/schema")]
    answers += [rosa.post(f"{path}/{verb}", {"parent_id": str(uuid4())}) for verb in ("move", "restore", "duplicate")]
    assert {answer.status_code for answer in answers} == {404}
    assert rosa.get("/api/v1/workflows").json()["count"] == 0


def test_the_tree_opens_level_by_level_with_counts(api: Any, owner: Any, place: Any, make: Any) -> None:
    make("Late ferries")
    gone = make("Lost ferries")
    olive, path = api(owner), f"/api/v1/workspaces/{place.workspace.pk}/tree"
    olive.delete(f"/api/v1/workflows/{gone.pk}")
    olive.post(f"/api/v1/folders/{place.folder.pk}/jobs", {"name": "A job beside a folder"})

    def level(parent: Any = None) -> list[tuple[str, str, int]]:
        results = olive.get(path, {"parent_id": str(parent.pk)} if parent else {}).json()["results"]
        return [(each["type"], each["name"], each["children"]) for each in results]

    assert level() == [("folder", "Arrivals", 2)]
    assert level(place.folder) == [("folder", "Ferries", 1), ("job", "A job beside a folder", 0)]
    assert level(place.nested) == [("job", "Nightly count", 1)]
    assert level(place.job) == [("workflow", "Late ferries", 0)]
    assert olive.get(path, {"parent_id": str(uuid4())}).status_code == 404
    assert olive.get(path, {"depth": "9"}).json()["code"] == "unknown_filter"


def test_schema_and_dependencies_of_a_saved_diagram(api: Any, owner: Any, make: Any) -> None:
    nodes = [node(name, "transform", operation="limit", n=1) for name in ("left", "right")]
    join = node("both", "transform", operation="union", how="vertical")
    drawn = diagram([*nodes, join], [edge("left", "both"), edge("right", "both")])
    workflow, olive = make(drawn=drawn), api(owner)
    schema = olive.get(f"/api/v1/workflows/{workflow.pk}/schema").json()
    assert set(schema["nodes"]) == {"left", "right", "both"}
    found = olive.get(f"/api/v1/workflows/{workflow.pk}/dependencies").json()
    assert found["levels"] == [["left", "right"], ["both"]]
    assert found["critical_path"] in (["left", "both"], ["right", "both"])
    assert ["left"] in found["parallel_branches"]


def test_validate_says_the_same_as_saving_and_saves_nothing(api: Any, viewer: Any, owner: Any, make: Any) -> None:
    from apps.workflows.models import Workflow

    body = {"workflow_diagram": ferries()}
    answer = api(viewer).post("/api/v1/workflows/validate", body)
    assert answer.status_code == 200
    assert set(answer.json()) == {"problems", "dependencies", "schema", "plan"}
    assert answer.json()["plan"] is None  # no connector has been chosen
    assert set(answer.json()["schema"]["nodes"]) == {"ferries", "late", "first"}
    assert Workflow.objects.count() == 0
    assert api().post("/api/v1/workflows/validate", body).status_code == 401


def test_a_workflow_moves_between_jobs(api: Any, owner: Any, editor: Any, place: Any, make: Any, grant: Any) -> None:
    from apps.workspaces.services.jobs import create_job

    workflow, hourly = make(), create_job(folder=place.folder, by=owner, name="Hourly")
    path, body = f"/api/v1/workflows/{workflow.pk}/move", {"parent_id": str(hourly.pk)}
    grant(editor, workflow, "write")
    assert api(editor).post(path, body).json()["errors"][0]["code"] == "not_found"
    grant(editor, hourly, "read")
    assert api(editor).post(path, body).status_code == 403
    grant(editor, hourly, "write")
    assert api(editor).post(path, body).json()["job_id"] == str(hourly.pk)


def test_a_copy_belongs_to_whoever_made_it(
    api: Any, owner: Any, editor: Any, place: Any, make: Any, grant: Any
) -> None:
    from apps.connectors.models import Connector
    from apps.workspaces.services.jobs import create_job

    harbour = Connector.objects.create(name="Harbour files", connector_type="files", config={})
    workflow = make(drawn=ferries(str(harbour.pk)))
    mine = create_job(folder=place.folder, by=owner, name="Edgar's own")
    grant(editor, workflow, "read")
    grant(editor, mine, "write")
    path = f"/api/v1/workflows/{workflow.pk}/duplicate"
    assert api(editor).post(path, {}).status_code == 400  # beside the original, in a job that he cannot see
    made = api(editor).post(path, {"job_id": str(mine.pk)})
    assert made.status_code == 201
    assert made.json()["name"] == "Copy of Late ferries"
    assert made.json()["workflow_diagram"] == ferries(str(harbour.pk))
    assert "missing_connector" in {each["code"] for each in made.json()["problems"]}


def test_a_workflow_is_gone_with_its_job_and_purged_with_its_versions_and_grants(
    api: Any, owner: Any, viewer: Any, place: Any, make: Any, grant: Any
) -> None:
    from apps.accounts.models import UserGrant
    from apps.workflows.models import WorkflowNode, WorkflowVersion

    workflow, olive = make(), api(owner)
    grant(viewer, workflow, "read")
    path = f"/api/v1/workflows/{workflow.pk}"
    olive.delete(f"/api/v1/jobs/{place.job.pk}")
    assert olive.get(path).status_code == 404
    assert olive.get("/api/v1/workflows").json()["count"] == 0
    assert olive.post(f"{path}/restore").json()["code"] == "parent_deleted"
    olive.post(f"/api/v1/jobs/{place.job.pk}/restore")
    assert olive.get(path).status_code == 200
    assert olive.delete(f"/api/v1/workspaces/{place.workspace.pk}?hard=true").status_code == 204
    assert not WorkflowVersion.objects.exists()
    assert not WorkflowNode.objects.exists()
    assert not UserGrant.objects.filter(object_pk=str(workflow.pk)).exists()


def test_the_palette_tells_ports_forms_and_documentation(api: Any, viewer: Any) -> None:
    vera = api(viewer)
    listed = vera.get("/api/v1/node-types?page_size=200")
    assert listed.status_code == 200
    kinds = {(each["category"], each["operation"]): each for each in listed.json()["results"]}
    assert listed.json()["count"] == len(kinds)
    limit = kinds["transform", "limit"]
    assert [port["name"] for port in limit["inputs"]] == ["input"]
    assert "n" in limit["config_schema"]["properties"]
    assert limit["documentation"]
    assert vera.get("/api/v1/node-types/transform/limit").json() == limit
    assert vera.get("/api/v1/node-types/transform/divine").status_code == 404
    only = vera.get("/api/v1/node-types?category=transform").json()["results"]
    assert {each["category"] for each in only} == {"transform"}
    assert vera.get("/api/v1/node-types?colour=red").json()["code"] == "unknown_filter"


def test_the_functions_of_expressions_are_listed_with_signature_and_documentation(api: Any, viewer: Any) -> None:
    vera = api(viewer)
    listed = vera.get("/api/v1/expression-functions?page_size=200").json()
    assert listed["count"] == len(listed["results"]) > 50
    by_name = {each["name"]: each for each in listed["results"]}
    assert by_name["round"]["signature"] == "round(x, digits = 0)"
    assert "str.to_uppercase" in by_name["upper"]["methods"]
    assert all(each["documentation"] and each["examples"] for each in listed["results"])
    only = vera.get("/api/v1/expression-functions?family=dates").json()["results"]
    assert {each["family"] for each in only} == {"dates"}
