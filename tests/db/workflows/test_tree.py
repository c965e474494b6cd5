"""The tree that the explorer opens and searches: what it shows to whom, and what it costs."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest

from tests.db.counting import counted
from tests.db.diagrams import diagram

TREE = "/api/v1/tree"


@pytest.fixture
def make(owner: Any, place: Any) -> Any:
    """`make("Late ferries")` puts a workflow into the nightly count."""
    from apps.workflows.services.saving import create_workflow

    return lambda name: create_workflow(job=place.job, by=owner, name=name, diagram=diagram([], [])).workflow


@pytest.fixture
def package(owner: Any, place: Any) -> Any:
    from apps.workspaces.services.job_packages import create_job_package

    return create_job_package(workspace=place.workspace, by=owner, name="All counts", job_ids=[place.job.pk])


def listed(answer: Any) -> list[tuple[str, str]]:
    assert answer.status_code == 200, answer.content
    return [(each["type"], each["name"]) for each in answer.json()["results"]]


def where(item: dict[str, Any]) -> list[str]:
    return [step["name"] for step in item["path"]]


def selects(client: Any, path: str) -> int:
    with counted() as captured:
        answer = client.get(path)
    assert answer.status_code == 200, answer.content
    return sum(query["sql"].startswith("SELECT") for query in captured.captured_queries)


def test_the_tree_opens_from_the_workspaces_down(api: Any, owner: Any, place: Any, make: Any, package: Any) -> None:
    make("Late ferries")
    olive = api(owner)

    def level(parent: Any = None) -> list[tuple[str, str, int]]:
        results = olive.get(TREE, {"parent_id": str(parent.pk)} if parent else {}).json()["results"]
        return [(each["type"], each["name"], each["children"]) for each in results]

    assert level() == [("workspace", "Harbour office", 2)]
    assert level(place.workspace) == [("folder", "Arrivals", 1), ("job_package", "All counts", 0)]
    assert level(place.folder) == [("folder", "Ferries", 1)]
    assert level(place.nested) == [("job", "Nightly count", 1)]
    assert level(place.job) == [("workflow", "Late ferries", 0)]
    (folder, _) = olive.get(TREE, {"parent_id": str(place.workspace.pk)}).json()["results"]
    assert folder["parent_id"] == str(place.workspace.pk)
    assert olive.get(TREE, {"parent_id": str(package.pk)}).status_code == 404
    assert olive.get(TREE, {"parent_id": str(uuid4())}).status_code == 404
    assert olive.get(TREE, {"depth": "9"}).json()["code"] == "unknown_filter"


def test_what_is_shared_alone_stands_beside_the_workspaces(
    api: Any, viewer: Any, place: Any, make: Any, grant: Any
) -> None:
    make("Smugglers")
    shown = make("Late ferries")
    vera = api(viewer)
    assert listed(vera.get(TREE)) == []
    grant(viewer, shown, "read")
    assert listed(vera.get(TREE)) == [("workflow", "Late ferries")]
    assert vera.get(TREE, {"parent_id": str(place.job.pk)}).status_code == 404
    grant(viewer, place.nested, "read")
    assert listed(vera.get(TREE)) == [("folder", "Ferries")]
    assert listed(vera.get(TREE, {"parent_id": str(place.nested.pk)})) == [("job", "Nightly count")]
    grant(viewer, place.workspace, "read")
    assert listed(vera.get(TREE)) == [("workspace", "Harbour office")]


def test_everything_is_found_by_its_name_with_where_it_lies(
    api: Any, owner: Any, place: Any, make: Any, package: Any
) -> None:
    make("Ferry count")
    gone = make("Lost ferries")
    olive = api(owner)
    olive.delete(f"/api/v1/workflows/{gone.pk}")
    found = olive.get(f"{TREE}/search", {"search": "fErr"}).json()
    assert found["count"] == 2
    assert [(each["type"], each["name"], where(each)) for each in found["results"]] == [
        ("folder", "Ferries", ["Harbour office", "Arrivals"]),
        ("workflow", "Ferry count", ["Harbour office", "Arrivals", "Ferries", "Nightly count"]),
    ]
    everywhere = listed(olive.get(f"{TREE}/search", {"search": "count"}))
    assert everywhere == [("job_package", "All counts"), ("workflow", "Ferry count"), ("job", "Nightly count")]
    assert listed(olive.get(f"{TREE}/search", {"search": "nightly"}))[0] == ("job", "Nightly count")
    assert listed(olive.get(f"{TREE}/search", {"search": "count night"})) == [("job", "Nightly count")]
    assert listed(olive.get(f"{TREE}/search", {"search": "count", "type": "job,workflow"})) == everywhere[1:]
    assert listed(olive.get(f"{TREE}/search", {"search": "100%_"})) == []


def test_names_that_begin_with_what_was_typed_come_first(api: Any, owner: Any, make: Any) -> None:
    for name in ("A tide table", "Tide table", "High tide"):
        make(name)
    names = [name for _, name in listed(api(owner).get(f"{TREE}/search", {"search": "tide"}))]
    assert names == ["Tide table", "A tide table", "High tide"]


def test_a_search_may_ask_for_a_place_and_a_level(
    api: Any, owner: Any, viewer: Any, place: Any, make: Any, grant: Any
) -> None:
    from apps.workspaces.services.workspaces import create_workspace

    make("Late ferries")
    elsewhere = create_workspace(by=owner, name="Ferry yard")
    olive, vera = api(owner), api(viewer)
    inside = {"search": "ferr", "within": str(place.nested.pk)}
    assert listed(olive.get(f"{TREE}/search", inside)) == [("folder", "Ferries"), ("workflow", "Late ferries")]
    assert listed(olive.get(f"{TREE}/search", {**inside, "within": str(elsewhere.pk)})) == []
    grant(viewer, place.workspace, "read")
    grant(viewer, place.nested, "write")
    assert listed(vera.get(f"{TREE}/search", {"type": "folder"})) == [("folder", "Arrivals"), ("folder", "Ferries")]
    assert listed(vera.get(f"{TREE}/search", {"type": "folder", "permission": "write"})) == [("folder", "Ferries")]


@pytest.mark.parametrize("query", ["type=engine", "permission=own", "within=here", "path=1", "search=" + "a" * 201])
def test_a_search_for_what_is_not_there_is_refused(api: Any, owner: Any, query: str) -> None:
    assert api(owner).get(f"{TREE}/search?{query}").status_code == 400


def test_t13_the_path_of_a_hit_ends_where_the_viewer_may_not_read(
    api: Any, viewer: Any, place: Any, make: Any, grant: Any
) -> None:
    workflow = make("Late ferries")
    vera = api(viewer)
    assert listed(vera.get(f"{TREE}/search")) == []
    assert vera.get(f"{TREE}/path", {"id": str(workflow.pk)}).status_code == 404
    grant(viewer, workflow, "read")
    assert where(vera.get(f"{TREE}/path", {"id": str(workflow.pk)}).json()) == []
    grant(viewer, place.nested, "read")
    assert where(vera.get(f"{TREE}/path", {"id": str(workflow.pk)}).json()) == ["Ferries", "Nightly count"]
    (found,) = vera.get(f"{TREE}/search", {"search": "late"}).json()["results"]
    assert where(found) == ["Ferries", "Nightly count"]


def test_t05_a_rival_finds_nothing_of_ours(api: Any, place: Any, rival: Any, rival_owner: Any) -> None:
    rosa = api(rival_owner, host="rival.example", tenant=rival)
    assert listed(rosa.get(f"{TREE}/search", {"search": "harbour"})) == []
    assert rosa.get(TREE, {"parent_id": str(place.workspace.pk)}).status_code == 404
    assert rosa.get(f"{TREE}/path", {"id": str(place.job.pk)}).status_code == 404


def test_a_long_level_comes_in_pages_that_say_how_much_there_is(api: Any, owner: Any, place: Any, make: Any) -> None:
    for number in range(25):
        make(f"Ferry {number:02}")
    olive = api(owner)
    first = olive.get(TREE, {"parent_id": str(place.job.pk), "page_size": 10}).json()
    assert (first["count"], len(first["results"])) == (25, 10)
    last = olive.get(TREE, {"parent_id": str(place.job.pk), "page_size": 10, "page": 3}).json()
    assert [each["name"] for each in last["results"]] == [f"Ferry {number}" for number in range(20, 25)]
    assert last["next"] is None


def test_levels_and_searches_take_a_fixed_number_of_queries(
    api: Any, viewer: Any, place: Any, make: Any, grant: Any
) -> None:
    grant(viewer, place.folder, "read")
    for number in range(25):
        make(f"Ferry {number:02}")
    vera = api(viewer)
    for path, baseline in {f"{TREE}?parent_id={place.job.pk}": 8, f"{TREE}/search?search=ferr": 10}.items():
        few, many = selects(vera, f"{path}&page_size=2"), selects(vera, f"{path}&page_size=200")
        assert few == many, path
        assert many <= baseline, (path, many)
