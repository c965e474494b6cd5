"""Making, reading, changing: workspace → folders → jobs, by their endpoints."""

from __future__ import annotations

from typing import Any


def test_olive_builds_a_hierarchy_from_the_top_down(api: Any, owner: Any) -> None:
    olive = api(owner)
    workspace = olive.post("/api/v1/workspaces", {"name": "Harbour office", "description": "Ships"})
    assert workspace.status_code == 201, workspace.content
    folder = olive.post(f"/api/v1/workspaces/{workspace.json()['id']}/folders", {"name": "Arrivals"}).json()
    nested = olive.post(
        f"/api/v1/workspaces/{workspace.json()['id']}/folders", {"name": "Ferries", "parent_id": folder["id"]}
    ).json()
    job = olive.post(f"/api/v1/folders/{nested['id']}/jobs", {"name": "Nightly count"})
    assert job.status_code == 201
    assert nested["parent_id"] == folder["id"]
    assert folder["parent_id"] is None
    assert job.json()["folder_id"] == nested["id"]
    assert set(workspace.json()) >= {"id", "name", "description", "created_at", "updated_at"}
    assert olive.get(f"/api/v1/jobs/{job.json()['id']}").json() == job.json()
