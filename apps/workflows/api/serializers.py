"""Bodies of workflows."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from apps.workflows.api.fields import (
    DependenciesSerializer,
    JsonObjectField,
    NodeProblemSerializer,
    SchemaSerializer,
)
from apps.workflows.models import Workflow, WorkflowVersion
from apps.workflows.services.saving import Saved
from apps.workspaces.api.fields import ResourceSerializer, ResourceWriteSerializer
from apps.workspaces.models.resource import NAME_LENGTH


class WorkflowSummarySerializer(ResourceSerializer):
    """A workflow in lists: without its diagram."""

    job_id = serializers.UUIDField()
    version = serializers.IntegerField(help_text="Grows with every change of diagram or parameters")
    node_count = serializers.IntegerField()
    updated_by = serializers.UUIDField(source="updated_by_id", allow_null=True)
    on_failure_workflow_id = serializers.UUIDField(allow_null=True, help_text="Started when a run of this one fails")


class WorkflowSerializer(WorkflowSummarySerializer):
    workflow_diagram = JsonObjectField(read_only=True)
    parameters = JsonObjectField(read_only=True)


class SavedWorkflowSerializer(WorkflowSerializer):
    dependencies = DependenciesSerializer()
    problems = NodeProblemSerializer(many=True)


def workflow_body(workflow: Workflow, version: WorkflowVersion) -> dict[str, Any]:
    """A WorkflowSerializer's output; the diagram is handed through as it is."""
    summary = WorkflowSummarySerializer(workflow).data
    return {**summary, "workflow_diagram": version.diagram, "parameters": version.parameters}


def saved_body(saved: Saved) -> dict[str, Any]:
    """A SavedWorkflowSerializer's output."""
    return {
        **workflow_body(saved.workflow, saved.version),
        "dependencies": saved.analysis.dependencies,
        "problems": [problem.as_json() for problem in saved.analysis.problems],
    }


ON_FAILURE_HELP = (
    "The workflow to start when a run of this one fails, with the parameters execution_id, workflow_id and error; "
    "one needs execute on it"
)


class WorkflowCreateSerializer(ResourceWriteSerializer):
    on_failure_workflow_id = serializers.UUIDField(required=False, allow_null=True, help_text=ON_FAILURE_HELP)
    workflow_diagram = JsonObjectField()
    parameters = JsonObjectField(required=False)


class WorkflowPatchSerializer(ResourceWriteSerializer):
    on_failure_workflow_id = serializers.UUIDField(required=False, allow_null=True, help_text=ON_FAILURE_HELP)
    workflow_diagram = JsonObjectField(required=False)
    parameters = JsonObjectField(required=False)
    version = serializers.IntegerField(
        required=False,
        min_value=0,
        max_value=2**31 - 1,
        help_text="The version that was changed; 409 `version_conflict` if it is not the current one",
    )


class WorkflowCopySerializer(serializers.Serializer[Any]):
    name = serializers.CharField(required=False, max_length=NAME_LENGTH)
    job_id = serializers.UUIDField(required=False, help_text="Where to; by default beside the original")


class ValidateSerializer(serializers.Serializer[Any]):
    workflow_diagram = JsonObjectField()
    parameters = JsonObjectField(required=False)


class ValidationSerializer(serializers.Serializer[Any]):
    problems = NodeProblemSerializer(many=True)
    dependencies = DependenciesSerializer()
    schema = SchemaSerializer()
