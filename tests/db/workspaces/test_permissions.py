"""Who sees and changes what in the hierarchy."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest


def paths(place: Any) -> list[str]:
    return [
        f"/api/v1/workspaces/{place.workspace.pk}",
        f"/api/v1/folders/{place.folder.pk}",
        f"/api/v1/folders/{place.nested.pk}",
        f"/api/v1/jobs/{place.job.pk}",
    ]


@pytest.mark.parametrize(
    ("granted_on", "seen"),
    [("workspace", [1, 1, 1, 1]), ("folder", [0, 1, 1, 1]), ("nested", [0, 0, 1, 1]), ("job", [0, 0, 0, 1])],
)
def test_a_grant_flows_down_and_never_up(
    api: Any, viewer: Any, place: Any, grant: Any, granted_on: str, seen: list[int]
) -> None:
    grant(viewer, getattr(place, granted_on), "read")
    vera = api(viewer)
    assert [vera.get(path).status_code for path in paths(place)] == [200 if sees else 404 for sees in seen]


def test_a_grant_to_a_group_flows_down_too(api: Any, viewer: Any, owner: Any, place: Any) -> None:
    from apps.accounts.access import Level
    from apps.accounts.services import groups, permissions

    pilots = groups.create_group(by=owner, name="Pilots")
    groups.add_member(group=pilots, user=viewer, by=owner)
    permissions.grant(obj=place.folder, to=pilots, level=Level.READ)
    assert api(viewer).get(f"/api/v1/jobs/{place.job.pk}").status_code == 200


def test_a_reader_changes_nothing(api: Any, viewer: Any, place: Any, grant: Any) -> None:
    grant(viewer, place.workspace, "read")
    vera = api(viewer)
    assert [vera.patch(path, {"name": "Mine"}).status_code for path in paths(place)] == [403] * 4
    assert vera.post(f"/api/v1/workspaces/{place.workspace.pk}/folders", {"name": "Mine"}).status_code == 403
    assert vera.post(f"/api/v1/folders/{place.folder.pk}/jobs", {"name": "Mine"}).status_code == 403
    assert vera.post("/api/v1/workspaces", {"name": "Mine"}).status_code == 403


def test_a_writer_changes_and_makes(api: Any, editor: Any, place: Any, grant: Any) -> None:
    grant(editor, place.folder, "write")
    edgar = api(editor)
    assert edgar.patch(f"/api/v1/folders/{place.nested.pk}", {"name": "Steamers"}).json()["name"] == "Steamers"
    assert edgar.post(f"/api/v1/folders/{place.nested.pk}/jobs", {"name": "Hourly"}).status_code == 201


def test_whoever_may_make_workspaces_holds_admin_on_their_own(api: Any, editor: Any, owner: Any) -> None:
    from apps.accounts.models import Role

    editor.role = Role.objects.create(name="builder", capabilities=["workspaces.create"], levels=["write"])
    editor.save()
    edgar = api(editor)
    made = edgar.post("/api/v1/workspaces", {"name": "Boathouse"})
    assert made.status_code == 201
    assert edgar.delete(f"/api/v1/workspaces/{made.json()['id']}?hard=true").status_code == 204


def test_strangers_are_told_to_sign_in_before_anything_is_looked_up(api: Any, place: Any) -> None:
    stranger = api()
    answers = [stranger.get(path) for path in [*paths(place), f"/api/v1/folders/{uuid4()}"]]
    assert [answer.status_code for answer in answers] == [401] * 5


def test_t05_another_tenants_ids_are_not_found(api: Any, owner: Any, place: Any, rival: Any, rival_owner: Any) -> None:
    rosa = api(rival_owner, host="rival.example", tenant=rival)
    for path in paths(place):
        assert rosa.get(path).status_code == 404
        assert rosa.patch(path, {"name": "Ours"}).status_code == 404
        assert rosa.delete(f"{path}?hard=true").status_code == 404
        assert rosa.post(f"{path}/restore").status_code == 404
    assert rosa.post(f"/api/v1/folders/{place.folder.pk}/jobs", {"name": "Ours"}).status_code == 404
    assert rosa.get("/api/v1/workspaces").json()["count"] == 0
    assert api(owner).get(f"/api/v1/jobs/{place.job.pk}").status_code == 200


def test_t13_lists_counts_and_search_tell_nothing_of_what_is_not_granted(
    api: Any, owner: Any, viewer: Any, place: Any, grant: Any
) -> None:
    from apps.workspaces.services.folders import create_folder
    from apps.workspaces.services.workspaces import create_workspace

    create_workspace(by=owner, name="Smugglers")
    grant(viewer, place.nested, "read")
    vera = api(viewer)
    assert vera.get("/api/v1/workspaces").json()["count"] == 0
    assert vera.get("/api/v1/workspaces?search=Smugglers").json()["count"] == 0
    assert vera.get(f"/api/v1/workspaces/{place.workspace.pk}/folders").status_code == 404
    grant(viewer, place.workspace, "read")
    hidden = create_folder(workspace=place.workspace, by=owner, name="Night watch")
    folders = vera.get(f"/api/v1/workspaces/{place.workspace.pk}/folders").json()
    assert folders["count"] == 3
    api(owner).delete(f"/api/v1/folders/{hidden.pk}")
    assert vera.get(f"/api/v1/workspaces/{place.workspace.pk}/folders").json()["count"] == 2


def test_t13_a_package_names_only_jobs_that_one_may_read(
    api: Any, owner: Any, viewer: Any, place: Any, grant: Any
) -> None:
    from apps.workspaces.services.job_packages import create_job_package
    from apps.workspaces.services.jobs import create_job

    hourly = create_job(folder=place.folder, by=owner, name="Hourly")
    jobs = [hourly.pk, place.job.pk]
    package = create_job_package(workspace=place.workspace, by=owner, name="Dawn", job_ids=jobs)
    path = f"/api/v1/job-packages/{package.pk}"
    assert api(owner).get(path).json()["job_ids"] == [str(pk) for pk in jobs]
    grant(viewer, package, "read")
    assert api(viewer).get(path).json()["job_ids"] == []
    grant(viewer, place.job, "read")
    assert api(viewer).get(path).json()["job_ids"] == [str(place.job.pk)]


def test_nobody_packs_a_job_that_they_may_not_run(api: Any, editor: Any, place: Any, grant: Any) -> None:
    grant(editor, place.workspace, "write")
    edgar, body = api(editor), {"name": "Dawn", "job_ids": [str(place.job.pk)]}
    path = f"/api/v1/workspaces/{place.workspace.pk}/job-packages"
    assert edgar.post(path, body).status_code == 403
    grant(editor, place.job, "execute")
    assert edgar.post(path, body).status_code == 201
    stranger = edgar.post(path, {"name": "Dusk", "job_ids": [str(uuid4())]})
    assert (stranger.status_code, stranger.json()["errors"][0]["code"]) == (400, "not_found")
    twice = edgar.post(path, {"name": "Noon", "job_ids": [str(place.job.pk)] * 2})
    assert (twice.status_code, twice.json()["errors"][0]["code"]) == (400, "duplicate")


def test_a_package_keeps_the_order_it_was_given(api: Any, owner: Any, place: Any) -> None:
    from apps.workspaces.services.jobs import create_job

    olive = api(owner)
    jobs = [str(create_job(folder=place.folder, by=owner, name=name).pk) for name in ("One", "Two", "Three")]
    made = olive.post(f"/api/v1/workspaces/{place.workspace.pk}/job-packages", {"name": "Dawn", "job_ids": jobs}).json()
    turned = olive.patch(f"/api/v1/job-packages/{made['id']}", {"job_ids": jobs[::-1]}).json()
    assert (made["job_ids"], turned["job_ids"]) == (jobs, jobs[::-1])
    assert olive.get(f"/api/v1/workspaces/{place.workspace.pk}/job-packages").json()["results"] == [turned]


@pytest.mark.parametrize("query", ["deleted_by__password=x", "ordering=deleted_by__email", "created_by__email=x"])
def test_t31_names_that_no_list_knows_are_refused(api: Any, owner: Any, place: Any, query: str) -> None:
    for path in ("workspaces", f"workspaces/{place.workspace.pk}/folders", f"folders/{place.folder.pk}/jobs"):
        answer = api(owner).get(f"/api/v1/{path}?{query}")
        assert (answer.status_code, answer.json()["code"]) == (400, "unknown_filter")


def test_t42_a_body_places_nothing_by_fields_of_its_own(api: Any, owner: Any, place: Any) -> None:
    olive = api(owner)
    other = olive.post("/api/v1/workspaces", {"name": "Shipyard"}).json()["id"]
    smuggled = {
        "name": "Renamed",
        "workspace_id": other,
        "parent_id": None,
        "path": [],
        "deleted_at": None,
        "id": other,
    }
    assert olive.patch(f"/api/v1/folders/{place.nested.pk}", smuggled).status_code == 200
    place.nested.refresh_from_db()
    assert place.nested.name == "Renamed"
    assert place.nested.workspace_id == place.workspace.pk
    assert place.nested.path == [place.folder.pk, place.nested.pk]
