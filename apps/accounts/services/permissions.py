"""Granting and revoking on objects."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib.auth.models import Permission
from django.contrib.contenttypes.models import ContentType
from django.db import transaction
from django.db.models import Model

from apps.accounts import access
from apps.accounts.core.levels import Level
from apps.accounts.events import PermissionGranted, PermissionRevoked
from apps.accounts.models import Group, GroupGrant, User, UserGrant
from apps.kernel.events import publish


def permission_row(kind: access.ObjectKind, level: Level) -> Permission:
    """guardian's permission for a level on a kind of object, in the current schema."""
    content_type = ContentType.objects.get_for_model(kind.model, for_concrete_model=False)
    permission, _ = Permission.objects.get_or_create(
        content_type=content_type,
        codename=f"{level}_{kind.name}",
        defaults={"name": f"Can {level} {kind.name.replace('_', ' ')}"},
    )
    return permission


@transaction.atomic
def grant(*, obj: Model, to: User | Group, level: Level, by: User | None = None) -> UserGrant | GroupGrant:
    """Give a person or a group the level on an object; giving it twice changes nothing."""
    kind = access.kind_of(obj)
    permission = permission_row(kind, level)
    row: UserGrant | GroupGrant
    on = {"permission": permission, "content_type": permission.content_type, "object_pk": str(obj.pk)}
    if isinstance(to, Group):
        row, made = GroupGrant.objects.get_or_create(group=to, **on, defaults={"granted_by": by})
    else:
        row, made = UserGrant.objects.get_or_create(user=to, **on, defaults={"granted_by": by})
    access.forget_remembered()
    if made:
        publish(
            PermissionGranted(
                permission_id=row.pk,
                object_type=kind.name,
                object_id=obj.pk,
                level=level,
                user_id=to.pk if isinstance(to, User) else None,
                group_id=to.pk if isinstance(to, Group) else None,
                by=by.pk if by else None,
            )
        )
    return row


@transaction.atomic
def revoke(*, grant: UserGrant | GroupGrant, by: User | None = None) -> None:
    """Take a grant back."""
    level, _, kind_name = grant.permission.codename.partition("_")
    event = PermissionRevoked(
        permission_id=grant.pk,
        object_type=kind_name,
        object_id=UUID(grant.object_pk),
        level=level,
        user_id=grant.user_id if isinstance(grant, UserGrant) else None,
        group_id=grant.group_id if isinstance(grant, GroupGrant) else None,
        by=by.pk if by else None,
    )
    grant.delete()
    access.forget_remembered()
    publish(event)


def grant_by_role(*, obj: Model, to: User, by: User | None = None) -> list[UserGrant | GroupGrant]:
    """Give a person the levels of their role on an object; nothing for a person without a role."""
    levels = to.role.levels if to.role else []
    return [grant(obj=obj, to=to, level=Level(level), by=by) for level in levels]


def forget_grants_of(sender: type[Model], instance: Model, **_: Any) -> None:
    """An object is deleted for good: its grants go with it (THREATS 15)."""
    content_type = ContentType.objects.get_for_model(sender, for_concrete_model=False)
    for model in (UserGrant, GroupGrant):
        model.objects.filter(content_type=content_type, object_pk=str(instance.pk)).delete()
    access.forget_remembered()
