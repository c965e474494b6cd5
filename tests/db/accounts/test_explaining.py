"""Who may do what with an object, and why; and what one person may do."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest

from apps.accounts.models import Group, Membership, Role, User
from apps.accounts.services.permissions import revoke
from apps.connectors.services.connectors import create_connector
from tests.db.places import Place

ACCESS = "/api/v1/permissions/access"
SUBJECTS = "/api/v1/permissions/subjects"


@pytest.fixture
def pilots(tenant: Any, runner: User) -> Group:
    """A group of which Runa is the only member."""
    group = Group.objects.create(name="Pilots")
    Membership.objects.create(group=group, user=runner)
    return group


def of(kind: str, obj: Any, **more: Any) -> dict[str, Any]:
    return {"object_type": kind, "object_id": obj.pk, **more}


def rows(answer: Any) -> dict[str, dict[str, Any]]:
    assert answer.status_code == 200, answer.content
    return {row["name"]: row for row in answer.json()["results"]}


def test_everybody_on_a_job_is_named_with_the_reason(
    api: Any, grant: Any, place: Place, owner: User, editor: User, viewer: User, runner: User, pilots: Group
) -> None:
    direct = grant(editor, place.job, "write")
    grant(editor, place.job, "execute")
    grant(viewer, place.workspace, "read")
    grant(pilots, place.folder, "admin")
    answer = api(owner).get(ACCESS, of("job", place.job))
    found = rows(answer)
    assert answer.json()["may_grant"] is True
    assert list(found) == ["Pilots", "Edgar", "Olive", "Runa", "Vera"], "groups first, by name"
    assert found["Edgar"]["levels"] == ["write", "execute"]
    assert found["Edgar"]["reasons"][0]["because"] == "write was granted on it"
    assert found["Edgar"]["reasons"][0]["permission_id"] == str(direct.pk)
    assert found["Olive"]["levels"] == ["admin"]
    assert found["Olive"]["reasons"][0]["because"] == "owner of the subscription"
    assert found["Vera"]["levels"] == ["read"]
    [inherited] = found["Vera"]["reasons"]
    assert inherited["because"] == "read was granted on the workspace Harbour office"
    assert (inherited["inherited"], inherited["object_type"]) == (True, "workspace")
    [by_group] = found["Runa"]["reasons"]
    assert (by_group["source"], by_group["group_name"]) == ("group", "Pilots")
    assert by_group["because"] == "admin was granted on the folder Arrivals to the group Pilots"
    assert (found["Pilots"]["member_count"], found["Pilots"]["levels"]) == (1, ["admin"])


def test_the_answer_agrees_with_the_check_for_everybody_and_every_level(
    api: Any, grant: Any, place: Place, owner: User, editor: User, viewer: User, runner: User, pilots: Group
) -> None:
    grant(editor, place.folder, "write")
    grant(viewer, place.job, "execute")
    grant(pilots, place.workspace, "read")
    olive = api(owner)
    told = {
        row["id"]: set(row["levels"])
        for row in olive.get(ACCESS, of("job", place.job)).json()["results"]
        if row["kind"] == "user"
    }
    for person in (owner, editor, viewer, runner):
        for level in ("read", "write", "execute", "admin"):
            check = olive.get(
                "/api/v1/permissions/check", of("job", place.job, permission=level, user_id=person.pk)
            ).json()["allowed"]
            levels = told[str(person.pk)]
            assert check == (level in levels or "admin" in levels or (level == "read" and bool(levels)))


def test_who_may_only_read_sees_themselves_and_whom_to_ask(
    api: Any, grant: Any, place: Place, editor: User, viewer: User, runner: User
) -> None:
    grant(viewer, place.workspace, "read")
    grant(editor, place.workspace, "write")
    grant(runner, place.workspace, "admin")
    answer = api(viewer).get(ACCESS, of("job", place.job))
    found = rows(answer)
    assert answer.json()["may_grant"] is False
    assert set(found) == {"Olive", "Runa", "Vera"}, "Edgar's access is not Vera's affair"
    assert found["Vera"]["reasons"][0]["because"] == "read was granted on the workspace Harbour office"
    assert found["Runa"]["reasons"] == []


def test_what_one_may_not_read_is_404_and_a_wrong_question_400(
    api: Any, place: Place, viewer: User, owner: User
) -> None:
    vera, olive = api(viewer), api(owner)
    assert vera.get(ACCESS, of("job", place.job)).status_code == 404
    assert vera.get(SUBJECTS, of("job", place.job)).status_code == 404
    assert vera.get(ACCESS, {"object_type": "job", "object_id": uuid4()}).status_code == 404
    assert olive.get(ACCESS, {"object_type": "ship", "object_id": uuid4()}).status_code == 404
    assert olive.get(ACCESS, {"object_type": "job"}).status_code == 400
    assert olive.get(ACCESS, of("job", place.job, levels="x")).json()["code"] == "unknown_filter"


def test_the_name_of_a_container_is_kept_from_who_may_not_read_it(
    api: Any, grant: Any, place: Place, editor: User, viewer: User
) -> None:
    grant(editor, place.job, "admin")
    grant(viewer, place.workspace, "write")
    answer = api(editor).get(ACCESS, of("job", place.job))
    [reason] = rows(answer)["Vera"]["reasons"]
    assert reason["object_name"] is None
    assert b"Harbour office" not in answer.content


def test_people_switched_off_are_listed_without_a_level_and_a_role_that_grants_is_said(
    api: Any, grant: Any, place: Place, owner: User, editor: User, viewer: User
) -> None:
    grant(editor, place.job, "read")
    grant(viewer, place.job, "write")
    User.objects.filter(pk=editor.pk).update(
        role=Role.objects.create(name="clerk", capabilities=["permissions.manage"])
    )
    User.objects.filter(pk=viewer.pk).update(is_active=False)
    found = rows(api(owner).get(ACCESS, of("job", place.job)))
    assert [reason["source"] for reason in found["Edgar"]["reasons"]] == ["direct", "role"]
    assert (found["Vera"]["is_active"], found["Vera"]["levels"]) == (False, [])
    assert len(found["Vera"]["reasons"]) == 1, "so that it can be taken back"


def test_it_takes_the_same_queries_for_three_people_and_for_sixty(
    api: Any, grant: Any, place: Place, owner: User, pilots: Group, django_assert_num_queries: Any
) -> None:
    olive = api(owner)
    grant(pilots, place.workspace, "read")
    # The host, the sign-in, the job; content types, grants to people, grants to groups, members, owners, people,
    # groups, who grants by role; names of jobs, folders, workspaces; two search paths.
    with django_assert_num_queries(16):
        assert olive.get(ACCESS, of("job", place.job)).json()["count"] == 3
    for number in range(30):
        person = User.objects.create_user(f"n{number}@harbour.example", name=f"N{number}")
        grant(person, (place.job, place.folder, place.workspace)[number % 3], "write")
        group = Group.objects.create(name=f"Crew {number}")
        Membership.objects.create(group=group, user=person)
        grant(group, place.nested, "execute")
    with django_assert_num_queries(16):
        assert olive.get(ACCESS, of("job", place.job)).json()["count"] == 63


def test_people_and_groups_are_found_by_those_who_may_grant(
    api: Any, grant: Any, place: Place, owner: User, editor: User, viewer: User, pilots: Group
) -> None:
    grant(editor, place.job, "admin")
    grant(viewer, place.job, "write")
    edgar = api(editor)
    assert api(viewer).get(SUBJECTS, of("job", place.job)).status_code == 403
    found = edgar.get(SUBJECTS, of("job", place.job, search="pil")).json()["results"]
    assert found == [{"kind": "group", "id": str(pilots.pk), "name": "Pilots", "email": ""}]
    assert [row["name"] for row in edgar.get(SUBJECTS, of("job", place.job, search="vera harb")).json()["results"]] == [
        "Vera"
    ]
    User.objects.filter(pk=viewer.pk).update(is_active=False)
    assert edgar.get(SUBJECTS, of("job", place.job, search="vera")).json()["count"] == 0


def test_what_a_person_may_do_is_listed_by_object_with_the_reason(
    api: Any, grant: Any, place: Place, owner: User, viewer: User, runner: User, pilots: Group
) -> None:
    files = create_connector(viewer=owner, name="Tide tables", connector_type="files", config={})
    grant(runner, place.folder, "write")
    grant(pilots, files, "execute")
    olive = api(owner)
    path = f"/api/v1/users/{runner.pk}/access"
    jobs = olive.get(path, {"object_type": "job"}).json()["results"]
    assert [(job["name"], job["levels"]) for job in jobs] == [("Nightly count", ["write"])]
    assert jobs[0]["reasons"][0]["because"] == "write was granted on the folder Arrivals"
    assert olive.get(path, {"object_type": "workspace"}).json()["count"] == 0
    [connector] = olive.get(path, {"object_type": "connector", "search": "tide"}).json()["results"]
    assert connector["reasons"][0]["because"] == "execute was granted on it to the group Pilots"
    owned = olive.get(f"/api/v1/users/{owner.pk}/access", {"object_type": "job"}).json()["results"]
    assert owned[0]["reasons"][0]["source"] == "owner"
    assert olive.get(path, {"object_type": "ship"}).status_code == 400
    assert api(viewer).get(path, {"object_type": "job"}).status_code == 404
    assert api(runner).get(path, {"object_type": "job"}).json()["count"] == 1


def test_who_manages_people_learns_nothing_of_objects_they_may_not_read(
    api: Any, grant: Any, place: Place, viewer: User, runner: User
) -> None:
    clerk = User.objects.create_user(
        "cleo@harbour.example", role=Role.objects.create(name="clerk", capabilities=["users.manage"])
    )
    given = grant(runner, place.workspace, "write")
    cleo = api(clerk)
    path = f"/api/v1/users/{runner.pk}/access"
    assert cleo.get(path, {"object_type": "job"}).json()["count"] == 0
    grant(clerk, place.job, "read")
    [job] = cleo.get(path, {"object_type": "job"}).json()["results"]
    assert job["reasons"][0]["object_name"] is None
    revoke(grant=given)
    assert cleo.get(path, {"object_type": "job"}).json()["count"] == 0


def test_a_page_of_what_a_person_may_do_takes_the_same_queries_for_one_object_and_for_forty(
    api: Any, grant: Any, place: Place, owner: User, runner: User, django_assert_num_queries: Any
) -> None:
    from apps.workspaces.services.jobs import create_job

    olive = api(owner)
    grant(runner, place.workspace, "write")
    path = f"/api/v1/users/{runner.pk}/access"
    olive.get(path, {"object_type": "job"})
    # The host, the sign-in, the person and their grants; the count and the jobs; groups, grants to them and by
    # them; the workspace's name; two search paths.
    with django_assert_num_queries(11):
        assert olive.get(path, {"object_type": "job"}).json()["count"] == 1
    for number in range(39):
        create_job(folder=place.nested, by=owner, name=f"Count {number}")
    with django_assert_num_queries(11):
        assert olive.get(path, {"object_type": "job", "page_size": 200}).json()["count"] == 40
