"""People, groups and roles over HTTP, and what nobody may hand out."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from apps.accounts.core import capabilities
from apps.accounts.models import Group, Membership, Role, User
from tests.db.conftest import HOST, TenantClient

USERS = "/api/v1/users"
GROUPS = "/api/v1/groups"


@pytest.fixture
def clerk(tenant: Any) -> User:
    """Somebody who manages people and groups, and nothing else."""
    role = Role.objects.create(name="clerk", capabilities=["users.manage", "groups.manage", "roles.manage"])
    return User.objects.create_user("cleo@harbour.example", "a lantern at the gate", role=role)


def test_the_owner_makes_changes_and_removes_a_person(api: Any, owner: User) -> None:
    olive = api(owner)
    runner = Role.objects.get(name="runner")
    body = {"email": "Tom@Harbour.example", "name": "Tom", "password": "gulls over the roof", "role_id": str(runner.pk)}
    made = olive.post(USERS, body)
    assert made.status_code == 201
    assert (made.json()["email"], made.json()["role"]) == ("tom@harbour.example", "runner")
    path = f"{USERS}/{made.json()['id']}"
    assert olive.patch(path, {"name": "Tomas"}).json()["name"] == "Tomas"
    assert olive.get(USERS, {"search": "tomas"}).json()["count"] == 1
    assert olive.delete(path).status_code == 204
    assert olive.get(path).status_code == 404
    assert olive.get(USERS, {"search": "tomas"}).json()["count"] == 0
    assert olive.post(USERS, body).status_code == 201, "the address is free again"


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("is_active=true", 200),
        ("is_active=perhaps", 400),
        ("role_id=x", 400),
        ("ordering=-email,name", 200),
        ("ordering=password", 400),
        ("password=x", 400),
        ("email__startswith=v", 400),
        ("role__name=viewer", 400),
        ("search=%00", 400),
        ("page=99", 404),
        ("page=0", 404),
        ("page_size=1000", 200),
        ("page_size=x", 200),
    ],
)
def test_t31_lists_know_only_the_names_they_declare(api: Any, owner: User, query: str, status: int) -> None:
    assert api(owner).get(f"{USERS}?{query}").status_code == status


def test_an_unknown_filter_says_which_and_what_there_is(api: Any, owner: User) -> None:
    answer = api(owner).get(USERS, {"passwrd": "x"}).json()
    assert (answer["code"], answer["errors"][0]["field"]) == ("unknown_filter", "passwrd")
    assert "email" in answer["remedy"]


def test_a_page_has_at_most_two_hundred(api: Any, owner: User) -> None:
    User.objects.bulk_create(User(email=f"n{number}@harbour.example") for number in range(210))
    page = api(owner).get(USERS, {"page_size": 1000}).json()
    assert len(page["results"]) == 200
    assert page["count"] == 214
    assert "page=2" in page["next"]


def test_i_cost_the_same_queries_with_one_capability_and_with_all(
    api: Any, viewer: User, django_assert_num_queries: Any
) -> None:
    viewer.role = Role.objects.create(name="everything", capabilities=sorted(capabilities.REGISTRY))
    viewer.save()
    vera = api(viewer)
    with django_assert_num_queries(6):  # the host, the person, their capabilities and groups; two search paths
        answer = vera.get("/api/v1/auth/me")
    assert answer.json()["capabilities"] == sorted(capabilities.REGISTRY)


def test_the_list_of_people_takes_the_same_queries_for_four_and_for_forty(
    api: Any, owner: User, django_assert_max_num_queries: Any
) -> None:
    olive = api(owner)
    role = Role.objects.get(name="viewer")
    User.objects.bulk_create(User(email=f"n{number}@harbour.example", role=role) for number in range(40))
    # The host, the person, the count, the people, their groups; two search paths.
    with django_assert_max_num_queries(7):
        assert olive.get(USERS).status_code == 200


def test_a_person_is_listed_with_groups_state_and_when_they_were_last_seen(
    api: Any, owner: User, viewer: User, editor: User
) -> None:
    olive = api(owner)
    group = Group.objects.create(name="Pilots")
    Membership.objects.create(group=group, user=viewer)
    User.objects.filter(pk=editor.pk).update(is_active=False, seen_at="2026-03-01T08:00:00Z")
    found = {row["email"]: row for row in olive.get(USERS, {"ordering": "-last_seen_at"}).json()["results"]}
    assert found[viewer.email]["groups"] == [{"id": str(group.pk), "name": "Pilots"}]
    assert (found[viewer.email]["state"], found[viewer.email]["last_seen_at"]) == ("active", None)
    assert (found[editor.email]["state"], found[editor.email]["last_seen_at"]) == ("disabled", "2026-03-01T08:00:00Z")
    assert found[owner.email]["last_seen_at"] is not None, "her token was just made"


def test_the_session_of_a_page_notes_at_most_once_in_five_minutes_that_somebody_is_there(
    tenant: Any, viewer: User
) -> None:
    client = TenantClient(HOST)
    client.force_login(viewer, backend="django.contrib.auth.backends.ModelBackend")
    client.get("/api/v1/auth/me")
    viewer.refresh_from_db()
    first = viewer.seen_at
    assert first is not None
    client.get("/api/v1/auth/me")
    viewer.refresh_from_db()
    assert viewer.seen_at == first
    User.objects.filter(pk=viewer.pk).update(seen_at=first - timedelta(minutes=6))
    client.get("/api/v1/auth/me")
    viewer.refresh_from_db()
    assert viewer.seen_at is not None
    assert viewer.seen_at >= first


def test_groups_and_roles_say_how_many_carry_them_and_capabilities_their_words(
    api: Any, owner: User, viewer: User
) -> None:
    olive = api(owner)
    role = olive.post("/api/v1/roles", {"name": "Bosun", "capabilities": ["workspaces.create"]}).json()
    group = olive.post(GROUPS, {"name": "Pilots", "role_id": role["id"]}).json()
    assert (group["role"], group["member_count"]) == ("Bosun", 0)
    olive.post(f"{GROUPS}/{group['id']}/members", {"user_id": str(viewer.pk)})
    olive.patch(f"{USERS}/{viewer.pk}", {"role_id": role["id"]})
    assert olive.get(f"{GROUPS}/{group['id']}").json()["member_count"] == 1
    again = olive.get(f"/api/v1/roles/{role['id']}").json()
    assert (again["user_count"], again["group_count"]) == (1, 1)
    told = {each["name"]: each["label"] for each in olive.get("/api/v1/capabilities").json()["results"]}
    assert told["workspaces.create"] == "Make workspaces"
    assert set(told) == set(capabilities.REGISTRY)
    assert api(viewer).get("/api/v1/capabilities").status_code == 403


def test_vera_reads_herself_and_finds_nobody_else(api: Any, viewer: User, editor: User) -> None:
    vera = api(viewer)
    assert vera.get(USERS).status_code == 403
    assert vera.get(f"{USERS}/{viewer.pk}").status_code == 200
    assert vera.patch(f"{USERS}/{viewer.pk}", {"is_owner": True}).status_code == 403
    answers = [vera.get(f"{USERS}/{pk}") for pk in (editor.pk, uuid4())]
    assert [answer.status_code for answer in answers] == [404, 404]


def test_nobody_hands_out_more_than_they_may(api: Any, clerk: User, owner: User, viewer: User) -> None:
    cleo = api(clerk)
    mighty = Role.objects.get(name="owner")
    assert cleo.patch(f"{USERS}/{viewer.pk}", {"name": "V"}).status_code == 200
    for body in ({"is_owner": True}, {"role_id": str(mighty.pk)}):
        assert cleo.patch(f"{USERS}/{viewer.pk}", body).status_code == 403
        assert cleo.post(USERS, {"email": "x@harbour.example", **body}).status_code == 403
    for body in ({"password": "mine from now on"}, {"is_active": False}, {"email": "cleo2@harbour.example"}):
        assert cleo.patch(f"{USERS}/{owner.pk}", body).status_code == 403
    assert cleo.delete(f"{USERS}/{owner.pk}").status_code == 403
    assert cleo.delete(f"{USERS}/{viewer.pk}?hard=true").status_code == 403
    assert cleo.post(GROUPS, {"name": "Mighty", "role_id": str(mighty.pk)}).status_code == 403
    group = Group.objects.create(name="Captains", role=mighty)
    assert cleo.post(f"{GROUPS}/{group.pk}/members", {"user_id": str(clerk.pk)}).status_code == 403
    body = {"name": "Bosun", "capabilities": ["workspaces.create"]}
    assert cleo.post("/api/v1/roles", body).status_code == 403


def test_there_is_always_an_owner(api: Any, owner: User) -> None:
    olive = api(owner)
    for answer in (
        olive.patch(f"{USERS}/{owner.pk}", {"is_owner": False}),
        olive.patch(f"{USERS}/{owner.pk}", {"is_active": False}),
    ):
        assert (answer.status_code, answer.json()["code"]) == (409, "last_owner")
    assert olive.delete(f"{USERS}/{owner.pk}").json()["code"] == "own_account"
    owner.refresh_from_db()
    assert owner.is_owner
    assert owner.is_active


@pytest.mark.parametrize(
    ("body", "field", "code"),
    [
        ({}, "email", "required"),
        ({"email": "x"}, "email", "invalid"),
        ({"email": "VERA@harbour.example"}, "email", "unique"),
        ({"email": "n@harbour.example", "role_id": str(uuid4())}, "role_id", "not_found"),
        ({"email": "n@harbour.example", "role_id": "x"}, "role_id", "invalid"),
        ({"email": "n@harbour.example", "password": "short"}, "password", "password_too_short"),
        ([], "", "invalid"),
        ("x", "", "invalid"),
    ],
)
def test_a_wrong_body_names_field_and_code(api: Any, owner: User, body: Any, field: str, code: str) -> None:
    answer = api(owner).post(USERS, body)
    assert answer.status_code == 400
    assert (field, code) in {(error["field"], error["code"]) for error in answer.json()["errors"]}


def test_groups_have_members_who_see_their_group(api: Any, owner: User, viewer: User, editor: User) -> None:
    olive, vera = api(owner), api(viewer)
    group = olive.post(GROUPS, {"name": "Pilots"}).json()
    path = f"{GROUPS}/{group['id']}"
    assert vera.get(path).status_code == 404
    added = olive.post(f"{path}/members", {"user_id": str(viewer.pk)})
    assert added.status_code == 201
    assert olive.post(f"{path}/members", {"user_id": str(viewer.pk)}).status_code == 201
    assert vera.get(path).json()["name"] == "Pilots"
    assert vera.patch(path, {"name": "Mine"}).status_code == 403
    assert [each["email"] for each in vera.get(f"{path}/members").json()["results"]] == [viewer.email]
    assert vera.post(f"{path}/members", {"user_id": str(editor.pk)}).status_code == 403
    assert olive.delete(f"{path}/members/{viewer.pk}").status_code == 204
    assert olive.delete(f"{path}/members/{viewer.pk}").status_code == 404
    assert vera.get(path).status_code == 404
    assert olive.post(GROUPS, {"name": "Pilots"}).json()["errors"][0]["code"] == "unique"
    assert olive.delete(path).status_code == 204
    assert olive.get(path).status_code == 404


def test_roles_are_made_from_known_capabilities(api: Any, owner: User) -> None:
    olive = api(owner)
    made = olive.post("/api/v1/roles", {"name": "Bosun", "capabilities": ["workspaces.create"], "levels": ["write"]})
    assert made.status_code == 201
    path = f"/api/v1/roles/{made.json()['id']}"
    assert olive.patch(path, {"levels": ["read"]}).json()["levels"] == ["read"]
    wrong = olive.patch(path, {"capabilities": ["ships.sink"]})
    assert (wrong.status_code, wrong.json()["errors"][0]["code"]) == (400, "not_found")
    built_in = Role.objects.get(name="viewer")
    assert olive.patch(f"/api/v1/roles/{built_in.pk}", {"levels": ["admin"]}).json()["code"] == "built_in"
    assert olive.delete(f"/api/v1/roles/{built_in.pk}").status_code == 409
    assert olive.delete(path).status_code == 204
