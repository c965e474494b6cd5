"""Who may do what with which object: levels, flowing down, groups, roles, keys."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest
from django_tenants.utils import tenant_context

from apps.accounts import access
from apps.accounts.access import Level
from apps.accounts.models import Group, Membership, Role, User, UserGrant
from apps.accounts.services import permissions
from apps.kernel.errors import Forbidden, NotFound
from apps.workspaces.models import Workspace
from apps.workspaces.services.folders import create_folder
from apps.workspaces.services.jobs import create_job
from apps.workspaces.services.workspaces import create_workspace


@pytest.fixture
def harbour(owner: User) -> Workspace:
    return create_workspace(by=owner, name="Harbour")


@pytest.fixture
def pier(owner: User) -> Workspace:
    return create_workspace(by=owner, name="Pier")


def test_without_a_grant_nothing_is_there(viewer: User, harbour: Workspace) -> None:
    assert not access.visible(viewer, "workspace").exists()
    with pytest.raises(NotFound):
        access.get_visible(viewer, "workspace", harbour.pk)


@pytest.mark.parametrize(
    ("held", "may"),
    [
        (Level.READ, {Level.READ}),
        (Level.WRITE, {Level.READ, Level.WRITE}),
        (Level.EXECUTE, {Level.READ, Level.EXECUTE}),
        (Level.ADMIN, set(Level)),
    ],
)
def test_every_level_includes_read_and_admin_all(
    viewer: User, harbour: Workspace, pier: Workspace, held: Level, may: set[Level]
) -> None:
    permissions.grant(obj=harbour, to=viewer, level=held)
    for level in Level:
        assert access.allowed(viewer, harbour, level) == (level in may)
        assert (harbour in access.visible(viewer, "workspace", level)) == (level in may)
        assert pier not in access.visible(viewer, "workspace", level)
        if level not in may:
            with pytest.raises(Forbidden):
                access.get_visible(viewer, "workspace", harbour.pk, level)


def test_grants_flow_down_from_workspace_to_folder_to_job_and_never_up(
    owner: User, viewer: User, harbour: Workspace
) -> None:
    outer = create_folder(by=owner, workspace=harbour, name="Arrivals")
    inner = create_folder(by=owner, workspace=harbour, name="Ships", parent=outer)
    job = create_job(by=owner, folder=inner, name="Nightly")
    permissions.grant(obj=outer, to=viewer, level=Level.WRITE)
    assert access.allowed(viewer, inner, Level.WRITE)
    assert access.allowed(viewer, job, Level.WRITE)
    assert list(access.visible(viewer, "job", Level.WRITE)) == [job]
    assert set(access.visible(viewer, "folder")) == {outer, inner}
    assert not access.visible(viewer, "workspace").exists()
    assert access.because(viewer, job, Level.WRITE) == f"write was granted on the folder {outer.pk}"


def test_a_group_carries_grants_and_roles_to_its_members(viewer: User, harbour: Workspace) -> None:
    pilots = Group.objects.create(name="Pilots", role=Role.objects.get(name="editor"))
    permissions.grant(obj=harbour, to=pilots, level=Level.EXECUTE)
    assert not access.allowed(viewer, harbour, Level.READ)
    assert not access.may(viewer, "connectors.create")
    Membership.objects.create(group=pilots, user=viewer)
    assert access.allowed(viewer, harbour, Level.EXECUTE)
    assert access.may(viewer, "connectors.create")


def test_editors_make_connectors_and_only_owners_make_workspaces(owner: User, editor: User, viewer: User) -> None:
    assert access.may(editor, "connectors.create")
    assert not access.may(editor, "workspaces.create")
    assert not access.may(viewer, "connectors.create")
    assert access.may(owner, "workspaces.create")
    with pytest.raises(KeyError):
        access.may(owner, "workspaces.burn")


def test_scopes_narrow_even_the_owner(owner: User, harbour: Workspace) -> None:
    owner.scopes = frozenset({Level.EXECUTE})
    assert access.allowed(owner, harbour, Level.READ)
    assert access.allowed(owner, harbour, Level.EXECUTE)
    assert not access.allowed(owner, harbour, Level.WRITE)
    assert not access.visible(owner, "workspace", Level.WRITE).exists()
    assert not access.may(owner, "workspaces.create")


def test_somebody_switched_off_sees_nothing(owner: User, harbour: Workspace) -> None:
    owner.is_active = False
    assert not access.visible(owner, "workspace").exists()
    assert not access.allowed(owner, harbour, Level.READ)
    assert not access.may(owner, "users.manage")


def test_grants_are_read_once_a_request_and_anew_after_a_change(
    viewer: User, harbour: Workspace, django_assert_num_queries: Any
) -> None:
    permissions.grant(obj=harbour, to=viewer, level=Level.READ)
    with access.remembering_grants():
        with django_assert_num_queries(1):
            assert access.allowed(viewer, harbour, Level.READ)
            assert not access.allowed(viewer, harbour, Level.WRITE)
        permissions.grant(obj=harbour, to=viewer, level=Level.WRITE)
        assert access.allowed(viewer, harbour, Level.WRITE)


def test_the_number_of_queries_of_a_list_does_not_grow_with_the_grants(
    viewer: User, owner: User, django_assert_num_queries: Any
) -> None:
    for number in range(20):
        permissions.grant(obj=create_workspace(by=owner, name=f"Quay {number}"), to=viewer, level=Level.READ)
    with django_assert_num_queries(2):
        assert len(access.visible(viewer, "workspace")) == 20


def test_t15_grants_go_with_the_object(viewer: User, harbour: Workspace) -> None:
    permissions.grant(obj=harbour, to=viewer, level=Level.READ)
    harbour.delete()
    assert not UserGrant.objects.exists()


def test_t15_deleting_many_at_once_leaves_no_grant_either(viewer: User, harbour: Workspace, pier: Workspace) -> None:
    for workspace in (harbour, pier):
        permissions.grant(obj=workspace, to=viewer, level=Level.READ)
    Workspace.objects.filter(pk__in=[harbour.pk, pier.pk]).delete()
    assert not UserGrant.objects.exists()


def test_t14_a_grant_on_one_id_says_nothing_of_another(viewer: User, harbour: Workspace, pier: Workspace) -> None:
    permissions.grant(obj=harbour, to=viewer, level=Level.ADMIN)
    for stranger in (pier.pk, uuid4()):
        with pytest.raises(NotFound):
            access.get_visible(viewer, "workspace", stranger)


def test_t05_a_grant_of_ours_counts_for_nothing_at_the_rivals(
    viewer: User, harbour: Workspace, rival: Any, rival_owner: User
) -> None:
    permissions.grant(obj=harbour, to=viewer, level=Level.ADMIN)
    with tenant_context(rival):
        theirs = create_workspace(by=rival_owner, name="Theirs")
        assert not access.allowed(viewer, theirs, Level.READ)
        assert not UserGrant.objects.filter(object_pk=str(harbour.pk)).exists()
