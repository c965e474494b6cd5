"""Rows of object permissions: guardian's models with UUID keys and our groups."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from guardian.models.models import GroupObjectPermissionAbstract, UserObjectPermissionAbstract

from apps.kernel.ids import new_id


class UserGrant(UserObjectPermissionAbstract):
    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)
    granted_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")

    class Meta(UserObjectPermissionAbstract.Meta):
        abstract = False
        indexes = [
            models.Index(fields=["content_type", "object_pk"], name="user_grants_of_object"),
        ]


class GroupGrant(GroupObjectPermissionAbstract):
    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    group = models.ForeignKey(  # type: ignore[assignment]
        "accounts.Group", on_delete=models.CASCADE
    )
    created_at = models.DateTimeField(auto_now_add=True)
    granted_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")

    class Meta(GroupObjectPermissionAbstract.Meta):
        abstract = False
        indexes = [
            models.Index(fields=["content_type", "object_pk"], name="group_grants_of_object"),
        ]
