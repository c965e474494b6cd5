"""Lists: order, search, pages, and as many queries for a hundred rows as for one."""

from __future__ import annotations

from typing import Any

import pytest

from tests.db.counting import counted

SIGN_IN = 2  # the person with their role, and the sign-in of their token


def count_queries(client: Any, path: str) -> tuple[int, Any]:
    with counted() as captured:
        answer = client.get(path)
    assert answer.status_code == 200, answer.content
    own = [
        query for query in captured.captured_queries if not query["sql"].startswith(("SET ", "SAVEPOINT", "RELEASE"))
    ]
    return len(own), answer.json()


@pytest.fixture
def full(owner: Any, place: Any) -> Any:
    """Thirty folders, jobs and packages beside what is there."""
    from apps.workspaces.services.folders import create_folder
    from apps.workspaces.services.job_packages import create_job_package
    from apps.workspaces.services.jobs import create_job

    for number in range(30):
        create_folder(workspace=place.workspace, by=owner, name=f"Pier {number:02}")
        create_job(folder=place.folder, by=owner, name=f"Count {number:02}")
        create_job_package(workspace=place.workspace, by=owner, name=f"Pack {number:02}", job_ids=[place.job.pk])
    return place


def test_every_list_takes_a_fixed_number_of_queries(api: Any, viewer: Any, full: Any, grant: Any) -> None:
    grant(viewer, full.workspace, "read")
    vera = api(viewer)
    baselines = {
        "workspaces": 2,
        f"workspaces/{full.workspace.pk}/folders": 3,
        f"folders/{full.folder.pk}/jobs": 3,
        f"workspaces/{full.workspace.pk}/job-packages": 4,
    }
    grants = 1
    for path, queries in baselines.items():
        few, _ = count_queries(vera, f"/api/v1/{path}?page_size=1")
        many, page = count_queries(vera, f"/api/v1/{path}?page_size=200")
        assert few == many, path
        assert many <= SIGN_IN + grants + queries, (path, many)
        assert page["results"], path


def test_a_far_page_is_the_same_page_read_in_two_steps(
    api: Any, owner: Any, full: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from apps.kernel.api import pagination

    olive = api(owner)
    path = f"/api/v1/folders/{full.folder.pk}/jobs?ordering=-name&page_size=7&page=3"
    near, page = count_queries(olive, path)
    monkeypatch.setattr(pagination, "FAR", 13)
    far, same = count_queries(olive, path)
    assert same == page
    assert len(page["results"]) == 7
    assert far == near + 1


def test_the_union_of_folders_and_jobs_has_far_pages_too(
    api: Any, owner: Any, full: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from apps.kernel.api import pagination

    olive, path = api(owner), f"/api/v1/workspaces/{full.workspace.pk}/tree?page_size=7&page=3"
    page = olive.get(path).json()
    monkeypatch.setattr(pagination, "FAR", 13)
    assert olive.get(path).json() == page


def test_lists_are_ordered_searched_and_paged(api: Any, owner: Any, full: Any) -> None:
    olive, path = api(owner), f"/api/v1/workspaces/{full.workspace.pk}/folders"
    names = [each["name"] for each in olive.get(f"{path}?ordering=-name&page_size=2").json()["results"]]
    assert names == ["Pier 29", "Pier 28"]
    found = olive.get(f"{path}?search=pier 07").json()
    assert [each["name"] for each in found["results"]] == ["Pier 07"]
    assert olive.get(f"{path}?top=true").json()["count"] == 31
    assert olive.get(f"{path}?parent_id={full.folder.pk}").json()["results"][0]["name"] == "Ferries"
    assert olive.get(f"{path}?page=99").status_code == 404
    assert olive.get(f"{path}?parent_id=nonsense").status_code == 400
