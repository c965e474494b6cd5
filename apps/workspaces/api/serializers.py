"""Bodies of workspaces, folders, jobs, job packages."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from apps.workspaces.api.fields import ResourceSerializer, ResourceWriteSerializer
from apps.workspaces.core.running import Mode, OnFailure
from apps.workspaces.models import JobPackage

MODES = [each.value for each in Mode]
ON_FAILURE = [each.value for each in OnFailure]


class WorkspaceSerializer(ResourceSerializer):
    pass


class WorkspaceWriteSerializer(ResourceWriteSerializer):
    pass


class FolderSerializer(ResourceSerializer):
    workspace_id = serializers.UUIDField()
    parent_id = serializers.UUIDField(allow_null=True, help_text="The folder it lies in; null at the top")


class FolderWriteSerializer(ResourceWriteSerializer):
    pass


class FolderCreateSerializer(FolderWriteSerializer):
    parent_id = serializers.UUIDField(required=False, allow_null=True, help_text="Null or left out: at the top")


class FolderMoveSerializer(serializers.Serializer[Any]):
    parent_id = serializers.UUIDField(
        allow_null=True, help_text="A folder, or a workspace for its top; null: the top of its own workspace"
    )


class RunningSerializer(serializers.Serializer[Any]):
    mode = serializers.ChoiceField(MODES, help_text="One after the other, or side by side")
    on_failure = serializers.ChoiceField(
        ON_FAILURE, help_text="Whether those that have not begun still run when one fails"
    )


class RunningWriteSerializer(serializers.Serializer[Any]):
    mode = serializers.ChoiceField(MODES, required=False)
    on_failure = serializers.ChoiceField(ON_FAILURE, required=False)


class JobSerializer(RunningSerializer, ResourceSerializer):
    folder_id = serializers.UUIDField()
    workflow_order = serializers.ListField(child=serializers.UUIDField())


class JobWriteSerializer(RunningWriteSerializer, ResourceWriteSerializer):
    workflow_order = serializers.ListField(
        child=serializers.UUIDField(),
        required=False,
        max_length=1000,
        help_text="Workflows that run first, in this order; the others follow by age",
    )


class JobPackageSerializer(RunningSerializer, ResourceSerializer):
    """`context["jobs"]`: package's id → ids of the jobs that the viewer may read."""

    workspace_id = serializers.UUIDField()
    job_ids = serializers.SerializerMethodField()

    @extend_schema_field(serializers.ListField(child=serializers.UUIDField()))
    def get_job_ids(self, package: JobPackage) -> list[UUID]:
        jobs: dict[UUID, list[UUID]] = self.context["jobs"]
        return jobs[package.pk]


class JobPackageWriteSerializer(RunningWriteSerializer, ResourceWriteSerializer):
    job_ids = serializers.ListField(
        child=serializers.UUIDField(), required=False, max_length=1000, help_text="Jobs of this workspace, in order"
    )
