"""Deleting for a while, restoring, deleting for good."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest


def test_what_lies_in_a_deleted_workspace_is_gone_and_comes_back_with_it(api: Any, owner: Any, place: Any) -> None:
    olive = api(owner)
    paths = [f"/api/v1/folders/{place.folder.pk}", f"/api/v1/folders/{place.nested.pk}", f"/api/v1/jobs/{place.job.pk}"]
    assert olive.delete(f"/api/v1/workspaces/{place.workspace.pk}").status_code == 204
    assert [olive.get(path).status_code for path in paths] == [404] * 3
    assert olive.get("/api/v1/workspaces").json()["count"] == 0
    assert olive.post(f"/api/v1/workspaces/{place.workspace.pk}/restore").status_code == 200
    assert [olive.get(path).status_code for path in paths] == [200] * 3


def test_what_was_deleted_by_itself_stays_deleted_when_its_folder_comes_back(api: Any, owner: Any, place: Any) -> None:
    olive = api(owner)
    olive.delete(f"/api/v1/jobs/{place.job.pk}")
    olive.delete(f"/api/v1/folders/{place.folder.pk}")
    olive.post(f"/api/v1/folders/{place.folder.pk}/restore")
    assert olive.get(f"/api/v1/folders/{place.nested.pk}").status_code == 200
    assert olive.get(f"/api/v1/jobs/{place.job.pk}").status_code == 404
    assert olive.post(f"/api/v1/jobs/{place.job.pk}/restore").status_code == 200
    assert olive.get(f"/api/v1/jobs/{place.job.pk}").status_code == 200


def test_a_job_is_not_restored_into_a_deleted_folder(api: Any, owner: Any, place: Any) -> None:
    olive = api(owner)
    olive.delete(f"/api/v1/jobs/{place.job.pk}")
    olive.delete(f"/api/v1/folders/{place.folder.pk}")
    refused = olive.post(f"/api/v1/jobs/{place.job.pk}/restore")
    assert (refused.status_code, refused.json()["code"]) == (409, "parent_deleted")
    assert str(place.nested.pk) in refused.json()["remedy"]


def test_restoring_a_living_folder_changes_nothing(api: Any, owner: Any, place: Any) -> None:
    assert api(owner).post(f"/api/v1/folders/{place.folder.pk}/restore").status_code == 200


def test_after_thirty_days_nothing_is_restored(api: Any, owner: Any, place: Any) -> None:
    from apps.kernel.clock import now
    from apps.workspaces.models import Folder

    Folder.objects.filter(pk=place.nested.pk).update(deleted_at=now() - timedelta(days=31))
    answer = api(owner).post(f"/api/v1/folders/{place.nested.pk}/restore")
    assert (answer.status_code, answer.json()["code"]) == (410, "gone")


def test_deleting_needs_write_and_deleting_for_good_needs_admin(
    api: Any, editor: Any, viewer: Any, place: Any, grant: Any
) -> None:
    grant(editor, place.workspace, "write")
    grant(viewer, place.workspace, "read")
    path = f"/api/v1/folders/{place.folder.pk}"
    assert api(viewer).delete(path).status_code == 403
    assert api(editor).delete(f"{path}?hard=true").status_code == 403
    assert api(editor).delete(path).status_code == 204
    grant(editor, place.workspace, "admin")
    assert api(editor).delete(f"{path}?hard=true").status_code == 204  # reaches what was deleted already
    assert api(editor).post(f"{path}/restore").status_code == 404


def test_hard_is_a_boolean(api: Any, owner: Any, place: Any) -> None:
    answer = api(owner).delete(f"/api/v1/folders/{place.folder.pk}?hard=perhaps")
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (400, "hard")


@pytest.mark.parametrize("kind", ["workspace", "folder", "nested", "job"])
def test_t15_no_grant_outlives_its_object(api: Any, owner: Any, viewer: Any, place: Any, grant: Any, kind: str) -> None:
    from apps.accounts.models import UserGrant

    for obj in (place.workspace, place.folder, place.nested, place.job):
        grant(viewer, obj, "read")
    order = ["workspace", "folder", "nested", "job"]
    plural = {"workspace": "workspaces", "folder": "folders", "nested": "folders", "job": "jobs"}[kind]
    assert api(owner).delete(f"/api/v1/{plural}/{getattr(place, kind).pk}?hard=true").status_code == 204
    left = {grant.object_pk for grant in UserGrant.objects.filter(user=viewer)}
    assert left == {str(getattr(place, name).pk) for name in order[: order.index(kind)]}


def test_t15_a_grant_made_for_a_deleted_folder_works_again_only_when_it_is_restored(
    api: Any, owner: Any, viewer: Any, place: Any, grant: Any
) -> None:
    grant(viewer, place.nested, "read")
    vera, path = api(viewer), f"/api/v1/folders/{place.nested.pk}"
    api(owner).delete(f"/api/v1/folders/{place.folder.pk}")
    assert vera.get(path).status_code == 404
    api(owner).post(f"/api/v1/folders/{place.folder.pk}/restore")
    assert vera.get(path).status_code == 200


def test_what_cannot_be_restored_any_more_is_forgotten_with_its_grants(
    owner: Any, viewer: Any, place: Any, grant: Any
) -> None:
    from apps.accounts.models import UserGrant
    from apps.kernel.clock import now
    from apps.workspaces.models import Folder, Job
    from apps.workspaces.services.forgetting import forget_deleted

    grant(viewer, place.job, "read")
    Folder.objects.filter(pk=place.folder.pk).update(deleted_at=now() - timedelta(days=29))
    assert forget_deleted() == 0
    Folder.objects.filter(pk=place.folder.pk).update(deleted_at=now() - timedelta(days=31))
    assert forget_deleted() == 1
    assert not Job._base_manager.filter(pk=place.job.pk).exists()
    assert not UserGrant.objects.filter(object_pk=str(place.job.pk)).exists()
