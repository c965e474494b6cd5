"""Groups, their members, and roles."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import ProtectedError

from apps.accounts import access
from apps.accounts.core.capabilities import REGISTRY
from apps.accounts.core.levels import Level
from apps.accounts.events import GroupChanged, GroupCreated, GroupDeleted, MemberAdded, MemberRemoved, RoleChanged
from apps.accounts.models import Group, GroupGrant, Membership, Role, User
from apps.kernel.errors import Conflict, FieldError, Forbidden, Invalid
from apps.kernel.events import publish


def _taken() -> Invalid:
    return Invalid(errors=[FieldError("name", "unique", "This name is taken")])


def _may_carry(by: User, role: Role | None) -> None:
    if role is not None and not by.is_owner and not set(role.capabilities) <= access.capabilities_of(by):
        raise Forbidden("You cannot give more than you may yourself", remedy="Ask the owner of the subscription")


@transaction.atomic
def create_group(*, by: User, name: str, description: str = "", role: Role | None = None) -> Group:
    """Raises Invalid for a name that is taken, Forbidden for a role that may more than one may oneself."""
    _may_carry(by, role)
    try:
        with transaction.atomic():
            group = Group.objects.create(name=name, description=description, role=role)
    except IntegrityError as error:
        raise _taken() from error
    publish(GroupCreated(group_id=group.pk, name=name, by=by.pk))
    return group


@transaction.atomic
def change_group(*, group: Group, by: User, changes: Mapping[str, Any]) -> Group:
    """Change name, description or role. Raises as `create_group`."""
    _may_carry(by, changes.get("role"))
    for name, value in changes.items():
        setattr(group, name, value)
    try:
        with transaction.atomic():
            group.save()
    except IntegrityError as error:
        raise _taken() from error
    access.forget_remembered()
    publish(GroupChanged(group_id=group.pk, by=by.pk))
    return group


@transaction.atomic
def delete_group(*, group: Group, by: User) -> None:
    """The group and what was granted to it go; its members stay."""
    members = tuple(group.memberships.values_list("user_id", flat=True))
    identity = group.pk
    GroupGrant.objects.filter(group=group).delete()
    group.delete()
    access.forget_remembered()
    publish(GroupDeleted(group_id=identity, members=members, by=by.pk))


@transaction.atomic
def add_member(*, group: Group, user: User, by: User) -> Membership:
    """Put a person into the group; a second time changes nothing. Raises Forbidden as `create_group`."""
    _may_carry(by, group.role)
    membership, made = Membership.objects.get_or_create(group=group, user=user)
    access.forget_remembered()
    if made:
        publish(MemberAdded(group_id=group.pk, user_id=user.pk, by=by.pk))
    return membership


@transaction.atomic
def remove_member(*, membership: Membership, by: User) -> None:
    group_id, user_id = membership.group_id, membership.user_id
    membership.delete()
    access.forget_remembered()
    publish(MemberRemoved(group_id=group_id, user_id=user_id, by=by.pk))


def _check_role(by: User, changes: Mapping[str, Any]) -> None:
    capabilities = changes.get("capabilities", [])
    unknown = [name for name in capabilities if name not in REGISTRY]
    if unknown:
        raise Invalid(
            errors=[FieldError("capabilities", "not_found", f"There is no capability {unknown[0]!r}")],
            remedy=f"Known: {', '.join(REGISTRY)}",
        )
    if not by.is_owner and not set(capabilities) <= access.capabilities_of(by):
        raise Forbidden("You cannot give more than you may yourself", remedy="Ask the owner of the subscription")
    for level in changes.get("levels", []):
        Level(level)


@transaction.atomic
def save_role(*, role: Role | None, by: User, changes: Mapping[str, Any]) -> Role:
    """Make or change a role. Raises Conflict for a built-in one, Forbidden for more than one may oneself."""
    if role is not None and role.is_built_in:
        raise Conflict("Built-in roles stay as they are", code="built_in", remedy="Make a role of your own")
    _check_role(by, changes)
    role = role or Role()
    for name, value in changes.items():
        setattr(role, name, value)
    try:
        with transaction.atomic():
            role.save()
    except IntegrityError as error:
        raise _taken() from error
    publish(RoleChanged(role_id=role.pk, by=by.pk))
    return role


@transaction.atomic
def delete_role(*, role: Role, by: User) -> None:
    """Raises Conflict for a built-in role and for one that somebody still carries."""
    if role.is_built_in:
        raise Conflict("Built-in roles stay", code="built_in")
    identity = role.pk
    try:
        with transaction.atomic():
            role.delete()
    except ProtectedError as error:
        raise Conflict("People or groups still carry this role", code="in_use") from error
    publish(RoleChanged(role_id=identity, by=by.pk))
