"""Serializers that all resources build on."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from apps.workspaces.models.resource import DESCRIPTION_LENGTH, NAME_LENGTH

RESOURCE_FIELDS = ("id", "name", "description", "created_at", "updated_at", "created_by")


class ResourceSerializer(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    name = serializers.CharField()
    description = serializers.CharField(allow_blank=True)
    created_at = serializers.DateTimeField()
    updated_at = serializers.DateTimeField()
    created_by = serializers.UUIDField(source="created_by_id", allow_null=True)


class ResourceWriteSerializer(serializers.Serializer[Any]):
    name = serializers.CharField(max_length=NAME_LENGTH)
    description = serializers.CharField(allow_blank=True, required=False, max_length=DESCRIPTION_LENGTH)


class MoveSerializer(serializers.Serializer[Any]):
    parent_id = serializers.UUIDField(help_text="What it moves into")
