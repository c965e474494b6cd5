"""Granting, checking and revoking over HTTP."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest

from apps.accounts.models import User
from apps.workspaces.models import Workspace
from apps.workspaces.services.workspaces import create_workspace

PERMISSIONS = "/api/v1/permissions"
CHECK = "/api/v1/permissions/check"


@pytest.fixture
def harbour(owner: User) -> Workspace:
    return create_workspace(by=owner, name="Harbour")


def on(workspace: Workspace, permission: str = "read", **more: Any) -> dict[str, Any]:
    return {"object_type": "workspace", "object_id": str(workspace.pk), "permission": permission, **more}


def test_a_grant_opens_the_object_and_taking_it_back_closes_it(
    api: Any, owner: User, viewer: User, harbour: Workspace
) -> None:
    olive, vera = api(owner), api(viewer)
    path = f"/api/v1/workspaces/{harbour.pk}"
    assert vera.get(path).status_code == 404
    granted = olive.post(PERMISSIONS, on(harbour, user_id=str(viewer.pk)))
    assert granted.status_code == 201
    assert granted.json()["permission"] == "read"
    assert granted.json()["object_id"] == str(harbour.pk)
    assert vera.get(path).status_code == 200
    assert vera.patch(path, {"name": "Mine"}).status_code == 403
    listed = olive.get(PERMISSIONS, {"object_type": "workspace", "object_id": harbour.pk}).json()
    assert [each["id"] for each in listed["results"]] == [granted.json()["id"]]
    check = olive.get(CHECK, on(harbour, user_id=viewer.pk)).json()
    assert check == {"allowed": True, "because": "read was granted on it"}
    assert olive.delete(f"{PERMISSIONS}/{granted.json()['id']}").status_code == 204
    assert vera.get(path).status_code == 404
    assert olive.get(CHECK, on(harbour, user_id=viewer.pk)).json()["allowed"] is False


def test_a_group_is_granted_like_a_person(api: Any, owner: User, viewer: User, harbour: Workspace) -> None:
    olive = api(owner)
    group = olive.post("/api/v1/groups", {"name": "Pilots"}).json()
    olive.post(f"/api/v1/groups/{group['id']}/members", {"user_id": str(viewer.pk)})
    granted = olive.post(PERMISSIONS, on(harbour, "write", group_id=group["id"]))
    assert granted.status_code == 201
    vera = api(viewer)
    assert vera.patch(f"/api/v1/workspaces/{harbour.pk}", {"name": "Ours"}).status_code == 200
    assert vera.get(CHECK, on(harbour, "execute")).json()["allowed"] is False
    assert olive.delete(f"/api/v1/groups/{group['id']}").status_code == 204
    assert vera.get(f"/api/v1/workspaces/{harbour.pk}").status_code == 404


def test_only_admin_grants(api: Any, owner: User, editor: User, viewer: User, harbour: Workspace) -> None:
    olive, edgar = api(owner), api(editor)
    body = on(harbour, user_id=str(viewer.pk))
    unseen = edgar.post(PERMISSIONS, body)
    assert (unseen.status_code, unseen.json()["errors"][0]["code"]) == (400, "not_found")
    granted = olive.post(PERMISSIONS, on(harbour, "write", user_id=str(editor.pk))).json()
    assert edgar.post(PERMISSIONS, body).status_code == 403
    assert edgar.get(PERMISSIONS, {"object_type": "workspace", "object_id": harbour.pk}).status_code == 403
    assert edgar.delete(f"{PERMISSIONS}/{granted['id']}").status_code == 403
    assert api(viewer).delete(f"{PERMISSIONS}/{granted['id']}").status_code == 404
    olive.post(PERMISSIONS, on(harbour, "admin", user_id=str(editor.pk)))
    assert edgar.post(PERMISSIONS, body).status_code == 201


@pytest.mark.parametrize(
    ("change", "field", "code"),
    [
        ({"object_type": "ship"}, "object_type", "not_found"),
        ({"object_id": str(uuid4())}, "object_id", "not_found"),
        ({"object_id": "x"}, "object_id", "invalid"),
        ({"user_id": str(uuid4())}, "user_id", "not_found"),
        ({"user_id": None}, "user_id", "invalid"),
        ({"group_id": str(uuid4())}, "group_id", "not_found"),
        ({"permission": "own"}, "permission", "invalid_choice"),
    ],
)
def test_a_wrong_grant_names_field_and_code(
    api: Any, owner: User, harbour: Workspace, *, change: dict[str, Any], field: str, code: str
) -> None:
    answer = api(owner).post(PERMISSIONS, {**on(harbour, user_id=str(owner.pk)), **change})
    assert answer.status_code == 400
    assert (field, code) in {(error["field"], error["code"]) for error in answer.json()["errors"]}


def test_asking_about_what_one_may_not_read_is_404(api: Any, viewer: User, owner: User, harbour: Workspace) -> None:
    vera = api(viewer)
    assert vera.get(CHECK, on(harbour)).status_code == 404
    assert vera.get(CHECK, {**on(harbour), "object_id": uuid4()}).status_code == 404
    assert vera.get(CHECK, {**on(harbour), "object_id": "x"}).status_code == 400
    assert api(owner).get(CHECK, on(harbour, "admin")).json()["because"] == "owner of the subscription"


def test_asking_about_others_is_for_those_who_grant(
    api: Any, owner: User, viewer: User, editor: User, harbour: Workspace
) -> None:
    api(owner).post(PERMISSIONS, on(harbour, user_id=str(viewer.pk)))
    assert api(viewer).get(CHECK, on(harbour, user_id=editor.pk)).status_code == 403
    assert api(viewer).get(CHECK, on(harbour, user_id=viewer.pk)).json()["allowed"] is True
