"""Moving folders and jobs."""

from __future__ import annotations

from typing import Any

import pytest


@pytest.fixture
def elsewhere(owner: Any) -> Any:
    from apps.workspaces.services.workspaces import create_workspace

    return create_workspace(by=owner, name="Shipyard")


def test_a_moved_folder_takes_its_folders_and_jobs_along(api: Any, owner: Any, place: Any, elsewhere: Any) -> None:
    olive = api(owner)
    answer = olive.post(f"/api/v1/folders/{place.folder.pk}/move", {"parent_id": str(elsewhere.pk)})
    assert answer.status_code == 200, answer.content
    assert answer.json()["workspace_id"] == str(elsewhere.pk)
    assert answer.json()["parent_id"] is None
    place.nested.refresh_from_db()
    assert place.nested.workspace_id == elsewhere.pk
    assert place.nested.path == [place.folder.pk, place.nested.pk]
    assert olive.get(f"/api/v1/workspaces/{place.workspace.pk}/folders").json()["count"] == 0


def test_a_nested_folder_moves_to_the_top_and_back(api: Any, owner: Any, place: Any) -> None:
    olive = api(owner)
    assert olive.post(f"/api/v1/folders/{place.nested.pk}/move", {"parent_id": None}).status_code == 200
    place.nested.refresh_from_db()
    assert (place.nested.parent_id, place.nested.path) == (None, [place.nested.pk])
    olive.post(f"/api/v1/folders/{place.nested.pk}/move", {"parent_id": str(place.folder.pk)})
    place.nested.refresh_from_db()
    assert place.nested.path == [place.folder.pk, place.nested.pk]


@pytest.mark.parametrize("into", ["folder", "nested"])
def test_a_folder_does_not_move_under_itself(api: Any, owner: Any, place: Any, into: str) -> None:
    target = getattr(place, into)
    answer = api(owner).post(f"/api/v1/folders/{place.folder.pk}/move", {"parent_id": str(target.pk)})
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["code"] == "cycle"
    place.folder.refresh_from_db()
    assert place.folder.path == [place.folder.pk]


def test_moving_needs_write_on_the_target_too(api: Any, editor: Any, place: Any, elsewhere: Any, grant: Any) -> None:
    grant(editor, place.workspace, "write")
    unseen = api(editor).post(f"/api/v1/folders/{place.folder.pk}/move", {"parent_id": str(elsewhere.pk)})
    assert (unseen.status_code, unseen.json()["errors"][0]["code"]) == (400, "not_found")
    grant(editor, elsewhere, "read")
    readable = api(editor).post(f"/api/v1/folders/{place.folder.pk}/move", {"parent_id": str(elsewhere.pk)})
    assert readable.status_code == 403
    grant(editor, elsewhere, "write")
    writable = api(editor).post(f"/api/v1/folders/{place.folder.pk}/move", {"parent_id": str(elsewhere.pk)})
    assert writable.status_code == 200


def test_moving_needs_write_on_what_moves(api: Any, viewer: Any, place: Any, grant: Any) -> None:
    grant(viewer, place.workspace, "read")
    body = {"parent_id": str(place.folder.pk)}
    assert api(viewer).post(f"/api/v1/jobs/{place.job.pk}/move", body).status_code == 403
    assert api(viewer).post(f"/api/v1/folders/{place.nested.pk}/move", body).status_code == 403


def test_a_move_changes_who_sees_the_job(
    api: Any, owner: Any, viewer: Any, place: Any, elsewhere: Any, grant: Any
) -> None:
    from apps.workspaces.services.folders import create_folder

    slipway = create_folder(workspace=elsewhere, by=owner, name="Slipway")
    grant(viewer, elsewhere, "read")
    vera = api(viewer)
    assert vera.get(f"/api/v1/jobs/{place.job.pk}").status_code == 404
    moved = api(owner).post(f"/api/v1/jobs/{place.job.pk}/move", {"parent_id": str(slipway.pk)})
    assert moved.status_code == 200
    assert vera.get(f"/api/v1/jobs/{place.job.pk}").status_code == 200


def test_a_job_in_a_package_stays_in_its_workspace(api: Any, owner: Any, place: Any, elsewhere: Any) -> None:
    olive = api(owner)
    package = olive.post(
        f"/api/v1/workspaces/{place.workspace.pk}/job-packages", {"name": "Dawn", "job_ids": [str(place.job.pk)]}
    )
    assert package.status_code == 201, package.content
    refused = olive.post(f"/api/v1/folders/{place.folder.pk}/move", {"parent_id": str(elsewhere.pk)})
    assert (refused.status_code, refused.json()["code"]) == (409, "in_package")
    olive.delete(f"/api/v1/job-packages/{package.json()['id']}")
    moved = olive.post(f"/api/v1/folders/{place.folder.pk}/move", {"parent_id": str(elsewhere.pk)})
    assert moved.status_code == 200


def test_folders_nest_only_so_deep(api: Any, owner: Any, place: Any) -> None:
    from apps.workspaces.core.tree import MAX_DEPTH

    olive = api(owner)
    parent = str(place.nested.pk)
    for _ in range(MAX_DEPTH - 2):
        body = {"name": "Deeper", "parent_id": parent}
        parent = olive.post(f"/api/v1/workspaces/{place.workspace.pk}/folders", body).json()["id"]
    answer = olive.post(f"/api/v1/workspaces/{place.workspace.pk}/folders", {"name": "Too deep", "parent_id": parent})
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (400, "too_deep")
